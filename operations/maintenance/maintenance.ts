import { given } from "../../aleo/environment.ts";
import { AleoError } from "../../aleo/errors.ts";
import { type Severity, severities } from "../../monitor/alert/severity.ts";
import { durationMs } from "../../monitor/rule/duration.ts";
import type { Environment, EscalationSettings, Settings } from "../../settings.ts";
import { exitCode, type ExitCode } from "../exit-code.ts";
import { askMonitor } from "../monitor/ask.ts";
import { PagerDutyApi } from "../pager-duty-api.ts";
import { formatMoment, plural } from "../text.ts";
import { MaintenanceWindows } from "./pager-duty.ts";

class MaintenanceError extends AleoError {}

type Where = Pick<Settings, "network" | "escalation" | "services">;

/** What was done in one place. */
export interface MaintenancePart {
  readonly place: "monitor" | "pagerduty";
  readonly outcome: "done" | "unchanged" | "not here" | "failed";
  readonly finding: string;
  readonly remedy?: string;
}

export interface MaintenanceOptions {
  /** A time span such as `2h`. */
  readonly last: string;
  readonly reason: string;
  /** Whether critical alerts are kept back as well. */
  readonly critical: boolean;
}

/**
 * Keeps alerts from paging anybody for a time: the monitor's rules are silenced, and PagerDuty's
 * services get a maintenance window. Critical alerts go on paging unless they are named: a theft
 * does not wait for the end of a maintenance. What fires meanwhile is kept, and told at the end if
 * it still fires. A maintenance that is on is left as it is.
 */
export async function startMaintenance(
  where: Where,
  environment: Environment,
  options: MaintenanceOptions,
  now = new Date(),
): Promise<MaintenancePart[]> {
  const quiet = severities.filter((severity) => options.critical || severity !== "critical");
  return Promise.all([
    attempt("monitor", () => silence(where, environment, options, quiet)),
    attempt("pagerduty", () => openWindow(where, environment, options, quiet, now)),
  ]);
}

/** Ends a maintenance before its time. */
export async function endMaintenance(
  where: Where,
  environment: Environment,
  now = new Date(),
): Promise<MaintenancePart[]> {
  return Promise.all([
    attempt("monitor", () => unsilence(where, environment)),
    attempt("pagerduty", () => closeWindows(where, environment, now)),
  ]);
}

type Found = Omit<MaintenancePart, "place">;

async function attempt(
  place: MaintenancePart["place"],
  work: () => Promise<Found>,
): Promise<MaintenancePart> {
  try {
    return { place, ...(await work()) };
  } catch (error) {
    if (!(error instanceof AleoError)) throw error;
    return { place, outcome: "failed", finding: error.message, remedy: error.remedy };
  }
}

async function silence(
  { network }: Where,
  environment: Environment,
  { last, reason }: MaintenanceOptions,
  quiet: readonly Severity[],
): Promise<Found> {
  const { isNew, rules, endsAt } = await askMonitor(network, environment, "start-maintenance", {
    ...{ severities: [...quiet], reason, lastMs: durationMs(last) },
  });
  const until = formatMoment(endsAt);
  return isNew
    ? { outcome: "done", finding: `${plural(rules, "rule")} silent until ${until}` }
    : { outcome: "unchanged", finding: `a maintenance is on until ${until}` };
}

async function unsilence({ network }: Where, environment: Environment): Promise<Found> {
  const { rules } = await askMonitor(network, environment, "end-maintenance", {});
  return rules === 0
    ? { outcome: "unchanged", finding: "no maintenance is on" }
    : { outcome: "done", finding: `${plural(rules, "rule")} may tell again` };
}

