import { catalogOf } from "../../aleo/backup/catalog.ts";
import { loadSnapshot } from "../../aleo/backup/load-snapshot.ts";
import { StoreDeniedError, type ObjectStore } from "../../aleo/backup/store.ts";
import { stateOf } from "../../aleo/backup/verify-backup.ts";
import type { NodeClient } from "../../aleo/node/client.ts";
import { CapabilityMissingError } from "../../aleo/node/errors.ts";
import { NotReplayableError, UnfollowedStateError } from "../../aleo/replay/errors.ts";
import { snapshotByListing } from "../../aleo/snapshot/listing.ts";
import type { Snapshot, SnapshotSource } from "../../aleo/snapshot/snapshot.ts";

export interface SnapshotToStore {
  readonly snapshot: Snapshot;
  /** Id of the backup from which only the blocks since were replayed. */
  readonly since: string | undefined;
}

/**
 * The state of a program at the head, for a backup. `auto` lists where a node allows it; else only
 * the blocks since the last good backup are replayed, where there is one and it is of this chain.
 * @throws as `takeSnapshot` does
 */
export async function snapshotToStore(
  node: NodeClient,
  store: ObjectStore,
  program: string,
  source: SnapshotSource | "auto",
  show: (text: string) => void,
): Promise<SnapshotToStore> {
  if (source === "auto") {
    try {
      return { snapshot: await snapshotByListing(node, program), since: undefined };
    } catch (error) {
      if (!(error instanceof CapabilityMissingError)) throw error;
    }
  }
  const { takeSnapshot } = await import("../../aleo/snapshot/take.ts");
  const onBlock = (replayed: { readonly height: number }, last: number) => {
    show(`${program}: block ${replayed.height} of ${last} replayed`);
  };
  if (source === "auto" || source === "replay") {
    const base = await lastGood(node, store, program);
    try {
      if (base !== undefined) {
        const { snapshot } = await takeSnapshot(node, program, {
          source: "replay",
          base: [base.snapshot],
          onBlock,
        });
        return { snapshot, since: base.id };
      }
    } catch (error) {
      // What it reads of other programs is not in its backup: the whole history tells.
      const isNotEnough =
        error instanceof UnfollowedStateError || error instanceof NotReplayableError;
      if (!isNotEnough) throw error;
    }
  }
  const { snapshot } = await takeSnapshot(node, program, { source, onBlock });
  return { snapshot, since: undefined };
}

/** The newest good backup of this chain; undefined also where the account may not read the store. */
async function lastGood(
  node: NodeClient,
  store: ObjectStore,
  program: string,
): Promise<{ readonly id: string; readonly snapshot: Snapshot } | undefined> {
  try {
    const backups = await catalogOf(store, node.network, program);
    // What was read key by key may lack keys that no block names.
    const last = backups.findLast(
      (backup) => stateOf(backup) === "good" && backup.manifest?.source !== "keys",
    );
    if (last?.manifest === undefined) return undefined;
    const { id, height, blockHash } = last.manifest;
    const block = await node.block(height);
    const head = await node.latestHeight();
    if (block?.block_hash !== blockHash || head <= height) return undefined;
    return { id, snapshot: await loadSnapshot(store, last.manifest) };
  } catch (error) {
    if (error instanceof StoreDeniedError) return undefined;
    throw error;
  }
}
