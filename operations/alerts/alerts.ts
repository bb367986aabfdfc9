import { request } from "undici";
import { AleoError } from "../../aleo/errors.ts";
import { formatCredits } from "../../aleo/network.ts";
import { MonitorSettingError } from "../../monitor/errors.ts";
import { durationMs, durationText } from "../../monitor/rule/duration.ts";
import { readRules, type Rule } from "../../monitor/rule/rule-file.ts";
import { type Environment, monitorSettings, routesOf } from "../../monitor/settings.ts";
import type { Alert } from "../../monitor/store/alert-store.ts";
import { withMonitorStore } from "../monitor/database.ts";
import { type Summary, summarize } from "../../monitor/summary.ts";
import { probeName } from "../../monitor/watch/probe.ts";
import { nearest } from "../../aleo/program/id.ts";
import type { Settings } from "../../settings.ts";
import type { Answer } from "../command-line.ts";
import { exitCode } from "../exit-code.ts";
import { formatAge, table } from "../text.ts";

export class AlertError extends AleoError {}

type Network = Settings["network"];

/**
 * Reads a network's file of rules as the monitor would.
 * @throws RuleFileError for the first thing that is wrong, with its line
 */
export function checkRules(network: Network, environment: Environment, file?: string): Answer {
  const path = file ?? monitorSettings(network, environment).rulesFile;
  const rules = readRules(path);
  const rows = rules.map((rule) => [
    rule.id,
    rule.kind,
    rule.severity,
    durationText(rule.for),
    durationText(rule.resolveAfter),
  ]);
  const header = ["Rule", "Kind", "Severity", "For", "Resolved after"];
  return {
    document: rules.map(({ id, kind, severity }) => ({ id, kind, severity })),
    text: `${table(header, rows)}\n${path}: ${rules.length} rules, nothing wrong.`,
  };
}

/**
 * Sends an alert that is marked as a test through every route, and resolves it at once.
 * @throws AlertError for a rule that is not in the file, or where no receiver is set
 */
export async function testAlert(
  network: Network,
  environment: Environment,
  id: string,
): Promise<Answer> {
  const rule = ruleNamed(id, readRules(monitorSettings(network, environment).rulesFile));
  const routes = routesOf(environment, Date.now);
  if (routes.length === 0) {
    throw new AlertError("No receiver is set, so nobody can be told.", {
      remedy: "Set PAGERDUTY_KEY_CRITICAL … _LOW, ALERT_WEBHOOK, ALERT_WEBHOOK_URL or SMTP_URL.",
    });
  }
  const time = new Date().toISOString();
  const results: { route: string; action: string; outcome: string; problem?: string }[] = [];
  for (const route of routes) {
    if (!route.takes(rule.severity)) {
      const problem = `it takes no alert of the severity ${rule.severity}`;
      results.push({ route: route.name, action: "trigger", outcome: "not sent", problem });
      continue;
    }
    for (const action of ["trigger", "resolve"] as const) {
      const outcome = await route.send({
        ...{ action, network, rule: id, subject: "test", severity: rule.severity, time },
        dedupKey: `aleo-ops/${network}/test/${id}/${time}`,
        summary: `A test of the rule ${id}`,
        value: "none",
        height: 0,
        runbook: rule.runbook,
        test: true,
      });
      const problem = "problem" in outcome ? { problem: outcome.problem } : {};
      results.push({ route: route.name, action, outcome: outcome.kind, ...problem });
      if (outcome.kind !== "sent") break;
    }
  }
  const isBad = results.some(({ outcome }) => outcome === "refused" || outcome === "failed");
  const rows = results.map(({ route, action, outcome, problem = "" }) => [
    route,
    action,
    outcome,
    problem,
  ]);
  return {
    document: results,
    text: table(["Route", "Notice", "Outcome", ""], rows),
    code: isBad ? exitCode.failed : exitCode.ok,
  };
}

/**
 * What happened lately, from the monitor at MONITOR_URL where that is set, else from its database.
 * @param last a time span such as `24h`
 */
export async function alertSummary(
  network: Network,
  environment: Environment,
  last: string,
): Promise<Answer> {
  const url = environment.MONITOR_URL;
  const summary =
    url === undefined
      ? withMonitorStore(network, environment, (store) => {
          const now = Date.now();
          return summarize(store, network, now - durationMs(last), now);
        })
      : await fetchSummary(url, last);
  return { document: summary, text: summaryText(summary, last) };
}

/** The open alerts, those that have not lasted long enough to fire included. */
export function openAlerts(network: Network, environment: Environment): Answer {
  const alerts = withMonitorStore(network, environment, (store) => store.alerts.open());
  return { document: alerts, text: alertsText(alerts, "Nothing is open.") };
}

/** @throws AlertError where it is not firing */
export function acknowledge(
  network: Network,
  environment: Environment,
  id: number,
  by: string,
): Answer {
  return withMonitorStore(network, environment, (store) =>
    store.database.atomically(() => {
      if (!store.alerts.acknowledge(id, by)) {
        const alert = store.alerts.get(id);
        const state = alert === undefined ? "There is no such alert" : `It is ${alert.status}`;
        throw new AlertError(`Alert ${id} can't be acknowledged. ${state}.`, {
          remedy: "`aleo-ops alerts list` shows what is open.",
        });
      }
      store.alerts.record(id, Date.now(), "acknowledged", by);
      return { document: store.alerts.get(id), text: `Alert ${id} is acknowledged by ${by}.` };
    }),
  );
}

/**
 * Keeps a rule from telling anybody, for a time and with a reason; what fires is kept all the same.
 * @throws AlertError for a rule that is not in the file
 */
