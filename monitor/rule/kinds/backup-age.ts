import { backupFindings } from "../backups.ts";
import { duration } from "../duration.ts";
import { defineKind } from "../kind.ts";

/** The newest good backup of a program is too old, or there is none. */
export const backupAge = defineKind({
  name: "backup-age",
  cause: "looks",
  shape: { longest: duration.default(90_000_000) },
  probes: () => [{ kind: "backups" }],
  evaluate: ({ longest, ...rule }, facts) =>
    backupFindings(rule, facts, longest, ({ newest }) => newest, {
      missing: "has no good backup",
      tooOld: "has had no new backup",
    }),
  query: ({ longest, programs: program }, select) =>
    `time() - ${select("lastBackup", { program })} > ${longest / 1_000}`,
});
