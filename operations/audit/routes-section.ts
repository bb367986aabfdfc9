import type { ResultOf } from "../../monitor/control/actions.ts";
import type { Way } from "../../monitor/control/ways.ts";
import { routingKeyVariable } from "../../monitor/deliver/pagerduty.ts";
import type { Environment, Settings } from "../../settings.ts";
import { askMonitor } from "../monitor/ask.ts";
import { type Line, type Section, unseen, unseenFor } from "../report/report.ts";
import { formatAge } from "../text.ts";

/** Whether each severity reaches somebody, and when each way was last seen to work. */
export async function routesSection(
  { network }: Pick<Settings, "network">,
  environment: Environment,
): Promise<Section> {
  const title = "Ways to the people";
  try {
    const { told, ways, isKept } = await askMonitor(network, environment, "ways", {});
    return {
      title,
      lines:
        ways.length === 0
          ? [
              unseen(
                "receivers",
                "none is set in this environment",
                "Run it with MONITOR_URL, or where the monitor runs with its PAGERDUTY_KEY_… and ALERT_WEBHOOK….",
              ),
            ]
          : [
              ...told.map(severityLine),
              ...(isKept ? ways.map((way) => wayLine(way, Date.now())) : [unknownDeliveries]),
            ],
    };
  } catch (error) {
    return { title, lines: [unseenFor("receivers", error)] };
  }
}

const unknownDeliveries = unseen(
  "deliveries",
  "there is no monitor's database",
  "Run it with MONITOR_URL, or name the monitor's database in MONITOR_DATABASE.",
);

function severityLine({ severity, to }: ResultOf<"ways">["told"][number]): Line {
  if (to.length > 0) {
    return { subject: severity, verdict: "good", finding: `is told to ${to.join(", ")}` };
  }
  return {
    subject: severity,
    verdict: severity === "low" ? "notice" : "bad",
    finding: "is told to nobody",
    remedy: `Set ${routingKeyVariable(severity)}, or a webhook.`,
  };
}

const testedWithinMs = 31 * 86_400_000;

function wayLine({ route, severity, tookAt, trouble, rule }: Way, now: number): Line {
  const subject = severity === undefined ? route : `${route} ${severity}`;
  const test = `\`aleo-ops alerts test ${rule ?? "RULE"}\``;
  if (trouble !== undefined) {
    return {
      ...{ subject, verdict: "bad" },
      finding: `did not take a test ${formatAge(now - trouble.time)} ago: ${trouble.problem}`,
      remedy: `Correct its key or address, then test it again: ${test}.`,
    };
  }
  if (tookAt !== undefined && now - tookAt <= testedWithinMs) {
    return { subject, verdict: "good", finding: `took a notice ${formatAge(now - tookAt)} ago` };
  }
  return {
    ...{ subject, verdict: "notice" },
    finding: "was not seen to take a notice within a month",
    remedy: `Test it: ${test}.`,
  };
}
