import type { Severity } from "../../../monitor/alert/severity.ts";
import type { Summary } from "../../../monitor/summary.ts";
import type { Environment, Settings } from "../../../settings.ts";
import { alertSummary } from "../../alerts/alerts.ts";
import { formatAge, plural } from "../../text.ts";
import { type Line, type Section, unseenFor, type Verdict } from "../report.ts";

type Alert = Summary["alerts"][number];

/** The alerts of the last time, from MONITOR_URL or the monitor's database. */
export async function alertsSection(
  { network }: Pick<Settings, "network">,
  environment: Environment,
  last: string,
): Promise<Section> {
  const title = `Alerts of the last ${last}`;
  let summary: Summary;
  try {
    summary = (await alertSummary(network, environment, last)).document as Summary;
  } catch (error) {
    return { title, lines: [unseenFor("alerts", error)] };
  }
  const { alerts, notices } = summary;
  const none: Line = { subject: "alerts", verdict: "good", finding: "none" };
  return {
    title,
    lines: [...(alerts.length === 0 ? [none] : alerts.map(alertLine)), ...noticeLines(notices)],
  };
}

function alertLine(alert: Alert): Line {
  const { rule, subject, severity, status, summary, runbook } = alert;
  const isOver = status === "resolved";
  const what = `${severity}, ${status}${lasting(alert)}: ${summary}`;
  return {
    subject: `${rule} ${subject}`,
    verdict: isOver ? "notice" : verdictOf(severity),
    finding: what,
    ...(isOver
      ? {}
      : {
          remedy: `${runbook ?? "See `aleo-ops alerts list`"}; then \`aleo-ops alerts acknowledge ${alert.id} --by NAME\`.`,
        }),
  };
}

function lasting({ firedAt, resolvedAt }: Alert): string {
  if (firedAt === undefined) return "";
  return resolvedAt === undefined
    ? ` for ${formatAge(Date.now() - firedAt)}`
    : ` after ${formatAge(resolvedAt - firedAt)}`;
}

function verdictOf(severity: Severity): Verdict {
  return severity === "low" ? "notice" : "bad";
}

function noticeLines(notices: Summary["notices"]): Line[] {
  const count = (wanted: string) =>
    notices.reduce((sum, one) => (one.outcome === wanted ? sum + one.count : sum), 0);
  const [waiting, refused] = [count("waiting"), count("refused")];
  const lines: Line[] = [];
  if (waiting > 0) {
    lines.push({
      subject: "notices",
      verdict: "notice",
      finding: `${plural(waiting, "notice")} wait to be sent`,
      remedy: "Where that stays so, a receiver is away: see the monitor's log.",
    });
  }
  if (refused > 0) {
    lines.push({
      subject: "notices",
      verdict: "bad",
      finding: `${plural(refused, "notice")} were refused for good: nobody was told`,
      remedy: "A routing key or a webhook is wrong: `aleo-ops alerts test RULE` shows which.",
    });
  }
  return lines;
}
