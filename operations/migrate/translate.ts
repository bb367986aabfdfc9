import { interfaceOf, type ProgramInterface } from "../../aleo/program/interface.ts";
import { parseProgram } from "../../aleo/program/parse.ts";
import { type Entry, type Snapshot, sortedMappings } from "../../aleo/snapshot/snapshot.ts";
import type { State } from "../restore/batch.ts";
import type { MigrationPair } from "./pair.ts";
import { MigrationError } from "./pairs.ts";

export interface Translated {
  /** What the new program is to hold, as a snapshot of the old one. */
  readonly snapshot: Snapshot;
  /** Entries that the pair's rules leave out. */
  readonly skipped: readonly { readonly mapping: string; readonly key: string }[];
}

/**
 * The state that the new program is to have.
 * @throws MigrationError where two entries become one
 */
export function translate({ from, rules, left }: MigrationPair, source: Snapshot): Translated {
  const skipped: { mapping: string; key: string }[] = [];
  const mappings = source.mappings
    .filter(({ name }) => left?.[name] === undefined)
    .map(({ name, entries }): readonly [string, readonly Entry[]] => {
      const rule = rules?.[name];
      if (rule === undefined) return [name, entries];
      const carried = new Map<string, string>();
      for (const [key, value] of entries) {
        const entry = rule(key, value);
        if (entry === undefined) skipped.push({ mapping: name, key });
        else if (carried.has(entry[0])) {
          throw new MigrationError(
            `Two entries of ${name} of ${from} become the one of key ${entry[0]}.`,
            { remedy: "Correct the pair's rule for that mapping. Nothing was sent." },
          );
        } else carried.set(...entry);
      }
      return [name, [...carried]];
    });
  return { snapshot: { ...source, mappings: sortedMappings(mappings) }, skipped };
}

/** The same state, but with the target's own entries in the mappings that come last. */
export function withoutLast({ last }: MigrationPair, wanted: Snapshot, target: State): Snapshot {
  const mappings = wanted.mappings.map(({ name, entries }): readonly [string, Iterable<Entry>] => [
    name,
    last.includes(name) ? (target.get(name) ?? []) : entries,
  ]);
  return { ...wanted, mappings: sortedMappings(mappings) };
}

/**
 * Makes sure that each mapping of either program is carried over or left knowingly, and that what is
 * carried over as it is means the same in the new one.
 * @param carried by the new program's imports
 * @throws MigrationError
 */
export function checkMappings(
  { from, to, rules, left }: MigrationPair,
  sources: { readonly from: string; readonly to: string },
  carried: readonly string[],
): void {
  const [old, successor] = [sources.from, sources.to].map((text) =>
    interfaceOf(parseProgram(text)),
  );
  for (const name of Object.keys(successor?.mappings ?? {})) {
    if (old?.mappings[name] !== undefined || left?.[name] !== undefined) continue;
    throw new MigrationError(
      `${to} has a mapping ${name} that ${from} has not: it would be empty.`,
      {
        remedy: "Declare in the pair that it is left, and why.",
      },
    );
  }
  for (const name of Object.keys(old?.mappings ?? {})) {
    if (left?.[name] !== undefined) continue;
    if (!carried.includes(name)) {
      throw new MigrationError(`Nothing carries the mapping ${name} of ${from} over to ${to}.`, {
        remedy:
          "Declare in the pair why it is left, or give the new program a function that imports it.",
      });
    }
    if (rules?.[name] === undefined && describe(old, name) !== describe(successor, name)) {
      throw new MigrationError(
        `The mapping ${name} is ${describe(old, name)} in ${from}, and ${describe(successor, name)} in ${to}.`,
        { remedy: "Declare in the pair what becomes of its entries." },
      );
    }
  }
}

/** The type of a mapping, with the structs that it is made of. */
function describe(shown: ProgramInterface | undefined, mapping: string): string {
  const lines = [shown?.mappings[mapping] ?? "not there"];
  const structs = new Set<string>();
  for (const line of lines) {
    for (const [name] of line.matchAll(/\b[A-Za-z]\w*\b/g)) {
      const struct = shown?.structs[name];
      if (struct === undefined || structs.has(name)) continue;
      structs.add(name);
      lines.push(`${name} ${struct}`);
    }
  }
  return lines.join(", ");
}
