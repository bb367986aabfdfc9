import { catalogOf, type StoredBackup } from "../../aleo/backup/catalog.ts";
import { keyOf, manifestObject } from "../../aleo/backup/layout.ts";
import { planPrune, type Retention } from "../../aleo/backup/retention.ts";
import { ObjectLockedError, StoreDeniedError, type ObjectStore } from "../../aleo/backup/store.ts";
import type { Network } from "../../aleo/network.ts";
import { plural } from "../text.ts";

export interface PruneOptions {
  readonly program: string | undefined;
  readonly retention: Retention;
  readonly dryRun: boolean;
}

interface Named {
  readonly program: string;
  readonly id: string;
  readonly reason: string;
}

export interface PruneReport {
  readonly dryRun: boolean;
  /** Deleted, or to be deleted where it is a dry run. */
  readonly removed: readonly Named[];
  /** Old enough, but locked or not to be deleted by this account. */
  readonly left: readonly Named[];
  readonly kept: readonly Named[];
}

/** Deletes what the retention does not keep; of a backup with a locked object nothing is touched. */
export async function pruneBackups(
  store: ObjectStore,
  network: Network,
  { program, retention, dryRun }: PruneOptions,
): Promise<PruneReport> {
  const plan = planPrune(await catalogOf(store, network, program), retention, new Date());
  const removed: Named[] = [];
  const left: Named[] = [];
  for (const { backup, remove, reason } of plan) {
    if (!remove) continue;
    const obstacle = await obstacleTo(store, backup);
    if (obstacle !== undefined) left.push(named(backup, obstacle));
    else if (dryRun) removed.push(named(backup, reason));
    else {
      const failure = await removeBackup(store, backup);
      if (failure === undefined) removed.push(named(backup, reason));
      else left.push(named(backup, failure));
    }
  }
  const kept = plan.flatMap(({ backup, remove, reason }) =>
    remove ? [] : [named(backup, reason)],
  );
  return { dryRun, removed, left, kept };
}

function named({ program, id }: StoredBackup, reason: string): Named {
  return { program, id, reason };
}

async function obstacleTo(store: ObjectStore, backup: StoredBackup): Promise<string | undefined> {
  let latest: Date | undefined;
  for (const object of backup.objects.keys()) {
    const until = await store.lockedUntil(keyOf(backup, object));
    if (until !== undefined && (latest === undefined || until > latest)) latest = until;
  }
  return latest && `locked until ${latest.toISOString()}`;
}

/** The manifest goes first: what is left by a kill does not count as a backup. */
async function removeBackup(store: ObjectStore, backup: StoredBackup): Promise<string | undefined> {
  const others = [...backup.objects.keys()].filter((object) => object !== manifestObject);
  try {
    for (const object of [manifestObject, ...others]) await store.remove(keyOf(backup, object));
    return undefined;
  } catch (error) {
    if (error instanceof ObjectLockedError || error instanceof StoreDeniedError)
      return error.message;
    throw error;
  }
}

export function pruneText({ dryRun, removed, left, kept }: PruneReport, location: string): string {
  const list = (mark: string, backups: readonly Named[]) =>
    backups.map(({ program, id, reason }) => `${mark} ${program} ${id}: ${reason}`);
  const did = dryRun ? "to be deleted" : "deleted";
  return [
    ...list(dryRun ? "–" : "✔", removed),
    ...list("✖", left),
    `${plural(removed.length, "backup")} in ${location} ${did}, ${left.length} can't be deleted, ${kept.length} kept.`,
  ].join("\n");
}