export function silence(
  network: Network,
  environment: Environment,
  { rule, subject, last, reason }: { rule: string; subject?: string; last: string; reason: string },
): Answer {
  ruleNamed(rule, readRules(monitorSettings(network, environment).rulesFile));
  const now = Date.now();
  const endsAt = now + durationMs(last);
  const id = withMonitorStore(network, environment, (store) =>
    store.alerts.silence({ rule, subject, reason, endsAt }, now),
  );
  const of = subject === undefined ? rule : `${rule} of ${subject}`;
  return {
    document: {
      id,
      rule,
      subject: subject ?? null,
      reason,
      endsAt: new Date(endsAt).toISOString(),
    },
    text: `${of} is silent until ${new Date(endsAt).toISOString()} (silence ${id}).`,
  };
}

/** @throws AlertError where there is none that still holds */
export function endSilence(network: Network, environment: Environment, id: number): Answer {
  const ended = withMonitorStore(network, environment, (store) =>
    store.alerts.endSilence(id, Date.now()),
  );
  if (!ended) {
    throw new AlertError(`There is no silence ${id} that still holds.`, {
      remedy: "`aleo-ops alerts silences` shows those that do.",
    });
  }
  return { document: { id }, text: `Silence ${id} has ended.` };
}

export function listSilences(network: Network, environment: Environment): Answer {
  const silences = withMonitorStore(network, environment, (store) =>
    store.alerts.silences(Date.now()),
  );
  const rows = silences.map(({ id, rule, subject, endsAt, reason }) => [
    String(id),
    rule,
    subject ?? "any",
    new Date(endsAt).toISOString(),
    reason,
  ]);
  return {
    document: silences,
    text:
      rows.length === 0
        ? "Nothing is silent."
        : table(["Id", "Rule", "Subject", "Until", "Reason"], rows),
  };
}

/**
 * Accepts a program as it stands on chain, so that `program-changed` tells no more of it.
 * @throws AlertError for a program that the monitor has not seen
 */
export function accept(network: Network, environment: Environment, program: string): Answer {
  return withMonitorStore(network, environment, ({ probes }) => {
    const name = probeName(
      program === "consensus-version"
        ? { kind: "consensus-version" }
        : { kind: "program", program },
    );
    const found = probes.get(name)?.value;
    if (found === undefined) {
      throw new AlertError(`The monitor has not seen ${program}.`, {
        remedy: "Check its id, and that a rule of the kind program-changed looks at it.",
      });
    }
    probes.setFact(`accepted:${name}`, found);
    return {
      document: { [program]: found },
      text: `${program} is accepted as it stands: ${found}`,
    };
  });
}

function ruleNamed(id: string, rules: readonly Rule[]): Rule {
  const rule = rules.find((one) => one.id === id);
  if (rule !== undefined) return rule;
  const known = rules.map((one) => one.id);
  const meant = nearest(id, known);
  throw new AlertError(`There is no rule "${id}".`, {
    remedy: `${meant === undefined ? "" : `Did you mean ${meant}? `}The rules are: ${known.join(", ")}.`,
  });
}

async function fetchSummary(url: string, last: string): Promise<Summary> {
  if (!URL.canParse(url)) {
    throw new MonitorSettingError(`MONITOR_URL is ${JSON.stringify(url)}, which is no URL.`, {
      remedy: "Set it to the monitor's address, such as http://127.0.0.1:8080.",
    });
  }
  try {
    const { statusCode, body } = await request(new URL(`/summary?last=${last}`, url), {
      signal: AbortSignal.timeout(10_000),
    });
    if (statusCode !== 200) throw new Error(`HTTP ${statusCode}, ${await body.text()}`);
    return (await body.json()) as Summary;
  } catch (error) {
    throw new AlertError(`The monitor at ${url} gives no summary: ${String(error)}.`, {
      remedy: "Check that it runs (/healthz) and that MONITOR_URL is its address.",
      cause: error,
    });
  }
}

function alertsText(alerts: readonly Alert[], none: string): string {
  if (alerts.length === 0) return none;
  const rows = alerts.map((alert) => [
    String(alert.id),
    alert.severity,
    alert.status,
    alert.rule,
    alert.subject,
    new Date(alert.firedAt ?? alert.since).toISOString(),
    alert.summary,
  ]);
  return table(["Id", "Severity", "Status", "Rule", "Subject", "Since", "What"], rows);
}

function summaryText(summary: Summary, last: string): string {
  const { network, height, alerts, transactions, notices } = summary;
  const rows = transactions.map((row) => [
    row.program,
    row.function === "" ? row.kind : row.function,
    row.status,
    String(row.count),
    formatCredits(BigInt(row.fees)),
  ]);
  const open = alerts.filter(({ status }) => status !== "resolved").length;
  const waiting = notices
    .filter(({ outcome }) => outcome === "waiting")
    .reduce((sum, { count }) => sum + count, 0);
  const stays = alerts
    .filter(({ resolvedAt }) => resolvedAt !== undefined)
    .map(({ firedAt = 0, resolvedAt = 0 }) => resolvedAt - firedAt);
  const longest = stays.length === 0 ? "" : `, the longest for ${formatAge(Math.max(...stays))}`;
  return [
    `${network}, the last ${last}, up to block ${String(height)}`,
    `${alerts.length} alerts, ${open} still open${longest}; ${waiting} notices wait to be sent`,
    alertsText(alerts, "No alert."),
    rows.length === 0
      ? "No transaction of a watched program."
      : table(["Program", "Function", "Status", "Count", "Fees"], rows),
  ].join("\n\n");
}
