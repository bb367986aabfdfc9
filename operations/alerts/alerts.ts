import { AleoError } from "../../aleo/errors.ts";
import { formatCredits } from "../../aleo/network.ts";
import { durationMs, durationText } from "../../monitor/rule/duration.ts";
import { readRules } from "../../monitor/rule/rule-file.ts";
import { type Environment, monitorSettings } from "../../monitor/settings.ts";
import type { Alert } from "../../monitor/store/alert-store.ts";
import type { Summary } from "../../monitor/summary.ts";
import type { Settings } from "../../settings.ts";
import type { Answer } from "../command-line.ts";
import { exitCode } from "../exit-code.ts";
import { askMonitor } from "../monitor/ask.ts";
import { formatAge, formatMoment, plural, table } from "../text.ts";

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
 * Sends an alert that is marked as a test through every route, and resolves it at once: the monitor's
 * own routes where one is asked over HTTP, else those of the environment.
 * @throws ControlError for a rule that is not in the file, or where no receiver is set
 */
export async function testAlert(
  network: Network,
  environment: Environment,
  rule: string,
): Promise<Answer> {
  const { notices, isKept } = await askMonitor(network, environment, "test", { rule });
  const isBad = notices.some(({ outcome }) => outcome === "refused" || outcome === "failed");
  const rows = notices.map(({ route, action, outcome, problem = "" }) => [
    ...[route, action, outcome, problem],
  ]);
  const unkept = isKept
    ? ""
    : "\n\nThe audit won't know of it: there is no monitor's database here.";
  return {
    document: notices,
    text: `${table(["Route", "Notice", "Outcome", ""], rows)}${unkept}`,
    code: isBad ? exitCode.failed : exitCode.ok,
  };
}

/**
 * What happened lately.
 * @param last a time span such as `24h`
 * @throws as `askMonitor` does; so do the others below
 */
export async function alertSummary(
  network: Network,
  environment: Environment,
  last: string,
): Promise<Answer> {
  const summary = await askMonitor(network, environment, "summary", { lastMs: durationMs(last) });
  return { document: summary, text: summaryText(summary, last) };
}

/** The open alerts, those that have not lasted long enough to fire included. */
export async function openAlerts(network: Network, environment: Environment): Promise<Answer> {
  const alerts = await askMonitor(network, environment, "open-alerts", {});
  return { document: alerts, text: alertsText(alerts, "Nothing is open.") };
}

/** @throws ControlError where it is not firing */
export async function acknowledge(
  network: Network,
  environment: Environment,
  id: number,
  by: string,
): Promise<Answer> {
  const alert = await askMonitor(network, environment, "acknowledge", { id, by });
  return { document: alert, text: `Alert ${id} is acknowledged by ${by}.` };
}

/**
 * Keeps a rule from telling anybody, for a time and with a reason; what fires is kept all the same.
 * @throws ControlError for a rule that is not in the file
 */
export async function silence(
  network: Network,
  environment: Environment,
  { rule, subject, last, reason }: { rule: string; subject?: string; last: string; reason: string },
): Promise<Answer> {
  const { id, endsAt } = await askMonitor(network, environment, "silence", {
    ...{ rule, subject, reason, lastMs: durationMs(last) },
  });
  const of = subject === undefined ? rule : `${rule} of ${subject}`;
  return {
    document: {
      ...{ id, rule, subject: subject ?? null, reason },
      endsAt: new Date(endsAt).toISOString(),
    },
    text: `${of} is silent until ${formatMoment(endsAt)} (silence ${id}).`,
  };
}

/** @throws ControlError where there is none that still holds */
export async function endSilence(
  network: Network,
  environment: Environment,
  id: number,
): Promise<Answer> {
  const ended = await askMonitor(network, environment, "unsilence", { id });
  return { document: ended, text: `Silence ${id} has ended.` };
}

export async function listSilences(network: Network, environment: Environment): Promise<Answer> {
  const silences = await askMonitor(network, environment, "silences", {});
  const rows = silences.map(({ id, rule, subject, endsAt, reason }) => [
    String(id),
    rule,
    subject ?? "any",
    formatMoment(endsAt),
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
 * Accepts a program (or `consensus-version`) as it stands on chain, so that its change is told of no more.
 * @throws ControlError for a program that the monitor has not seen
 */
export async function accept(
  network: Network,
  environment: Environment,
  subject: string,
): Promise<Answer> {
  const { found } = await askMonitor(network, environment, "accept", { subject });
  return {
    document: { [subject]: found },
    text: `${subject} is accepted as it stands: ${asWords(found)}.`,
  };
}

/** What a probe read, which is JSON where it is more than one value. */
function asWords(found: string): string {
  if (!found.startsWith("{")) return found;
  return Object.entries(JSON.parse(found) as Record<string, unknown>)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(", ");
}

function alertsText(alerts: readonly Alert[], none: string): string {
  if (alerts.length === 0) return none;
  const rows = alerts.map((alert) => [
    String(alert.id),
    alert.severity,
    alert.status,
    alert.rule,
    alert.subject,
    formatMoment(alert.firedAt ?? alert.since),
    alert.summary,
  ]);
  const shown = table(["Id", "Severity", "Status", "Rule", "Subject", "Since", "What"], rows);
  return alerts.some(({ status }) => status === "pending")
    ? `${shown}\nPending: it does not last as long yet as its rule asks for (\`for\`), and nobody was told.`
    : shown;
}

function summaryText(summary: Summary, last: string): string {
  const { network, height, alerts, transactions, recipients, notices } = summary;
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
    `${plural(alerts.length, "alert")}, ${open} still open${longest}; ${plural(waiting, "notice")} ${waiting === 1 ? "waits" : "wait"} to be sent`,
    alertsText(alerts, "No alert."),
    rows.length === 0
      ? "No transaction of a watched program."
      : table(["Program", "Function", "Status", "Count", "Fees"], rows),
    ...(recipients.length === 0 ? [] : [recipientsText(recipients)]),
  ].join("\n\n");
}

function recipientsText(recipients: Summary["recipients"]): string {
  const rows = recipients.map(({ program, account, times, microcredits }) => [
    account ?? "private records",
    program,
    String(times),
    formatCredits(BigInt(microcredits)),
  ]);
  return table(["Who got credits", "From", "Times", "Credits"], rows);
}
