import { z } from "zod";
import { ledgerOf } from "../network.ts";
import type { NodeClient } from "../node/client.ts";
import type { Block } from "../node/shapes.ts";
import { loadCrypto } from "../replay/crypto.ts";
import { nodeLibrary, type ProgramLibrary } from "../replay/library.ts";
import { programsRead } from "../replay/reads.ts";
import { Replay, type Rejection, type ReplayedBlock } from "../replay/replay.ts";
import { State } from "../replay/state.ts";
import { blocksOf } from "./blocks.ts";
import { MissingBlocksError, NoSuchProgramError } from "./errors.ts";
import { sortedMappings, type Entry, type Snapshot } from "./snapshot.ts";

export interface ReplayedSnapshotOptions {
  /** The head where it is left out. */
  readonly height?: number;
  /**
   * Begins with this state instead of with the deployment: that of the program and of programs whose
   * mappings it reads, at one height. What it reads of others can't be known.
   */
  readonly base?: readonly Snapshot[];
  /** Accounts whose balance is followed, besides the program's own. */
  readonly watch?: readonly string[];
  /** Further programs to follow, such as those that are read by a name known at run time only. */
  readonly follow?: readonly string[];
  /** Where the blocks come from; the node where it is left out. */
  readonly blocks?: (from: number, to: number) => AsyncIterable<Block>;
  readonly onBlock?: (replayed: ReplayedBlock, lastHeight: number) => void;
}

export interface ReplayedSnapshot {
  readonly snapshot: Snapshot;
  /** In microcredits at the height; undefined for an account whose balance can't be known. */
  readonly balances: ReadonlyMap<string, bigint | undefined>;
  /** Rejected transactions that called the program. */
  readonly rejections: readonly Rejection[];
}

/**
 * The state of a program at any height, computed from the blocks: needs no more of a node than
 * blocks and deployments, and every change is checked against the ids in the blocks.
 *
 * @throws {NoSuchProgramError}
 * @throws {ReplayMismatchError | NotReplayableError | UnfollowedStateError}
 */
export async function snapshotByReplay(
  node: NodeClient,
  program: string,
  options: ReplayedSnapshotOptions = {},
): Promise<ReplayedSnapshot> {
  const height = options.height ?? (await node.latestHeight());
  const library = nodeLibrary(node);
  const ledger = ledgerOf(node.network);
  const crypto = await loadCrypto(ledger);
  const followed = await programsToFollow(library, [program, ...(options.follow ?? [])]);
  const state = new State();
  for (const id of await knownAtStart(library, followed, options.base ?? [])) state.follow(id);
  for (const address of [crypto.programAddress(program), ...(options.watch ?? [])]) {
    state.watch(address);
  }
  const from = await loadStart(state, library, program, followed, options.base ?? [], height);

  const replay = new Replay({ ledger, crypto, library, state });
  const read = options.blocks ?? ((first, last) => blocksOf(node, first, last));
  const rejections: Rejection[] = [];
  let operations = 0;
  let last: Block | undefined;
  for await (const block of read(from, height)) {
    const replayed = await replay.apply(block);
    operations += replayed.operations;
    rejections.push(...replayed.rejections);
    options.onBlock?.(replayed, height);
    last = block;
  }
  if (last === undefined || replay.height !== height) {
    throw new MissingBlocksError((replay.height ?? from - 1) + 1, height);
  }
  const edition = await replay.editionOf(program);
  if (edition === undefined) throw new NoSuchProgramError(program, `at height ${height}`);
  return {
    snapshot: {
      network: node.network,
      program,
      edition: edition.edition,
      checksum: edition.checksum,
      programSource: edition.source,
      owner: edition.owner,
      height,
      blockHash: last.block_hash,
      stateRoot: await stateRootAfter(node, height),
      blockTimeMs: last.header.metadata.timestamp * 1_000,
      mappings: sortedMappings(knownEntries(state, program)),
      source: "replay",
      verification: { kind: "operation-ids", fromHeight: from, toHeight: height, operations },
    },
    balances: new Map(state.watched.map((address) => [address, state.balance(address)])),
    rejections,
  };
}

/** With the programs whose mappings they read, in any of their editions. */
export async function programsToFollow(
  library: ProgramLibrary,
  programs: readonly string[],
): Promise<readonly string[]> {
  const all = new Set(programs);
  for (const id of all) {
    for (const { source } of await library.history(id)) {
      for (const read of programsRead(source)) all.add(read);
    }
  }
  return [...all];
}

/** Those of which all is known that they hold before the first block: the base has it, or it is nothing yet. */
async function knownAtStart(
  library: ProgramLibrary,
  followed: readonly string[],
  base: readonly Snapshot[],
): Promise<readonly string[]> {
  const [start] = base;
  if (start === undefined) return followed;
  const given = new Set(base.map(({ program }) => program));
  const histories = await Promise.all(followed.map((id) => library.history(id)));
  return followed.filter((id, index) => {
    const deployedAt = histories[index]?.[0]?.deployedAt;
    return given.has(id) || deployedAt === undefined || deployedAt > start.height;
  });
}

/** Puts in what there is before the first block, and answers the height of that block. */
export async function loadStart(
  state: State,
  library: ProgramLibrary,
  program: string,
  followed: readonly string[],
  base: readonly Snapshot[],
  height: number,
): Promise<number> {
  const [start] = base;
  if (start !== undefined) {
    for (const { program: id, mappings } of base) {
      for (const { name, entries } of mappings) state.load(id, name, entries);
    }
    return start.height + 1;
  }
  const histories = await Promise.all(followed.map((id) => library.history(id)));
  const [own] = histories;
  const deployedAt = own?.[0]?.deployedAt;
  if (deployedAt === undefined || deployedAt > height) {
    throw new NoSuchProgramError(program, `at height ${height}`);
  }
  return Math.min(...histories.flatMap(([first]) => first?.deployedAt ?? []));
}

function* knownEntries(
  state: State,
  program: string,
): Generator<readonly [string, readonly Entry[]]> {
  for (const [name, entries] of state.mappings(program)) {
    yield [
      name,
      [...entries].flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const])),
    ];
  }
}

const headerShape = z.looseObject({ previous_state_root: z.string() });

/** The ledger's state root after a block: the next block names it. */
async function stateRootAfter(node: NodeClient, height: number): Promise<string | undefined> {
  const next = await node.block(height + 1);
  if (next !== undefined) return headerShape.safeParse(next.header).data?.previous_state_root;
  const root = await node.stateRoot();
  return (await node.latestHeight()) === height ? root : undefined;
}
