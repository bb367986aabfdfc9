import { isThere } from "../../aleo/file-error.ts";
import { ledgerOf, type Network } from "../../aleo/network.ts";
import type { NodeClient } from "../../aleo/node/client.ts";
import type { Block } from "../../aleo/node/shapes.ts";
import { loadCrypto } from "../../aleo/replay/crypto.ts";
import { observe, type WatchedProgram } from "../../monitor/chain/observe.ts";
import { type Environment, monitorSettings } from "../../monitor/settings.ts";
import { Store } from "../../monitor/store/store.ts";
import { formatMoment, plural } from "../text.ts";

/** Where the transactions of programs are looked up: the monitor's database, else one made of blocks. */
export interface TransactionSource {
  readonly store: Store;
  readonly programs: readonly WatchedProgram[];
  /** Whether the monitor has read it; what came of blocks knows nothing of the time before them. */
  readonly isMonitor: boolean;
  /** Height up to which it was read. */
  readonly height: number | undefined;
  /** Where it comes from, for people. */
  readonly origin: string;
  /** What is missing of the time that was asked for. */
  readonly gap: string | undefined;
  close(): void;
}

/** As many as a node gives at once. */
const batch = 50;
/** A public node takes about 15 s for so many; a devnode less than one. */
const mostBlocks = 2_000;

/**
 * The transactions of these programs after `from` (ms since 1970).
 * @throws DatabaseError for a monitor's database that can't be used
 */
export async function transactionSource(
  node: NodeClient,
  environment: Environment,
  programs: readonly string[],
  from: number,
): Promise<TransactionSource> {
  return (
    monitorSource(node.network, environment, programs, from) ??
    (await blockSource(node, programs, from))
  );
}

/** Undefined where there is no database, or one that does not watch all of these programs. */
export function monitorSource(
  network: Network,
  environment: Environment,
  programs: readonly string[],
  from: number,
): TransactionSource | undefined {
  const { database } = monitorSettings(network, environment);
  if (!isThere(database)) return undefined;
  const store = Store.openToLook(database, network);
  const watched = programs.flatMap((id) => {
    const address = store.probes.fact(`address:${id}`);
    return address === undefined ? [] : [{ id, address }];
  });
  if (watched.length < programs.length) {
    store.close();
    return undefined;
  }
  const begun = store.chain.firstTime();
  const height = store.chain.cursor()?.height;
  return {
    ...{ store, programs: watched, isMonitor: true, height },
    origin: `the monitor's database ${database}, up to block ${String(height ?? "–")}`,
    gap:
      begun !== undefined && begun <= from
        ? undefined
        : `the monitor has watched only since ${begun === undefined ? "now" : formatMoment(begun)}`,
    close: () => {
      store.close();
    },
  };
}

/** Reads blocks backwards from the head until they are older than `from`, 2,000 at most. */
export async function blockSource(
  node: NodeClient,
  ids: readonly string[],
  from: number,
): Promise<TransactionSource> {
  const crypto = await loadCrypto(ledgerOf(node.network));
  const programs = ids.map((id) => ({ id, address: crypto.programAddress(id) }));
  const head = await node.latestHeight();
  let blocks: Block[] = [];
  let first = head + 1;
  let isWhole = false;
  while (!isWhole && first > 0 && blocks.length < mostBlocks) {
    const start = Math.max(0, first - batch);
    const found = await node.blocks(start, first, head);
    blocks = [...found, ...blocks];
    first = start;
    isWhole = first === 0 || timeOf(found[0]) <= from;
  }
  const store = Store.open(":memory:", node.network);
  store.chain.begin({ height: first - 1, hash: "", time: 0 });
  store.database.atomically(() => {
    for (const block of blocks) store.chain.add(observe(block, programs));
  });
  const oldest = timeOf(blocks[0]);
  return {
    ...{ store, programs, isMonitor: false, height: head },
    origin: `${plural(blocks.length, "block")} of the node, up to block ${head} (there is no monitor's database)`,
    gap: isWhole
      ? undefined
      : `only the last ${mostBlocks} blocks were read, back to ${formatMoment(oldest)}: for longer, run this where the monitor's database is`,
    close: () => {
      store.close();
    },
  };
}

function timeOf(block: Block | undefined): number {
  return (block?.header.metadata.timestamp ?? 0) * 1_000;
}
