import type { Block } from "../../aleo/node/shapes.ts";
import { observe, type ObservedBlock, type WatchedProgram } from "../chain/observe.ts";
import { NodeResponseError, NodeUnreachableError } from "../../aleo/node/errors.ts";
import { DatabaseError, OtherChainError } from "../errors.ts";
import type { Cursor } from "../store/chain-store.ts";
import type { Look } from "../store/look-store.ts";
import type { Store } from "../store/store.ts";
import type { Endpoints } from "./endpoints.ts";

/** snarkOS serves at most 50 full blocks a call. */
const mostBlocks = 50;
/** Batches that are under way: one is taken while the next one is downloaded. */
const batchesUnderWay = 2;

export interface FollowerOptions {
  readonly store: Store;
  readonly endpoints: Endpoints;
  /** What is watched now; more may be later. */
  readonly programs: () => readonly WatchedProgram[];
  /** Where a new database begins; at the newest block without it. */
  readonly fromBlock: number | undefined;
  readonly now: () => number;
  /** Called inside the transaction that takes the block. */
  readonly taken: (block: ObservedBlock) => void;
  /** Called once inside each transaction, after its last block. */
  readonly batchTaken: () => void;
  /** Called when blocks are taken for good. */
  readonly committed: (blocks: readonly ObservedBlock[]) => void;
}

export interface Progress {
  readonly cursor: Cursor | undefined;
  /** The greatest height that an endpoint of this chain serves. */
  readonly head: number | undefined;
  readonly looks: readonly Look[];
  /** Endpoints that serve another block than this monitor has at the same height. */
  readonly strangers: readonly string[];
  /** How many blocks were taken. */
  readonly blocks: number;
  /** Why the chain was not followed to its end; an OtherChainError where it is another chain. */
  readonly failure: unknown;
}

/** A batch that does not join what was read before. */
class BrokenLink extends Error {}

/** Blocks that were asked for, up to but without `before`. */
interface Batch {
  readonly start: number;
  readonly before: number;
  readonly blocks: Promise<Block[]>;
}

/** Some endpoints, and not all, are on another chain. */
class Strangers extends Error {
  readonly endpoints: readonly string[];

  constructor(endpoints: readonly string[]) {
    super(`${endpoints.join(", ")} is on another chain`);
    this.endpoints = endpoints;
  }
}

/** Reads every block once and in order, from whichever endpoint has it. */
export class Follower {
  readonly #options: FollowerOptions;
  /** Fewer for a while where the endpoints' answers were too large, or cut. */
  #batchSize = mostBlocks;

  constructor(options: FollowerOptions) {
    this.#options = options;
  }

  /**
   * Looks at every endpoint and reads all blocks up to the newest.
   * @param ended asked between batches: true ends the reading there
   * @throws DatabaseError; what was taken before stays
   */
  async poll(ended: () => boolean): Promise<Progress> {
    const { store, endpoints, now } = this.#options;
    const looks = await endpoints.look(now);
    store.database.atomically(() => {
      for (const look of looks) store.looks.add(look);
    });
    const strangers = new Set(this.#strangers(looks));
    let blocks = 0;
    const progress = (head: number | undefined, failure?: unknown): Progress => {
      for (const endpoint of this.#strangers(looks)) strangers.add(endpoint);
      const cursor = store.chain.cursor();
      return { cursor, head, looks, strangers: [...strangers], blocks, failure };
    };
    for (;;) {
      const ours = looks.filter(
        ({ endpoint, height }) => height !== undefined && !strangers.has(endpoint),
      );
      if (ours.length === 0) {
        const isOther = strangers.size > 0;
        const cursor = store.chain.cursor();
        return progress(
          undefined,
          isOther ? otherChain(cursor, [...strangers], store.database.path) : noAnswer(looks),
        );
      }
      const head = Math.max(...ours.map(({ height = 0 }) => height));
      try {
        await this.#catchUp(head, ours, ended, (taken) => (blocks += taken));
        return progress(head);
      } catch (error) {
        if (error instanceof DatabaseError) throw error;
        if (!(error instanceof Strangers)) return progress(head, error);
        for (const endpoint of error.endpoints) strangers.add(endpoint);
      }
    }
  }

  /** Compares what the endpoints serve with the blocks that were read, at the heights that both have. */
  #strangers(looks: readonly Look[]): string[] {
    const { chain } = this.#options.store;
    return looks.flatMap(({ endpoint, height, hash }) => {
      const known = height === undefined ? undefined : chain.hashAt(height);
      return known === undefined || known === hash ? [] : [endpoint];
    });
  }

  async #catchUp(
    head: number,
    looks: readonly Look[],
    ended: () => boolean,
    counted: (blocks: number) => void,
  ): Promise<void> {
    const { chain } = this.#options.store;
    let next = this.#begin(head).height + 1;
    const ask = (start: number, before: number, link?: Cursor) =>
      this.#download(start, before, looks, link);
    const asked: Batch[] = [];
    try {
      while (!ended()) {
        while (asked.length < batchesUnderWay && next <= head) {
          const before = Math.min(next + this.#batchSize, head + 1);
          const blocks = ask(next, before);
          // Awaited in its turn; a failure before that is none yet.
          blocks.catch(() => undefined);
          asked.push({ start: next, before, blocks });
          next = before;
        }
        const [batch] = asked;
        if (batch === undefined) break;
        const cursor = chain.cursor();
        let blocks: Block[];
        try {
          blocks = await batch.blocks;
        } catch (error) {
          if (!this.#shrinks(batch, error)) throw error;
          await Promise.allSettled(asked.splice(0).map((one) => one.blocks));
          next = batch.start;
          continue;
        }
        asked.shift();
        // Another endpoint may have the block that belongs here.
        if (!joins(blocks, cursor)) blocks = await this.#joining(batch, cursor, ask);
        this.#take(blocks);
        this.#batchSize = Math.min(mostBlocks, 2 * this.#batchSize);
        counted(blocks.length);
      }
    } finally {
      await Promise.allSettled(asked.map(({ blocks }) => blocks));
    }
  }

  /**
   * Asks for fewer blocks at once from now on.
   * @returns whether to do so at once: after any other failure it is done at the next poll
   */
  #shrinks({ start, before }: Batch, error: unknown): boolean {
    const count = before - start;
    this.#batchSize = Math.ceil(count / 2);
    return count > 1 && isTooLarge(error);
  }

  #begin(head: number): Cursor {
    const { store, fromBlock = head } = this.#options;
    const cursor = store.chain.cursor();
    if (cursor !== undefined) return cursor;
    const start = { height: fromBlock - 1, hash: "", time: 0 };
    store.chain.begin(start);
    return start;
  }

