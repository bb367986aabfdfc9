import type { ObjectStore } from "../../aleo/backup/store.ts";
import type { NodeClient } from "../../aleo/node/client.ts";
import { storePart } from "../../aleo/reconstruct/part-store.ts";
import { type BlockRange, partsFor, shareOf } from "../../aleo/reconstruct/ranges.ts";
import { ReconstructError } from "./errors.ts";
import { formatBytes, plural } from "../text.ts";

export interface PartWork {
  readonly ranges: readonly BlockRange[];
  readonly partBlocks: number;
  /** Counted from 0. */
  readonly worker: number;
  readonly workers: number;
}

export interface PartReport {
  readonly worker: number;
  readonly stored: number;
  readonly there: number;
  /** Of all of them, as stored. */
  readonly bytes: number;
}

/**
 * What one worker does: stores its share of the parts, one after the other. Killed anywhere, it
 * leaves whole parts.
 */
export async function fetchShare(
  node: NodeClient,
  store: ObjectStore,
  { ranges, partBlocks, worker, workers }: PartWork,
  done: (text: string) => void,
): Promise<PartReport> {
  if (!Number.isInteger(worker) || worker < 0 || worker >= workers) {
    throw new ReconstructError(`There is no worker ${worker} of ${workers}.`, {
      remedy: "JOB_COMPLETION_INDEX is to be a number from 0 up to, without, --workers.",
    });
  }
  const parts = ranges.flatMap((range) => partsFor(range, partBlocks));
  let [stored, there, total] = [0, 0, 0];
  for (const part of shareOf(parts, worker, workers)) {
    const { state, bytes } = await storePart(node, store, part);
    if (state === "stored") stored += 1;
    else there += 1;
    total += bytes;
    done(`✔ blocks ${part.from} to ${part.to}: ${state}, ${formatBytes(bytes)}`);
  }
  return { worker, stored, there, bytes: total };
}

export function partText({ worker, stored, there, bytes }: PartReport): string {
  return `Worker ${worker}: ${plural(stored, "part")} stored, ${there} there already, ${formatBytes(bytes)}`;
}
