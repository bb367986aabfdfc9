import assert from "node:assert/strict";
import fc from "fast-check";
import { entriesDigest, snapshotDigest } from "../../../aleo/snapshot/digest.ts";
import { diffSnapshots } from "../../../aleo/snapshot/diff.ts";
import {
  entryCount,
  entryOf,
  sortedMappings,
  type MappingSnapshot,
  type Snapshot,
} from "../../../aleo/snapshot/snapshot.ts";

const word = fc.string({ unit: fc.constantFrom("a", "b", "1", ":", "\n"), maxLength: 4 });
const mappings = fc
  .uniqueArray(fc.tuple(word, fc.array(fc.tuple(word, word), { maxLength: 6 })), {
    selector: ([name]) => name,
    maxLength: 3,
  })
  .map(sortedMappings);

const snapshot: Snapshot = {
  network: "local",
  program: "notes.aleo",
  edition: 2,
  checksum: "00",
  programSource: "program notes.aleo;",
  owner: "aleo1rhgdu77hgyqd3xjj8ucu3jj9r2krwz6mnzyd80gncr5fxcwlh5rsvzp9px",
  height: 30,
  blockHash: "ab1",
  stateRoot: "sr1",
  blockTimeMs: 1_000,
  mappings: [{ name: "notes", entries: [["1u8", "2u8"]] }],
  source: "listing",
  verification: {
    kind: "quiet-reads",
    attempts: 1,
    heightBefore: 30,
    heightAfter: 30,
    keysAsked: undefined,
  },
};

describe("a snapshot", () => {
  it("has one order, whatever the order of what it is made from", () => {
    fc.assert(
      fc.property(mappings, (list) => {
        const shuffled = list
          .toReversed()
          .map(({ name, entries }) => [name, entries.toReversed()] as const);
        assert.deepEqual(sortedMappings(shuffled), list);
      }),
    );
  });

  it("finds every entry by its key, and no other", () => {
    fc.assert(
      fc.property(mappings, word, word, (list, name, key) => {
        const wanted = list
          .find((mapping) => mapping.name === name)
          ?.entries.find(([k]) => k === key);
        assert.equal(entryOf({ mappings: list }, name, key), wanted?.[1]);
        for (const mapping of list) {
          for (const [k, v] of mapping.entries) {
            assert.equal(entryOf({ mappings: list }, mapping.name, k), v);
          }
        }
      }),
    );
  });

  it("has a digest that no two contents share", () => {
    fc.assert(
      fc.property(mappings, mappings, (a, b) => {
        const same = JSON.stringify(a) === JSON.stringify(b);
        assert.equal(entriesDigest(a) === entriesDigest(b), same);
      }),
      { numRuns: 500 },
    );
  });

  it("has the same digest whatever it was taken from, and another for any other content", () => {
    const digest = snapshotDigest(snapshot);
    const replayed: Snapshot = {
      ...snapshot,
      owner: undefined,
      stateRoot: undefined,
      source: "replay",
      verification: { kind: "operation-ids", fromHeight: 1, toHeight: 30, operations: 4 },
    };
    assert.equal(snapshotDigest(replayed), digest);
    const others: readonly Partial<Snapshot>[] = [
      { network: "testnet" },
      { program: "other.aleo" },
      { edition: 3 },
      { checksum: "01" },
      { height: 31 },
      { blockHash: "ab2" },
      { mappings: [] },
    ];
    for (const other of others) assert.notEqual(snapshotDigest({ ...snapshot, ...other }), digest);
  });

  it("differs from another by just what turns the one into the other", () => {
    fc.assert(
      fc.property(mappings, mappings, (before, after) => {
        const entries = new Map(flat(before));
        const changes = diffSnapshots({ mappings: before }, { mappings: after });
        for (const change of changes) {
          const place = JSON.stringify([change.mapping, change.key]);
          assert.equal(entries.get(place), "before" in change ? change.before : undefined);
          if ("after" in change) entries.set(place, change.after);
          else entries.delete(place);
          if (change.kind === "changed") assert.notEqual(change.before, change.after);
        }
        assert.deepEqual([...entries].sort(), flat(after).sort());
        assert.ok(
          changes.length <= entryCount({ mappings: before }) + entryCount({ mappings: after }),
        );
      }),
      { numRuns: 500 },
    );
  });
});

function flat(list: readonly MappingSnapshot[]): [string, string][] {
  return list.flatMap(({ name, entries }) =>
    entries.map(([key, value]): [string, string] => [JSON.stringify([name, key]), value]),
  );
}
