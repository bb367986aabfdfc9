import { Cron } from "croner";
import { timeZoneProblem } from "../../aleo/time-zone.ts";
import { refusal } from "../common/refusal.ts";

const macros = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];
const months = "JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC";
const days = "SUN|MON|TUE|WED|THU|FRI|SAT";

/** One item of each field's list: `*`, `5`, `1-5`, each with a step. */
const items = ["\\d+", "\\d+", "\\d+", `\\d+|${months}`, `[0-6]|${days}`].map(
  (value) => new RegExp(`^(?:[*?]|(?:${value})(?:-(?:${value}))?)(?:/[1-9]\\d*)?$`, "i"),
);

/**
 * A schedule as Kubernetes takes it: five fields (minute, hour, day of month, month, day of week) or
 * a macro. What other crons know besides is refused: seconds, years, `L`, `W`, `#`, Sunday as 7.
 *
 * @param setting by which people find the schedule: `aleo-ops:schedules times.backup`
 * @throws pulumi.RunError for one that Kubernetes refuses, and for one that never comes
 */
export function requireSchedule(schedule: string, timeZone: string, setting: string): void {
  if (macros.includes(schedule)) return;
  const reason = problemOf(schedule, timeZone);
  if (reason === undefined) return;
  throw refusal(
    `${setting} is "${schedule}": ${reason}`,
    `Use five fields (minute, hour, day of month, month, day of week), as "0 9 * * 1-5" or "*/15 * * * *", or one of ${macros.join(", ")}.`,
  );
}

function problemOf(schedule: string, timeZone: string): string | undefined {
  if (schedule.startsWith("@")) return "Kubernetes documents no such macro.";
  const fields = schedule.trim().split(/\s+/);
  if (fields.length !== items.length) {
    return `it has ${fields.length} fields, and Kubernetes reads ${items.length}.`;
  }
  const wrong = fields.find((field, index) =>
    field.split(",").some((item) => !(items[index]?.test(item) ?? false)),
  );
  if (wrong !== undefined) return `Kubernetes can't read "${wrong}".`;
  try {
    const next = new Cron(schedule, { timezone: timeZone, paused: true, sloppyRanges: true });
    return next.nextRun() === null ? "there is no such day, so it would never run." : undefined;
  } catch (error) {
    return `${(error as Error).message}.`;
  }
}

/**
 * @param setting by which people find the time zone: `aleo-ops:schedules timeZone`
 * @throws pulumi.RunError for a name that the tz database has not got
 */
export function requireTimeZone(timeZone: string, setting: string): void {
  const problem = timeZoneProblem(timeZone);
  if (problem === undefined) return;
  throw refusal(
    `${setting} is "${timeZone}": ${problem}.`,
    "Use a name of the tz database, as UTC or Europe/Berlin.",
  );
}
