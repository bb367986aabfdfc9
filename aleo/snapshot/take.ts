import type { NodeClient } from "../node/client.ts";
import { CapabilityMissingError } from "../node/errors.ts";
import { NotReplayableError, UnfollowedStateError } from "../replay/errors.ts";
import { snapshotByKeys } from "./keys.ts";
import { snapshotByListing } from "./listing.ts";
import { snapshotByReplay, type ReplayedSnapshotOptions } from "./replayed.ts";
import type { Snapshot, SnapshotSource } from "./snapshot.ts";

export interface SnapshotRequest extends Omit<ReplayedSnapshotOptions, "height"> {
  readonly source: SnapshotSource | "auto";
  /** Any height for `replay`; the others can only give the head, which is what is meant without it. */
  readonly height?: number;
}

export interface TakenSnapshot {
  readonly snapshot: Snapshot;
  /** Why `auto` took this source, and why not those before it. */
  readonly why: readonly string[];
}

/**
 * Takes a snapshot. `auto` lists where a node allows it and the head is wanted, else replays, and
 * where that can't be done asks key by key.
 *
 * @throws {CapabilityMissingError | NotReplayableError | UnfollowedStateError} The source that was
 * asked for can't be had, or for `auto` none.
 */
export async function takeSnapshot(
  node: NodeClient,
  program: string,
  { source, ...options }: SnapshotRequest,
): Promise<TakenSnapshot> {
  const { height } = options;
  switch (source) {
    case "replay":
      return { snapshot: await byReplay(node, program, options), why: [] };
    case "listing":
      return { snapshot: await snapshotByListing(node, program), why: [] };
    case "keys":
      return { snapshot: await snapshotByKeys(node, program), why: [] };
    case "auto":
      break;
  }
  if (height !== undefined) {
    const why = [`Height ${height} is asked for: only a replay gives another than the head.`];
    return { snapshot: await byReplay(node, program, options), why };
  }
  const why: string[] = [];
  try {
    const snapshot = await snapshotByListing(node, program);
    return { snapshot, why: ["The node lists mappings."] };
  } catch (error) {
    if (!(error instanceof CapabilityMissingError)) throw error;
    why.push("No endpoint lists mappings.");
  }
  try {
    const snapshot = await byReplay(node, program, options);
    return { snapshot, why: [...why, "The blocks were replayed."] };
  } catch (error) {
    if (!(error instanceof NotReplayableError) && !(error instanceof UnfollowedStateError)) {
      throw error;
    }
    why.push(error.message);
  }
  const snapshot = await snapshotByKeys(node, program);
  return { snapshot, why: [...why, "The keys that the blocks name were read one by one."] };
}

/** From the deployment on where the base does not tell what the program reads of others. */
async function byReplay(
  node: NodeClient,
  program: string,
  { base, ...options }: ReplayedSnapshotOptions,
): Promise<Snapshot> {
  if (base !== undefined) {
    try {
      return (await snapshotByReplay(node, program, { ...options, base })).snapshot;
    } catch (error) {
      if (!(error instanceof UnfollowedStateError)) throw error;
    }
  }
  return (await snapshotByReplay(node, program, options)).snapshot;
}
