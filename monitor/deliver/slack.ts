import type { Notice } from "../alert/notices.ts";
import { post } from "./post.ts";
import type { Route } from "./route.ts";

const marks = {
  critical: ":red_circle:",
  high: ":large_orange_circle:",
  medium: ":large_yellow_circle:",
  low: ":white_circle:",
} as const;
const headings = { trigger: "", acknowledge: "acknowledged: ", resolve: "resolved: " } as const;

/** A channel of Slack, through an incoming webhook. */
export function slack(webhook: string): Route {
  return {
    name: "slack",
    takes: () => true,
    send: (notice) => post(webhook, JSON.stringify({ text: textOf(notice) })),
  };
}

const fence = "```";

function textOf(notice: Notice): string {
  const { action, severity, network, rule, summary, runbook, details = "", test } = notice;
  const mark = action === "resolve" ? ":white_check_mark:" : marks[severity];
  const lines = [
    `${mark} ${test ? "TEST, nothing is wrong: " : ""}${headings[action]}*${severity}* ${rule} on ${network}`,
    summary,
    ...(runbook === undefined || action !== "trigger" ? [] : [`What to do: ${runbook}`]),
    ...(details === "" ? [] : [`${fence}\n${details.replaceAll(fence, "")}\n${fence}`]),
  ];
  return lines.map(escaped).join("\n");
}

/** https://docs.slack.dev/messaging/formatting-message-text#escaping */
function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
