import type { Settings } from "../../settings.ts";
import type { Backups } from "../report/sections/backups-section.ts";
import { type Line, type Section, unseenFor } from "../report/report.ts";
import { formatAge } from "../text.ts";

/** A drill runs on the 15th of every month. */
const longestMs = 40 * 86_400_000;

/** When a backup of each program was last restored as a whole. */
export function drillsSection(settings: Pick<Settings, "programs">, backups: Backups): Section {
  const title = "Drills";
  if ("problem" in backups) return { title, lines: [unseenFor("drills", backups.problem)] };
  return {
    title,
    lines: settings.programs.map(({ program: subject }): Line => {
      const last = backups.listed
        .flatMap((one) => (one.program === subject ? (one.restoredAt ?? []) : []))
        .toSorted()
        .at(-1);
      const age = last === undefined ? undefined : Date.now() - Date.parse(last);
      return age !== undefined && age <= longestMs
        ? {
            subject,
            verdict: "good",
            finding: `a backup was restored as a whole ${formatAge(age)} ago`,
          }
        : {
            subject,
            verdict: "bad",
            finding:
              age === undefined
                ? "no backup was ever restored as a whole"
                : `no backup was restored as a whole for ${formatAge(age)}`,
            remedy: "Hold a drill: `aleo-ops drill restore`.",
          };
    }),
  };
}
