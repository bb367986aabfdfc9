import assert from "node:assert/strict";
import { connect, type NodeClient } from "../../../aleo/node/client.ts";
import type { Block } from "../../../aleo/node/shapes.ts";
import { loadCrypto } from "../../../aleo/replay/crypto.ts";
import { nodeLibrary } from "../../../aleo/replay/library.ts";
import { Replay, type Rejection } from "../../../aleo/replay/replay.ts";
import { State } from "../../../aleo/replay/state.ts";
import { parseProgram } from "../../../aleo/program/parse.ts";
import type { Imports } from "../../../aleo/transaction/builder.ts";
import { Chain, type Call } from "../../contracts/chain.ts";
import { uncheckedExecution } from "../../contracts/unchecked-execution.ts";
import { createBlocks } from "../../support/create-blocks.ts";
import { scratchDevnode } from "../../support/devnode.ts";

/** A devnode that takes calls without an opinion on what becomes of them. */
export class Ledger {
  readonly chain: Chain;
  readonly #url: () => string;
  readonly #sources = new Map<string, Promise<{ source: string; edition: number }>>();

  constructor(url: () => string) {
    this.#url = url;
    this.chain = new Chain(url);
  }

  get node(): NodeClient {
    return this.chain.node;
  }

  get url(): string {
    return this.#url();
  }

  /** Sends the calls, and makes one block of them. */
  async send(calls: readonly Call[]): Promise<Block> {
    const stateRoot = await this.node.stateRoot();
    for (const { by, program, function: functionName, inputs } of calls) {
      const { source, edition } = await this.#program(program);
      const { text } = await uncheckedExecution(
        by.privateKey,
        {
          programId: program,
          source,
          edition,
          imports: await this.#importsOf(source),
          functionName,
          inputs: [...inputs],
        },
        stateRoot,
      );
      await this.node.broadcast(text);
    }
    await createBlocks(this.#url(), 1);
    return this.node.latestBlock();
  }

  /** What was known of a program is asked for again: it was upgraded. */
  forget(program: string): void {
    this.#sources.delete(program);
  }

  #program(id: string): Promise<{ source: string; edition: number }> {
    let found = this.#sources.get(id);
    if (found === undefined) {
      found = this.#read(id);
      this.#sources.set(id, found);
    }
    return found;
  }

  async #read(id: string): Promise<{ source: string; edition: number }> {
    const program = await this.node.program(id);
    assert.ok(program !== undefined, `${id} is not deployed`);
    return program;
  }

  async #importsOf(source: string): Promise<Imports> {
    const imports: Record<string, { source: string; edition: number }> = {};
    for (const { id } of parseProgram(source).imports) {
      if (id === "credits.aleo") continue;
      const imported = await this.#program(id);
      Object.assign(imports, await this.#importsOf(imported.source), { [id]: imported });
    }
    return imports;
  }
}

export function scratchLedger(): Ledger {
  const devnode = scratchDevnode({ manualBlocks: true });
  const ledger = new Ledger(() => devnode.url);
  after(() => ledger.node.close());
  return ledger;
}

/** A replay of a chain from its first block, caught up when asked. */
export class Follower {
  readonly state = new State();
  readonly rejections: Rejection[] = [];
  operations = 0;
  #replay: Replay | undefined;
  #next = 0;
  readonly #node: () => NodeClient;

  constructor(node: () => NodeClient, programs: readonly string[], accounts: readonly string[]) {
    this.#node = node;
    for (const program of programs) this.state.follow(program);
    for (const address of accounts) this.state.watch(address);
  }

  async catchUp(): Promise<void> {
    this.#replay ??= new Replay({
      ledger: "testnet",
      crypto: await loadCrypto("testnet"),
      library: nodeLibrary(this.#node()),
      state: this.state,
    });
    for (const block of await this.#node().blocks(this.#next, Infinity)) {
      const { operations, rejections, height } = await this.#replay.apply(block);
      this.operations += operations;
      this.rejections.push(...rejections);
      this.#next = height + 1;
    }
  }

  /** Catches up, and asserts that it holds what the node lists, of programs and accounts. */
  async agrees(): Promise<void> {
    await this.catchUp();
    const node = this.#node();
    for (const program of this.state.followed) {
      for (const [mapping, entries] of this.state.mappings(program)) {
        const listed = (await node.mappingEntries(program, mapping))?.entries ?? [];
        assert.deepEqual(sorted(entries), sorted(listed), `${program}/${mapping}`);
      }
    }
    for (const address of this.state.watched) {
      assert.equal(this.state.balance(address), await node.balance(address), address);
    }
  }
}

function sorted<T extends readonly [string, unknown]>(entries: Iterable<T>): T[] {
  return [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** A client of one endpoint, such as a proxy before the devnode. */
export function clientOf(url: string): NodeClient {
  return connect({ network: "local", endpoints: [url], retryBudgetMs: 5_000 });
}
