import type { ObjectStore } from "../../aleo/backup/store.ts";
import type { NodeClient } from "../../aleo/node/client.ts";
import { CapabilityMissingError } from "../../aleo/node/errors.ts";
import { snapshotByListing } from "../../aleo/snapshot/listing.ts";
import type { Snapshot, SnapshotSource } from "../../aleo/snapshot/snapshot.ts";
import { beganWith, highestBackup } from "./base.ts";

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
  const replays = source === "auto" || source === "replay";
  const base = replays
    ? await highestBackup(node, store, program, (await node.latestHeight()) - 1)
    : undefined;
  const { snapshot } = await takeSnapshot(node, program, {
    source,
    onBlock,
    ...(base !== undefined && { base: [base.snapshot] }),
  });
  return { snapshot, since: beganWith(snapshot, base)?.id };
}