  #download(
    start: number,
    before: number,
    looks: readonly Look[],
    link?: Cursor,
  ): Promise<Block[]> {
    const able = looks.filter(({ height }) => height !== undefined && height >= before - 1);
    return this.#options.endpoints.blocks(
      start,
      before,
      new Set(able.map(({ endpoint }) => endpoint)),
      (blocks) => {
        requireWhole(blocks, start, before);
        if (link !== undefined && !joins(blocks, link)) throw new BrokenLink();
      },
    );
  }

  async #joining(
    { start, before }: Batch,
    cursor: Cursor | undefined,
    ask: (start: number, before: number, link?: Cursor) => Promise<Block[]>,
  ): Promise<Block[]> {
    try {
      return await ask(start, before, cursor);
    } catch (error) {
      if (!(error instanceof BrokenLink) || cursor === undefined) throw error;
      const served = await this.#options.endpoints.blockOfEach(cursor.height);
      const others = served.filter(({ block }) => block.block_hash !== cursor.hash);
      if (others.length > 0) throw new Strangers(others.map(({ endpoint }) => endpoint));
      throw new Error(`block ${start} does not follow block ${cursor.height} at any endpoint`, {
        cause: error,
      });
    }
  }

  #take(blocks: readonly Block[]): void {
    const { store, programs, taken, batchTaken, committed } = this.#options;
    const watched = programs();
    const observed = blocks.map((block) => observe(block, watched));
    store.database.atomically(() => {
      for (const block of observed) {
        store.chain.add(block);
        taken(block);
      }
      batchTaken();
    });
    committed(observed);
  }
}

/** The endpoints have the blocks, and these are more than is taken in one answer. */
function isTooLarge(error: unknown): boolean {
  return (
    error instanceof NodeResponseError &&
    error.failures.some(({ reason }) => reason.includes("too large"))
  );
}

function joins(blocks: readonly Block[], cursor: Cursor | undefined): boolean {
  const [first] = blocks;
  if (first === undefined || cursor === undefined || cursor.hash === "") return true;
  return first.previous_hash === cursor.hash;
}

/** @throws Error where a block is missing, or does not follow the one before it */
function requireWhole(blocks: readonly Block[], start: number, before: number): void {
  if (blocks.length !== before - start) {
    throw new Error(
      `it served ${blocks.length} of the ${before - start} blocks from ${start} to ${before - 1}`,
    );
  }
  for (const [index, { header, previous_hash }] of blocks.entries()) {
    const { height } = header.metadata;
    if (height !== start + index) {
      throw new Error(`it served block ${height} in place of block ${start + index}`);
    }
    const previous = blocks[index - 1];
    if (previous !== undefined && previous.block_hash !== previous_hash) {
      throw new Error(`its block ${height} does not follow its block ${height - 1}`);
    }
  }
}

function noAnswer(looks: readonly Look[]): NodeUnreachableError {
  return new NodeUnreachableError({
    request: "GET /block/latest",
    failures: looks.map(({ endpoint, problem }) => ({ endpoint, reason: problem ?? "" })),
  });
}

function otherChain(
  cursor: Cursor | undefined,
  endpoints: readonly string[],
  database: string,
): OtherChainError {
  return new OtherChainError(
    `${endpoints.join(", ")} serves another chain than the one that this monitor has read up to block ${String(cursor?.height)} (${String(cursor?.hash)}).`,
    {
      remedy: `Check the endpoint and the network. If the chain was reset on purpose, move ${database} away and start again.`,
    },
  );
}
