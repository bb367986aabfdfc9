import { AleoError } from "../../aleo/errors.ts";
import type { Snapshot } from "../../aleo/snapshot/snapshot.ts";
import type { Call } from "../call.ts";

/** What keeps a state from being imported into a program. */
export class RestoreError extends AleoError {}

/** The entries of a program's mappings, by mapping and key. */
export type State = ReadonlyMap<string, ReadonlyMap<string, string>>;

export function stateIn({ mappings }: Pick<Snapshot, "mappings">): State {
  return new Map(mappings.map(({ name, entries }) => [name, new Map(entries)]));
}

export function valueIn(state: State, mapping: string, key: string): string | undefined {
  return state.get(mapping)?.get(key);
}

export function numberIn(state: State, mapping: string, key = "0u8"): bigint {
  return BigInt((valueIn(state, mapping, key) ?? "0").replace(/u\d+$/, ""));
}

/** One transaction of an import. */
export interface Batch extends Call {
  /** What it imports, for people: `8 agents from 1field on`. */
  readonly what: string;
  /** Entries that all are there once it is accepted, and not all before. */
  readonly results: readonly (readonly [mapping: string, key: string, value: string])[];
  /** True where it is refused before those that stand in front of it are accepted. */
  readonly needsEarlier?: true;
}

/** How a family of programs takes a state in. */
export interface Importer {
  /** The mappings that are the same afterwards; the others belong to the program itself. */
  readonly mappings: readonly string[];
  /**
   * The transactions that make the target's state the wanted one; none for what is there already.
   * @throws RestoreError where the target holds what an import can't take away
   */
  batches(wanted: State, target: State): Batch[];
  /** What the program owes in this state, in microcredits. */
  owed(state: State): bigint;
}

/** @throws RestoreError where the target has keys of the mapping that are not wanted: nothing removes them */
export function refuseOthers(wanted: State, target: State, mapping: string): void {
  const others = [...(target.get(mapping)?.keys() ?? [])].filter(
    (key) => valueIn(wanted, mapping, key) === undefined,
  );
  if (others.length === 0) return;
  throw new RestoreError(
    `The program to import into is not empty: its mapping ${mapping} holds ${others.length} keys that the state to import does not have, as ${others[0] ?? ""}, and an import can't remove them.`,
    {
      remedy:
        "Deploy the program under a new name and import into that, or import a state that has these keys.",
    },
  );
}

/** In groups of at most `size`. */
export function grouped<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}

/** An array of `size` places as an input; those behind the items, which are ignored, repeat the last. */
export function places<Item>(
  items: readonly Item[],
  size: number,
  text: (item: Item) => string,
): string {
  const filled = Array.from({ length: size }, (_, index) => items[index] ?? items.at(-1));
  return `[${filled.flatMap((item) => (item === undefined ? [] : [plain(text(item))])).join(", ")}]`;
}

/** A value on one line. */
function plain(value: string): string {
  return value.replaceAll(/\s+/g, " ");
}
