import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { ledgerOf } from "../../aleo/network.ts";
import type { NodeClient } from "../../aleo/node/client.ts";
import { NodeRefusedError } from "../../aleo/node/errors.ts";
import type { TransactionJson } from "../../aleo/node/shapes.ts";
import { partsOf, type WatchedProgram } from "../chain/observe.ts";
import type { ChainStore } from "../store/chain-store.ts";

/** How many transactions of each sort are asked for in one run. */
const mostAtOnce = 20;

/** The mappings that any transaction may change. */
const credits = "credits.aleo";

export interface EnquirerOptions {
  readonly node: NodeClient;
  readonly chain: ChainStore;
  /** What is watched now; more may be later. */
  readonly programs: () => readonly WatchedProgram[];
  /** What could not be found out this time; it is asked for again. */
  readonly failed: (question: string, error: unknown) => void;
}

/**
 * Finds out, beside the polls, what blocks leave open: under which ids rejected transactions were
 * sent, what the aborted ones would have called, and which mappings the ids in blocks mean.
 */
export class Enquirer {
  readonly #options: EnquirerOptions;
  readonly #ended = new AbortController();
  #run: Promise<void> | undefined;
  /** What was known when names of mappings were looked for last. */
  #named = "";

  constructor(options: EnquirerOptions) {
    this.#options = options;
  }

  /** Begins to ask, unless it does so already. */
  wake(): void {
    this.#run ??= this.#askAll().finally(() => {
      this.#run = undefined;
    });
  }

  /** Waits for what is being asked. */
  async settled(): Promise<void> {
    await this.#run;
  }

  /** Ends what is being asked. */
  async close(): Promise<void> {
    this.#ended.abort();
    await this.#run;
  }

  async #askAll(): Promise<void> {
    await this.#attempt("original ids of rejected transactions", () => this.#nameOriginals());
    await this.#attempt("aborted transactions", () => this.#askAborted());
    await this.#attempt("names of mappings", () => this.#nameMappings());
  }

  async #attempt(question: string, ask: () => Promise<void>): Promise<void> {
    try {
      await ask();
    } catch (error) {
      if (!this.#ended.signal.aborted) this.#options.failed(question, error);
    }
  }

  async #nameOriginals(): Promise<void> {
    const { chain, node } = this.#options;
    for (const id of chain.unnamed(mostAtOnce)) {
      const original = await originalOf(node, id);
      if (this.#ended.signal.aborted) return;
      chain.nameOriginal(id, original?.id ?? "");
    }
  }

  /** A block holds of an aborted transaction the id alone; most nodes know no more either. */
  async #askAborted(): Promise<void> {
    const { chain, node, programs } = this.#options;
    for (const id of chain.details.unaskedAborted(mostAtOnce)) {
      const sent = await originalOf(node, id);
      if (this.#ended.signal.aborted) return;
      chain.details.tellAborted(id, sent === undefined ? [] : partsOf(sent, programs()));
    }
  }

  /** The SDK computes the ids, in a process that ends at once, so that the monitor does not carry it. */
  async #nameMappings(): Promise<void> {
    const { chain, node, programs } = this.#options;
    const watched = programs().map(({ id }) => id);
    const state = () => [chain.details.namelessMappings(), ...watched].join(" ");
    if (chain.details.namelessMappings() === 0 || state() === this.#named) return;
    const known = new Set(chain.details.namedMappings());
    const wanted: string[] = [];
    for (const id of [credits, ...watched]) {
      const source = (await node.programSource(id)) ?? "";
      for (const [, name = ""] of source.matchAll(/^mapping (\w+):/gm)) {
        if (!known.has(`${id}/${name}`)) wanted.push(`${id}/${name}`);
      }
    }
    const ids = wanted.length === 0 ? [] : await this.#idsOf(wanted);
    if (this.#ended.signal.aborted) return;
    for (const [index, mapping] of wanted.entries()) {
      const [program = "", name = ""] = mapping.split("/");
      chain.details.nameMapping(ids[index] ?? "", program, name);
    }
    this.#named = state();
  }

  async #idsOf(mappings: readonly string[]): Promise<string[]> {
    const script = join(import.meta.dirname, "mapping-id.ts");
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [script, ledgerOf(this.#options.node.network), ...mappings],
      { env: {}, signal: this.#ended.signal },
    );
    return stdout.trim().split("\n");
  }
}

/** Undefined where the node does not have it, or takes the question for wrong: asking again is no use. */
async function originalOf(node: NodeClient, id: string): Promise<TransactionJson | undefined> {
  try {
    return await node.originalTransaction(id);
  } catch (error) {
    if (error instanceof NodeRefusedError) return undefined;
    throw error;
  }
}
