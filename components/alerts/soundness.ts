import { timeZoneProblem } from "../../aleo/time-zone.ts";
import { refusal } from "../common/refusal.ts";
import type { EscalationArgs } from "./declaration.ts";
import { escalationMatrix, type Role, roles, severities } from "./escalation-matrix.ts";

/** PagerDuty takes no longer delay: three weeks. */
const longestDelayMinutes = 30_240;

/**
 * What the types say, and what they can't: a stack's configuration is text.
 *
 * @throws pulumi.RunError that names the argument, for a person that is missing, support hours that are
 * none, a severity that does not exist or delays that are none
 */
export function requireSound(args: EscalationArgs): void {
  for (const role of roles) requirePerson(role, args[role]);
  requireSupportHours(args.supportHours);
  for (const [severity, delays] of Object.entries(args.delaysInMinutes ?? {})) {
    requireDelays(severity, delays);
  }
}

function requirePerson(role: Role, person: unknown): void {
  const named: [string, unknown][] =
    typeof person === "object" && person !== null ? Object.entries(person) : [];
  const [[kind, id] = []] = named;
  const isOne = named.length === 1 && (kind === "user" || kind === "schedule");
  if (isOne && id !== undefined && id !== "") return;
  throw refusal(
    `${role} is ${person === undefined ? "missing" : "neither a PagerDuty user nor a schedule"}.`,
    `Set ${role} to {user: id} or {schedule: id}, with the id that is at the end of its address in PagerDuty.`,
  );
}

function requireSupportHours(hours: EscalationArgs["supportHours"] | undefined): void {
  const wrong = (what: string) =>
    refusal(
      `supportHours${what}.`,
      'Set supportHours to {timeZone: Europe/Berlin, days: [1, 2, 3, 4, 5], from: "09:00", to: "17:00"}; 1 is Monday, and the hours end on the day on which they begin.',
    );
  if (hours === undefined) throw wrong(" is missing");
  const { timeZone, days, from, to } = hours;
  const isDay = (day: number) => Number.isInteger(day) && day >= 1 && day <= 7;
  if (days.length === 0 || new Set(days).size < days.length || !days.every(isDay)) {
    throw wrong(`.days is [${days.join(", ")}]`);
  }
  for (const [key, time] of Object.entries({ from, to })) {
    if (!/^([01]\d|2[0-3]):[0-5]\d$/.test(time)) throw wrong(`.${key} is "${time}"`);
  }
  if (from >= to) throw wrong(`.to is "${to}", which is not after "${from}"`);
  const problem = timeZoneProblem(timeZone);
  if (problem !== undefined) throw wrong(`.timeZone is "${timeZone}": ${problem}`);
}

function requireDelays(severity: string, delays: readonly number[] | undefined): void {
  const known = severities.find((one) => one === severity);
  if (known === undefined) {
    throw refusal(
      `delaysInMinutes names "${severity}", which is no severity.`,
      `The severities are: ${severities.join(", ")}.`,
    );
  }
  const { people } = escalationMatrix[known];
  const isDelay = (delay: number) =>
    Number.isInteger(delay) && delay >= 1 && delay <= longestDelayMinutes;
  if (delays === undefined || (delays.length === people.length && delays.every(isDelay))) return;
  const count = people.length === 1 ? "one whole number" : `${people.length} whole numbers`;
  throw refusal(
    `delaysInMinutes.${severity} is [${delays.join(", ")}].`,
    `Give ${count} of minutes from 1 to ${longestDelayMinutes}: how long an alert stays with ${people.join(", then with ")}.`,
  );
}
