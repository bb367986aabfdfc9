import { performance } from "node:perf_hooks";
import type { Network } from "../../aleo/network.ts";
import { connect, type NodeClient } from "../../aleo/node/client.ts";
import type { Block } from "../../aleo/node/shapes.ts";
import type { Look } from "../store/look-store.ts";

/** A look must not hold up the others for longer than this, in ms. */
const lookMs = 5_000;
/** Fifty blocks of a public network may be tens of megabytes. */
const downloadMs = 60_000;
const megabyte = 1024 * 1024;
/** Blocks of more than this together are asked for in smaller numbers, so that they fit into memory. */
const mostTogether = 16 * megabyte;
const largestBlock = 128 * megabyte;

interface Watched {
  readonly name: string;
  readonly looking: NodeClient;
  readonly reading: NodeClient;
  /** For a block that is large by itself. */
  readonly readingOne: NodeClient;
}

/** The nodes of a network, each asked for itself, so that one that is wrong is told from the others. */
export class Endpoints {
  readonly #all: readonly Watched[];
  /** The endpoint that served the last blocks is asked first. */
  #preferred = 0;

  constructor(network: Network, addresses: readonly string[]) {
    this.#all = addresses.map((address) => {
      const client = (retryBudgetMs: number, maxResponseBytes: number) =>
        connect({
          ...{ network, endpoints: [address], retryBudgetMs, maxResponseBytes },
          requestTimeoutMs: retryBudgetMs,
        });
      const looking = client(lookMs, largestBlock);
      return {
        ...{ name: looking.endpoints[0] ?? address, looking },
        reading: client(downloadMs, mostTogether),
        readingOne: client(downloadMs, largestBlock),
      };
    });
  }

  get names(): readonly string[] {
    return this.#all.map(({ name }) => name);
  }

  /** The newest block of each endpoint, all asked at once. */
  look(now: () => number): Promise<Look[]> {
    return Promise.all(
      this.#all.map(async ({ name: endpoint, looking }) => {
        const begun = performance.now();
        try {
          const { block_hash, header } = await looking.latestBlock();
          return {
            endpoint,
            time: now(),
            answeredMs: performance.now() - begun,
            height: header.metadata.height,
            hash: block_hash,
            problem: undefined,
          };
        } catch (error) {
          const problem = error instanceof Error ? error.message : String(error);
          const nothing = { answeredMs: undefined, height: undefined, hash: undefined };
          return { endpoint, time: now(), ...nothing, problem };
        }
      }),
    );
  }

  /** The block at a height, from each endpoint that has it. */
  async blockOfEach(height: number): Promise<{ endpoint: string; block: Block }[]> {
    const answers = await Promise.allSettled(
      this.#all.map(async ({ name: endpoint, looking }) => ({
        endpoint,
        block: await looking.block(height),
      })),
    );
    return answers.flatMap((answer) => {
      if (answer.status === "rejected" || answer.value.block === undefined) return [];
      const { endpoint, block } = answer.value;
      return [{ endpoint, block }];
    });
  }

  /**
   * Blocks from `start` up to but without `before`, from the first of the endpoints in `from` that
   * serves them and whose answer `accept` does not refuse by throwing.
   * @throws what the last endpoint threw
   */
  async blocks(
    start: number,
    before: number,
    from: ReadonlySet<string>,
    accept: (blocks: readonly Block[]) => void,
  ): Promise<Block[]> {
    let failure: unknown = new Error(`no endpoint has block ${before - 1}`);
    for (let turn = 0; turn < this.#all.length; turn += 1) {
      const index = (this.#preferred + turn) % this.#all.length;
      const endpoint = this.#all[index];
      if (endpoint === undefined || !from.has(endpoint.name)) continue;
      try {
        const client = before - start === 1 ? endpoint.readingOne : endpoint.reading;
        const blocks = await client.blocks(start, before, before - 1);
        accept(blocks);
        this.#preferred = index;
        return blocks;
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }

  async close(): Promise<void> {
    await Promise.all(
      this.#all.flatMap(({ looking, reading, readingOne }) => [
        looking.close(),
        reading.close(),
        readingOne.close(),
      ]),
    );
  }
}
