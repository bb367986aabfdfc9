import type { MappingSnapshot, Snapshot } from "./snapshot.ts";

export type EntryChange =
  | {
      readonly kind: "added";
      readonly mapping: string;
      readonly key: string;
      readonly after: string;
    }
  | {
      readonly kind: "removed";
      readonly mapping: string;
      readonly key: string;
      readonly before: string;
    }
  | {
      readonly kind: "changed";
      readonly mapping: string;
      readonly key: string;
      readonly before: string;
      readonly after: string;
    };

/**
 * What has to be done to `before` to get `after`, by mapping and key. A mapping that only one of
 * them has counts as empty in the other. The programs may differ, as after a migration.
 */
export function diffSnapshots(
  before: Pick<Snapshot, "mappings">,
  after: Pick<Snapshot, "mappings">,
): EntryChange[] {
  const names = [...before.mappings, ...after.mappings].map(({ name }) => name);
  return [...new Set(names)]
    .sort()
    .flatMap((mapping) => [
      ...changes(mapping, entriesOf(before.mappings, mapping), entriesOf(after.mappings, mapping)),
    ]);
}

type Entries = MappingSnapshot["entries"];

function entriesOf(mappings: readonly MappingSnapshot[], mapping: string): Entries {
  return mappings.find(({ name }) => name === mapping)?.entries ?? [];
}

/** Both lists are sorted by key. */
function* changes(mapping: string, before: Entries, after: Entries): Generator<EntryChange> {
  let old = 0;
  let now = 0;
  while (old < before.length || now < after.length) {
    const [oldKey, oldValue] = before[old] ?? [];
    const [newKey, newValue] = after[now] ?? [];
    if (newKey === undefined || newValue === undefined) {
      if (oldKey === undefined || oldValue === undefined) return;
      yield { kind: "removed", mapping, key: oldKey, before: oldValue };
      old += 1;
    } else if (oldKey === undefined || oldValue === undefined || newKey < oldKey) {
      yield { kind: "added", mapping, key: newKey, after: newValue };
      now += 1;
    } else if (oldKey < newKey) {
      yield { kind: "removed", mapping, key: oldKey, before: oldValue };
      old += 1;
    } else {
      if (oldValue !== newValue) {
        yield { kind: "changed", mapping, key: oldKey, before: oldValue, after: newValue };
      }
      old += 1;
      now += 1;
    }
  }
}
