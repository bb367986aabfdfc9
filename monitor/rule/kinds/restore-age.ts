import { backupFindings } from "../backups.ts";
import { duration } from "../duration.ts";
import { defineKind } from "../kind.ts";

/** No backup of a program was read as a whole and found good for too long. */
export const restoreAge = defineKind({
  name: "restore-age",
  cause: "looks",
  shape: { longest: duration.default(691_200_000) },
  probes: () => [{ kind: "backups" }],
  evaluate: ({ longest, ...rule }, facts) =>
    backupFindings(rule, facts, longest, ({ verified }) => verified, {
      missing: "has no backup that was ever verified",
      tooOld: "has had no backup verified",
    }),
  query: ({ longest, programs: program }, select) =>
    `time() - ${select("lastVerified", { program })} > ${longest / 1_000}`,
});
