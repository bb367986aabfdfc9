import type { Network } from "../network.ts";

/** A key and its value, each as the chain prints it (`plaintextText` in aleo/replay/text.ts). */
export type Entry = readonly [key: string, value: string];

export interface MappingSnapshot {
  readonly name: string;
  /** By key, in the order of its UTF-16 code units; each key once. */
  readonly entries: readonly Entry[];
}

/** Where entries can come from. */
export const snapshotSources = ["replay", "listing", "keys"] as const;
export type SnapshotSource = (typeof snapshotSources)[number];

/** What was done so that the entries can be relied on. */
type Verification =
  /** Each write of each block was computed, and its ids compared with the block's own. */
  | {
      readonly kind: "operation-ids";
      /** The first and the last block that were replayed. */
      readonly fromHeight: number;
      readonly toHeight: number;
      /** Finalize operations whose ids were compared. */
      readonly operations: number;
      /**
       * Set where it was made afterwards, of a height that was the head long ago: what the replay
       * began with, `deployment` or the id of a backup.
       */
      readonly reconstructedFrom?: string;
    }
  /** The entries were read while no block touched the program. */
  | {
      readonly kind: "quiet-reads";
      /** How often everything was read until that was so. */
      readonly attempts: number;
      /** The heights before and after the read that counts; equal where no block came between. */
      readonly heightBefore: number;
      readonly heightAfter: number;
      /** Keys that were asked for one by one; undefined where the node listed the mappings. */
      readonly keysAsked: number | undefined;
      /** Transactions that may have written under further keys, which can't be known. */
      readonly lostWrites?: number;
    };

/** All entries of a program's mappings at one block height. */
export interface Snapshot {
  readonly network: Network;
  /** Such as `token.aleo`. */
  readonly program: string;
  readonly edition: number;
  /** SHA3-256 of the program's canonical text, in hexadecimal. */
  readonly checksum: string;
  /** Source of the edition that is live at the height, as the chain has it. */
  readonly programSource: string;
  /** Who deployed or upgraded the program last; undefined where no node tells. */
  readonly owner: string | undefined;
  /** The state is that after this block. */
  readonly height: number;
  readonly blockHash: string;
  /** State root of the ledger after the block; undefined where no node tells it of that height any more. */
  readonly stateRoot: string | undefined;
  /** Milliseconds since 1970, of the block. */
  readonly blockTimeMs: number;
  /** By name. Mappings without entries are there too. */
  readonly mappings: readonly MappingSnapshot[];
  readonly source: SnapshotSource;
  readonly verification: Verification;
}

/** Brings entries into the one order that a snapshot has; of two with the same key the last one stays. */
function sortedEntries(entries: Iterable<Entry>): Entry[] {
  const values = new Map(entries);
  // Without a function to compare by, it is the order wanted here, in a third of the time.
  return [...values.keys()].sort().map((key) => [key, values.get(key) ?? ""]);
}

/** Brings mappings, and the entries of each, into the order that a snapshot has. */
export function sortedMappings(
  mappings: Iterable<readonly [name: string, entries: Iterable<Entry>]>,
): MappingSnapshot[] {
  return [...mappings]
    .sort(byFirst)
    .map(([name, entries]) => ({ name, entries: sortedEntries(entries) }));
}

function byFirst([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Entries of all mappings together. */
export function entryCount({ mappings }: Pick<Snapshot, "mappings">): number {
  return mappings.reduce((sum, { entries }) => sum + entries.length, 0);
}

/** The value under a key; undefined where there is none. */
export function entryOf(
  { mappings }: Pick<Snapshot, "mappings">,
  mapping: string,
  key: string,
): string | undefined {
  const entries = mappings.find(({ name }) => name === mapping)?.entries ?? [];
  let low = 0;
  let high = entries.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const entry = entries[middle];
    if (entry === undefined) return undefined;
    if (entry[0] === key) return entry[1];
    if (entry[0] < key) low = middle + 1;
    else high = middle - 1;
  }
  return undefined;
}