async function openWindow(
  where: Where,
  environment: Environment,
  { last, reason }: MaintenanceOptions,
  quiet: readonly Severity[],
  now: Date,
): Promise<Found> {
  const { network, escalation } = where;
  const windows = windowsOf(where, environment);
  if (windows === undefined || escalation === undefined) return noPager(network);
  const [held] = await ours(windows, network, now);
  if (held !== undefined) {
    return { outcome: "unchanged", finding: `window ${held.id} is open until ${held.end_time}` };
  }
  // As components/alerts/declaration.ts names them.
  const names = quiet.map((severity) => `Aleo ${network}: ${severity} alerts`);
  const services = (await windows.services(`Aleo ${network}`)).filter(({ name }) =>
    names.includes(name),
  );
  if (services.length === 0) {
    throw new MaintenanceError(`PagerDuty has no service such as "${names[0] ?? ""}".`, {
      remedy: `Declare them: \`make up STACK=${network}\` with PAGERDUTY_TOKEN.`,
    });
  }
  const endsAt = new Date(now.getTime() + durationMs(last));
  const id = await windows.create({
    ...{ description: `${titleOf(network)}${reason}`, startsAt: now, endsAt },
    services: services.map((service) => service.id),
    from: await windows.emailOf(someUser(escalation)),
  });
  const what = plural(services.length, "service");
  return { outcome: "done", finding: `window ${id} of ${what} until ${formatMoment(endsAt)}` };
}

async function closeWindows(where: Where, environment: Environment, now: Date): Promise<Found> {
  const windows = windowsOf(where, environment);
  if (windows === undefined) return noPager(where.network);
  const held = await ours(windows, where.network, now);
  for (const { id } of held) await windows.end(id);
  return held.length === 0
    ? { outcome: "unchanged", finding: "no window is open" }
    : { outcome: "done", finding: `${plural(held.length, "window")} ended` };
}

function windowsOf(
  { network, escalation, services }: Where,
  environment: Environment,
): MaintenanceWindows | undefined {
  if (escalation === undefined) return undefined;
  const token = given(environment, "PAGERDUTY_TOKEN");
  if (token !== undefined) {
    return new MaintenanceWindows(new PagerDutyApi(services.pagerDuty, token));
  }
  throw new MaintenanceError("PAGERDUTY_TOKEN is not set.", {
    remedy: `Set it to a REST API token that may write: Pulumi.${network}.yaml declares an escalation, so people are paged.`,
  });
}

function noPager(network: string): Found {
  return { outcome: "not here", finding: `Pulumi.${network}.yaml declares no escalation` };
}

function titleOf(network: string): string {
  return `aleo-ops maintenance on ${network}: `;
}

async function ours(windows: MaintenanceWindows, network: string, now: Date) {
  const open = await windows.open(now);
  return open.filter(({ description }) => description?.startsWith(titleOf(network)) === true);
}

/** @throws MaintenanceError where the escalation names schedules only */
function someUser({ teamLead, cto, onCall, support }: EscalationSettings): string {
  for (const person of [teamLead, cto, onCall, support]) {
    if ("user" in person) return person.user;
  }
  throw new MaintenanceError("aleo-ops:escalation names no user, and PagerDuty asks for one.", {
    remedy: "Name the team lead or the CTO by {user: id}.",
  });
}

export function codeOf(parts: readonly MaintenancePart[]): ExitCode {
  const failed = parts.filter(({ outcome }) => outcome === "failed").length;
  if (failed === 0) return exitCode.ok;
  const rest = parts.filter(({ outcome }) => outcome === "done" || outcome === "unchanged");
  return rest.length === 0 ? exitCode.failed : exitCode.partlyDone;
}

const marks = { done: "✔", unchanged: "✔", "not here": "–", failed: "✖" } as const;
const titles = { monitor: "Monitor", pagerduty: "PagerDuty" } as const;

export function maintenanceText(parts: readonly MaintenancePart[]): string {
  return parts
    .map(({ place, outcome, finding, remedy }) =>
      [
        `${marks[outcome]} ${titles[place].padEnd(9)}  ${finding}`,
        ...(remedy === undefined ? [] : [`    What to do: ${remedy}`]),
      ].join("\n"),
    )
    .join("\n");
}
