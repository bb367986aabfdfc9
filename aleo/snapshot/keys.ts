import PQueue from "p-queue";
import { ledgerOf } from "../network.ts";
import type { NodeClient } from "../node/client.ts";
import { loadCrypto } from "../replay/crypto.ts";
import { nodeLibrary } from "../replay/library.ts";
import { Replay } from "../replay/replay.ts";
import { State } from "../replay/state.ts";
import { blocksOf } from "./blocks.ts";
import { quietly } from "./quiet.ts";
import { loadStart, programsToFollow } from "./replayed.ts";
import { sortedMappings, type Entry, type Snapshot } from "./snapshot.ts";

const requestsAtOnce = 8;

/**
 * The state of a program at the head, asked for key by key: for nodes that list no mappings, and
 * programs that can't be replayed. The keys are those under which the blocks' futures write; how
 * many transactions may have written under keys that can't be known stands in `verification`.
 *
 * @throws {NoSuchProgramError}
 * @throws {NeverQuietError}
 */
export async function snapshotByKeys(node: NodeClient, program: string): Promise<Snapshot> {
  const library = nodeLibrary(node);
  const ledger = ledgerOf(node.network);
  const followed = await programsToFollow(library, [program]);
  const state = new State();
  for (const id of followed) state.follow(id);
  const from = await loadStart(state, library, program, followed, [], await node.latestHeight());
  const crypto = await loadCrypto(ledger);
  const replay = new Replay({ ledger, crypto, library, state, isLenient: true });

  return quietly(node, program, "keys", async () => {
    const next = replay.height === undefined ? from : replay.height + 1;
    for await (const block of blocksOf(node, next, await node.latestHeight())) {
      await replay.apply(block);
    }
    const keys = [...state.mappings(program)].map(
      ([mapping, entries]) => [mapping, [...entries].map(([key]) => key)] as const,
    );
    const mappings = await valuesOf(node, program, keys);
    const keysAsked = keys.reduce((sum, [, list]) => sum + list.length, 0);
    return { mappings: sortedMappings(mappings), keysAsked, lostWrites: replay.lost };
  });
}

async function valuesOf(
  node: NodeClient,
  program: string,
  keys: readonly (readonly [mapping: string, keys: readonly string[]])[],
): Promise<(readonly [string, readonly Entry[]])[]> {
  const queue = new PQueue({ concurrency: requestsAtOnce });
  return Promise.all(
    keys.map(async ([mapping, list]) => {
      const entries = await Promise.all(
        list.map((key) =>
          queue.add(async () => {
            const value = await node.mappingValue(program, mapping, key);
            return value === undefined ? undefined : ([key, value] as const);
          }),
        ),
      );
      return [mapping, entries.filter((entry) => entry !== undefined)] as const;
    }),
  );
}
