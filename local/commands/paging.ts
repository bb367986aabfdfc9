import { LocalError, messageOf } from "../errors.ts";
import { redact } from "../redact.ts";
import { type DriftReport, pageSummary, severities, type Severity } from "./drift-report.ts";

/** PagerDuty's Events API v2, and the routing key of each severity's service. */
export interface Paging {
  readonly url: string;
  readonly keys: Readonly<Partial<Record<Severity, string>>>;
}

/** The same variables as the monitor's: PAGERDUTY_KEY_CRITICAL … _LOW, PAGERDUTY_EVENTS_URL. */
export function pagingOf(env: NodeJS.ProcessEnv): Paging {
  const { PAGERDUTY_EVENTS_URL: url = "" } = env;
  const keys = severities.flatMap((severity) => {
    const key = env[`PAGERDUTY_KEY_${severity.toUpperCase()}`] ?? "";
    return key === "" ? [] : [[severity, key] as const];
  });
  return {
    // A workflow hands over a variable that is not set as an empty one.
    url: url === "" ? "https://events.pagerduty.com/v2/enqueue" : url,
    keys: Object.fromEntries(keys),
  };
}

/** PagerDuty's words: https://developer.pagerduty.com/docs/send-alert-event */
const words = { critical: "critical", high: "error", medium: "warning", low: "info" } as const;
const longestSummary = 1_024;

/**
 * Pages by the severity of what a drift check found, and resolves what it found no more: a check that
 * is broken leaves pages of drift alone. A severity without a key is not paged.
 * @throws LocalError when PagerDuty does not take an event
 */
export async function pageFor(
  report: DriftReport,
  { url, keys }: Paging,
  runUrl: string | undefined,
): Promise<void> {
  const kinds = ["drift", "broken"] as const;
  for (const severity of severities) {
    const key = keys[severity];
    if (key === undefined) continue;
    for (const kind of kinds) {
      const dedupKey = `aleo-ops/${kind}/${report.stack}`;
      if (report.kind === kind && report.severity === severity) {
        await send(url, {
          routing_key: key,
          event_action: "trigger",
          dedup_key: dedupKey,
          client: "aleo-ops",
          payload: {
            summary: redact(pageSummary(report)).slice(0, longestSummary),
            source: `aleo-ops ${report.stack}`,
            severity: words[severity],
            group: report.stack,
            class: kind,
          },
          ...(runUrl !== undefined && { links: [{ href: runUrl, text: "The drift check" }] }),
        });
      } else if (report.kind !== "broken" || kind === "broken") {
        await send(url, { routing_key: key, event_action: "resolve", dedup_key: dedupKey });
      }
    }
  }
}

const answerMs = 30_000;

async function send(url: string, event: object): Promise<void> {
  let problem: string;
  try {
    const answer = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(event),
      signal: AbortSignal.timeout(answerMs),
    });
    if (answer.ok) return;
    problem = `${answer.status} ${(await answer.text()).slice(0, 500)}`;
  } catch (error) {
    problem = `no answer (${messageOf(error)})`;
  }
  throw new LocalError(`PagerDuty at ${url} did not take an event: ${problem}.`, {
    remedy:
      "Look at the keys PAGERDUTY_KEY_… of the workflow, and at https://status.pagerduty.com. The issue is written all the same.",
  });
}
