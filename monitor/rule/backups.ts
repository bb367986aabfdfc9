import { probeName } from "../watch/probe.ts";
import { type BackupTimes, readingOf } from "../watch/readings.ts";
import { durationText } from "./duration.ts";
import { type Facts, type Finding, subjects, unknown, verdictOf } from "./kind.ts";

/**
 * Judges how long ago something last happened to the backups of each program.
 * @param longest in ms
 * @param missing what is said of a program to which it never happened
 */
export function backupFindings(
  rule: Parameters<typeof subjects>[0],
  facts: Facts,
  longest: number,
  timeOf: (times: BackupTimes) => string | undefined,
  words: { readonly missing: string; readonly tooOld: string },
): Finding[] {
  const value = facts.reading(probeName({ kind: "backups" }))?.value;
  const reading = readingOf("backups", value);
  return subjects(rule, facts).map(({ id }): Finding => {
    if (reading === undefined) return unknown(id);
    const times = reading[id];
    const time = times === undefined ? undefined : timeOf(times);
    if (time === undefined) {
      return { subject: id, verdict: "bad", value: "never", summary: `${id} ${words.missing}` };
    }
    const age = facts.now - Date.parse(time);
    return {
      subject: id,
      verdict: verdictOf(age > longest),
      value: `${Math.round(age / 3_600_000)} h`,
      summary: `${id} ${words.tooOld} for more than ${durationText(longest)}`,
    };
  });
}
