import type { Notice } from "../alert/notices.ts";
import type { Severity } from "../alert/severity.ts";
import { post } from "./post.ts";
import type { Route } from "./route.ts";

/** The routing key of each severity's service; a severity without one is not told to PagerDuty. */
export type RoutingKeys = Readonly<Partial<Record<Severity, string>>>;

/** The environment variable that holds the routing key of a severity. */
export function routingKeyVariable(severity: Severity): string {
  return `PAGERDUTY_KEY_${severity.toUpperCase()}`;
}

/** PagerDuty's words: https://developer.pagerduty.com/docs/send-alert-event */
const words = { critical: "critical", high: "error", medium: "warning", low: "info" } as const;
const longestSummary = 1_024;

/** PagerDuty through its Events API v2. */
export function pagerDuty(eventsUrl: string, keys: RoutingKeys): Route {
  return {
    name: "pagerduty",
    isPerSeverity: true,
    takes: (severity) => keys[severity] !== undefined,
    send: async (notice) => {
      const { severity } = notice;
      const outcome = await post(eventsUrl, JSON.stringify(eventOf(notice, keys[severity] ?? "")));
      if (outcome.kind !== "refused") return outcome;
      const problem = `${outcome.problem} (with the routing key of ${routingKeyVariable(severity)})`;
      return { ...outcome, problem };
    },
  };
}

function eventOf(notice: Notice, routingKey: string): Record<string, unknown> {
  const { action, dedupKey, severity, subject, network, rule, value, height, time } = notice;
  const summary = `${notice.test ? "TEST, nothing is wrong: " : ""}${notice.summary}`;
  return {
    routing_key: routingKey,
    event_action: action,
    dedup_key: dedupKey,
    ...(action !== "trigger"
      ? {}
      : {
          client: "aleo-ops",
          payload: {
            summary: shorten(summary),
            source: `aleo-ops ${network}`,
            severity: words[severity],
            timestamp: time,
            component: subject,
            group: network,
            class: rule,
            custom_details: {
              rule,
              subject,
              value,
              height,
              severity,
              ...(notice.runbook === undefined ? {} : { runbook: notice.runbook }),
              ...(notice.details === undefined ? {} : { details: notice.details }),
            },
          },
          ...(isUrl(notice.runbook) ? { links: [{ href: notice.runbook, text: "Runbook" }] } : {}),
        }),
  };
}

function shorten(text: string): string {
  return text.length > longestSummary ? `${text.slice(0, longestSummary - 1)}…` : text;
}

function isUrl(text: string | undefined): boolean {
  return text !== undefined && /^https?:\/\//.test(text);
}
