import type { Entry } from "../../aleo/snapshot/snapshot.ts";
import type { State } from "../restore/batch.ts";

/** What becomes of an entry; undefined for one that is not carried over. */
type EntryRule = (key: string, value: string) => Entry | undefined;

/** A count or a sum that a program keeps beside the entries themselves. */
export interface Total {
  /** Of these entries. */
  readonly mapping: string;
  /** The number of entries, their values, or one member of them. */
  readonly of: "entries" | "values" | { readonly member: string };
  /** Mapping that holds it under `0u8`. */
  readonly in: string;
}

/** Mappings of which each program has its own, and why they are left. */
export const ownOfEach = {
  admin: "the new program has its own",
  offered_admin: "the new program has its own",
  paused: "the new program has its own",
} as const;

/** How the state of one program becomes that of its successor: one file for the versions of a program. */
export interface MigrationPair {
  readonly from: string;
  readonly to: string;
  /** By mapping; entries of a mapping without a rule are carried over as they are. */
  readonly rules?: Readonly<Record<string, EntryRule>>;
  /** Mappings that are not carried over, and why. */
  readonly left?: Readonly<Record<string, string>>;
  /**
   * Mappings that are carried over only when the old program has come to rest, because the new one
   * can't take back what it was given of them.
   */
  readonly last: readonly string[];
  readonly totals: readonly Total[];
  /**
   * What the new program holds and must not, because the old one has gone on since.
   * @returns for each, what it is and what to do
   */
  readonly conflicts?: (wanted: State, target: State) => readonly Conflict[];
}

export interface Conflict {
  readonly what: string;
  readonly remedy: string;
}
