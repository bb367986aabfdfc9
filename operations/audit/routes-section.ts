import { severities } from "../../monitor/alert/severity.ts";
import type { Route } from "../../monitor/deliver/route.ts";
import { routesOf } from "../../monitor/settings.ts";
import type { Environment, Settings } from "../../settings.ts";
import { monitorSource } from "../look/transaction-source.ts";
import { type Line, type Section, unseen, unseenFor } from "../report/report.ts";
import { formatAge } from "../text.ts";

/** Whether each severity reaches somebody, and when each way was last seen to work. */
export function routesSection(
  settings: Pick<Settings, "network" | "programs">,
  environment: Environment,
): Section {
  const title = "Ways to the people";
  try {
    const routes = routesOf(environment, Date.now);
    return {
      title,
      lines:
        routes.length === 0
          ? [
              unseen(
                "receivers",
                "none is set in this environment",
                "Run it where the monitor runs, with its PAGERDUTY_KEY_… and ALERT_WEBHOOK….",
              ),
            ]
          : [...severityLines(routes), ...deliveryLines(settings, environment, routes)],
    };
  } catch (error) {
    return { title, lines: [unseenFor("receivers", error)] };
  }
}

export function severityLines(routes: readonly Pick<Route, "name" | "takes">[]): Line[] {
  return severities.map((severity): Line => {
    const names = routes.filter((route) => route.takes(severity)).map(({ name }) => name);
    if (names.length > 0) {
      return { subject: severity, verdict: "good", finding: `is told to ${names.join(", ")}` };
    }
    return {
      subject: severity,
      verdict: severity === "low" ? "notice" : "bad",
      finding: "is told to nobody",
      remedy: `Set PAGERDUTY_KEY_${severity.toUpperCase()}, or a webhook.`,
    };
  });
}

const testedWithinMs = 31 * 86_400_000;

function deliveryLines(
  { network, programs }: Pick<Settings, "network" | "programs">,
  environment: Environment,
  routes: readonly Route[],
): Line[] {
  const ids = programs.map(({ program }) => program);
  const source = monitorSource(network, environment, ids, 0);
  if (source === undefined) {
    return [
      unseen(
        "deliveries",
        "there is no monitor's database",
        "Run it where the monitor runs, or name its database in MONITOR_DATABASE.",
      ),
    ];
  }
  try {
    const sent = source.store.database.all(
      "SELECT route, max(done_at) AS last FROM outbox WHERE outcome = 'sent' GROUP BY route",
    );
    return routes.map(({ name }): Line => {
      const last = sent.find(({ route }) => route === name)?.last;
      const age = typeof last === "number" ? Date.now() - last : Infinity;
      return age <= testedWithinMs
        ? { subject: name, verdict: "good", finding: `took a notice ${formatAge(age)} ago` }
        : {
            subject: name,
            verdict: "notice",
            finding: "was not seen to take a notice within a month",
            remedy: "Test it: `aleo-ops alerts test paused`.",
          };
    });
  } finally {
    source.close();
  }
}
