import { begunAt } from "./backup-id.ts";
import type { StoredBackup } from "./catalog.ts";
import { isReconstruction } from "./manifest.ts";
import { stateOf } from "./verify-backup.ts";

export interface Retention {
  /** So many good backups of each program stay, whatever their age. */
  readonly keep: number;
  /** Younger backups stay, in ms. */
  readonly olderThanMs: number;
}

export interface PruneDecision {
  readonly backup: StoredBackup;
  readonly remove: boolean;
  readonly reason: string;
}

/** A run may still be writing one that is younger. */
const unfinishedForMs = 24 * 3_600_000;

/**
 * What to do with each backup. The newest good one of a program stays, and the newest that is good
 * and was read to its end; what this version does not understand stays as well. Reconstructions
 * are counted by themselves: they keep no backup from staying.
 */
export function planPrune(
  backups: readonly StoredBackup[],
  { keep, olderThanMs }: Retention,
  now: Date,
): PruneDecision[] {
  const good = (program: string, reconstructed: boolean) =>
    backups.filter(
      (one) =>
        one.program === program &&
        stateOf(one) === "good" &&
        isReconstructed(one) === reconstructed,
    );
  return backups.map((backup) => {
    const stays = (reason: string) => ({ backup, remove: false, reason });
    const goes = (reason: string) => ({ backup, remove: true, reason });
    const ageMs = now.getTime() - begunAt(backup.id).getTime();
    const others = good(backup.program, isReconstructed(backup));
    switch (stateOf(backup)) {
      case "unreadable":
        return stays("of another network, or written by a newer version");
      case "incomplete":
        return ageMs > unfinishedForMs ? goes("never finished") : stays("may still be written");
      case "damaged":
        return ageMs > olderThanMs && others.length > 0
          ? goes("damaged")
          : stays("damaged, but young or the only one");
      case "good":
        break;
    }
    if (backup === others.at(-1)) return stays("the newest good one");
    if (backup === others.findLast(({ check }) => check?.verdict === "good")) {
      return stays("the newest that is verified");
    }
    if (others.slice(-keep).includes(backup)) return stays(`one of the newest ${keep}`);
    return ageMs > olderThanMs ? goes("old enough") : stays("too young");
  });
}

function isReconstructed({ manifest }: StoredBackup): boolean {
  return manifest !== undefined && isReconstruction(manifest);
}
