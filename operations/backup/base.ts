import { catalogOf } from "../../aleo/backup/catalog.ts";
import { loadSnapshot } from "../../aleo/backup/load-snapshot.ts";
import { StoreDeniedError, type ObjectStore } from "../../aleo/backup/store.ts";
import { stateOf } from "../../aleo/backup/verify-backup.ts";
import type { NodeClient } from "../../aleo/node/client.ts";
import type { Snapshot } from "../../aleo/snapshot/snapshot.ts";
import { notice } from "../progress.ts";

/** A backup that a replay can begin with. */
export interface Base {
  readonly id: string;
  readonly snapshot: Snapshot;
}

/**
 * The good backup of this chain with the highest height up to this one; undefined where there is
 * none, and where the account may not read the store, which is told.
 */
export async function highestBackup(
  node: NodeClient,
  store: ObjectStore,
  program: string,
  atMost: number,
  tell: (text: string) => void = notice,
): Promise<Base | undefined> {
  try {
    const backups = (await catalogOf(store, node.network, program)).flatMap((backup) => {
      const { manifest } = backup;
      // What was read key by key may lack keys that no block names.
      const isUsable = stateOf(backup) === "good" && manifest !== undefined;
      return isUsable && manifest.source !== "keys" && manifest.height <= atMost ? [manifest] : [];
    });
    // Of several at one height, the newest.
    for (const manifest of backups.reverse().sort((a, b) => b.height - a.height)) {
      const block = await node.block(manifest.height);
      if (block?.block_hash !== manifest.blockHash) continue;
      return { id: manifest.id, snapshot: await loadSnapshot(store, manifest) };
    }
    return undefined;
  } catch (error) {
    if (!(error instanceof StoreDeniedError)) throw error;
    tell(
      `${program}: ${error.message} So no backup shortens the replay: it begins with the deployment, which takes hours on a long chain. ${error.remedy}`,
    );
    return undefined;
  }
}

/** The base, where the snapshot's replay really began with it and not with the deployment. */
export function beganWith({ verification }: Snapshot, base: Base | undefined): Base | undefined {
  const fromHeight = verification.kind === "operation-ids" ? verification.fromHeight : undefined;
  return base !== undefined && base.snapshot.height + 1 === fromHeight ? base : undefined;
}
