import type { ObjectStore } from "../../aleo/backup/store.ts";
import { writeBackup } from "../../aleo/backup/write-backup.ts";
import type { NodeClient } from "../../aleo/node/client.ts";
import type { Block } from "../../aleo/node/shapes.ts";
import { missingParts, readPart } from "../../aleo/reconstruct/part-store.ts";
import { type BlockRange, partsFor } from "../../aleo/reconstruct/ranges.ts";
import { snapshotDigest } from "../../aleo/snapshot/digest.ts";
import { entryCount, type Snapshot } from "../../aleo/snapshot/snapshot.ts";
import { takeSnapshot } from "../../aleo/snapshot/take.ts";
import { beganWith, highestBackup } from "../backup/base.ts";
import { formatBytes, plural } from "../text.ts";
import { ReconstructError } from "./errors.ts";

export interface ReconstructRequest {
  readonly program: string;
  /** A backup up to this block is begun with; undefined for any before the state that is wanted. */
  readonly fromBlock: number | undefined;
  /** Undefined for the head. */
  readonly toBlock: number | undefined;
  /** The state after this block; that after the last one where it is undefined. */
  readonly at: number | undefined;
}

/** Blocks that come from parts in the store, which workers put there. */
export interface Parts {
  /** Has the parts stored that are missing. */
  fetch(missing: readonly BlockRange[]): Promise<void>;
  readonly partBlocks?: number;
}

export interface Reconstruction {
  readonly program: string;
  /** The state is that after this block. */
  readonly height: number;
  readonly blockHash: string;
  readonly edition: number;
  readonly entries: number;
  /** Id of the backup that the replay began with; null for the program's deployment. */
  readonly base: string | null;
  /** The first block that was replayed. */
  readonly fromHeight: number;
  /** Finalize operations whose ids were compared with the blocks'. */
  readonly operations: number;
  /** The same for the same state, however it was made. */
  readonly digest: string;
  /** Parts that the blocks came from; null where they came from the node right away. */
  readonly parts: PartCounts | null;
  readonly id: string;
  readonly location: string;
  readonly bytes: number;
  readonly durationMs: number;
}

interface PartCounts {
  /** Stored by this run. */
  readonly stored: number;
  /** Stored by earlier ones. */
  readonly there: number;
  /** Not whole: what they should hold was fetched from the node. */
  readonly damaged: readonly string[];
}

/**
 * Computes the state of a program after a block from the blocks before it, and stores it as a backup
 * that says that it was reconstructed.
 * @param parts where workers are to fetch the blocks
 * @throws ReconstructError for heights that can't be; UnfinishedPartsError; as `snapshotByReplay` does
 */
export async function reconstruct(
  node: NodeClient,
  store: ObjectStore,
  request: ReconstructRequest,
  parts: Parts | undefined,
  show: (text: string) => void,
): Promise<Reconstruction> {
  const begun = new Date();
  const { program } = request;
  const height = heightOf(request, await node.latestHeight());
  const atMost = Math.min(request.fromBlock ?? height, height - 1);
  show(`${program}: looking for a backup to begin with`);
  const base = await highestBackup(node, store, program, atMost);
  const source = parts && new PartSource(node, store, parts, show);
  const { snapshot } = await takeSnapshot(node, program, {
    source: "replay",
    height,
    ...(base !== undefined && { base: [base.snapshot] }),
    ...(source !== undefined && { blocks: (first, last) => source.blocks(first, last) }),
    onBlock: (done, last) => {
      show(`${program}: block ${done.height} of ${last} replayed`);
    },
  });
  const { verification } = snapshot;
  if (verification.kind !== "operation-ids") throw new Error("a replay compares ids");
  const from = beganWith(snapshot, base);
  const marked: Snapshot = {
    ...snapshot,
    verification: { ...verification, reconstructedFrom: from?.id ?? "deployment" },
  };
  const { id, bytes } = await writeBackup(store, marked, { begun });
  return {
    program,
    height,
    blockHash: snapshot.blockHash,
    edition: snapshot.edition,
    entries: entryCount(snapshot),
    base: from?.id ?? null,
    fromHeight: verification.fromHeight,
    operations: verification.operations,
    digest: snapshotDigest(snapshot),
    parts: source?.counts ?? null,
    id,
    location: store.location,
    bytes,
    durationMs: Date.now() - begun.getTime(),
  };
}

function heightOf({ fromBlock, toBlock, at }: ReconstructRequest, head: number): number {
  const last = toBlock ?? head;
  const height = at ?? last;
  const refuse = (message: string, remedy: string) => new ReconstructError(message, { remedy });
  if (last > head) {
    throw refuse(
      `The chain has not reached block ${last}: it stands at ${head}.`,
      "Name a block up to that, or `latest`.",
    );
  }
  if (height > last) {
    throw refuse(
      `Block ${height} is behind the last block, ${last}.`,
      "Leave --to-block out, or name a later one.",
    );
  }
  if ((fromBlock ?? 0) > height) {
    throw refuse(
      `Block ${fromBlock ?? 0} is behind block ${height}, whose state is wanted.`,
      "Begin with an earlier block.",
    );
  }
  return height;
}

/** Merges parts in the order of their blocks; the next one is read while this one is replayed. */
class PartSource {
  readonly #node: NodeClient;
  readonly #store: ObjectStore;
  readonly #parts: Parts;
  readonly #show: (text: string) => void;
  #counts: PartCounts = { stored: 0, there: 0, damaged: [] };

  constructor(node: NodeClient, store: ObjectStore, parts: Parts, show: (text: string) => void) {
    this.#node = node;
    this.#store = store;
    this.#parts = parts;
    this.#show = show;
  }

  get counts(): PartCounts {
    return this.#counts;
  }

  async *blocks(from: number, to: number): AsyncGenerator<Block> {
    const parts = partsFor({ from, to }, this.#parts.partBlocks);
    this.#show("looking which blocks are stored");
    const missing = await missingParts(this.#store, this.#node.network, parts);
    this.#counts = {
      ...this.#counts,
      stored: missing.length,
      there: parts.length - missing.length,
    };
    if (missing.length > 0) await this.#parts.fetch(missing);
    let next = parts[0] && this.#read(parts[0]);
    for (const [index] of parts.entries()) {
      const blocks = await next;
      const following = parts[index + 1];
      next = following && this.#read(following);
      for (const block of blocks ?? []) {
        if (block.header.metadata.height >= from) yield block;
      }
    }
  }

  #read(part: BlockRange): Promise<Block[]> {
    const blocks = readPart(this.#node, this.#store, part, ({ message }) => {
      this.#counts = { ...this.#counts, damaged: [...this.#counts.damaged, message] };
    });
    blocks.catch(() => undefined);
    return blocks;
  }
}

export function reconstructionText(made: Reconstruction): string {
  const { program, height, blockHash, edition, entries, base, fromHeight, operations, parts } =
    made;
  return [
    `✔ ${program}: the state after block ${height} (${blockHash}) is backup ${made.id} in ${made.location}`,
    `    ${plural(entries, "entry", "entries")} of edition ${edition}, ${formatBytes(made.bytes)}, ${(made.durationMs / 1_000).toFixed(1)} s`,
    `    replayed from block ${fromHeight} on, from ${base === null ? "the deployment" : `backup ${base}`}; ${plural(operations, "change")} compared with the ids in the blocks`,
    ...(parts === null
      ? []
      : [`    ${plural(parts.stored, "part")} of blocks fetched, ${parts.there} were there`]),
    ...(parts?.damaged ?? []).map((problem) => `    ! ${problem} They were fetched from the node.`),
    `    SHA-256 of its content: ${made.digest}`,
  ].join("\n");
}
