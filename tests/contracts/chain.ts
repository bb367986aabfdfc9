import assert from "node:assert/strict";
import { PrivateKey } from "../../aleo/keys.ts";
import { connect, isAbortedIn, type NodeClient } from "../../aleo/node/client.ts";
import { parseProgram } from "../../aleo/program/parse.ts";
import type {
  BuiltTransaction,
  ExecutionRequest,
  Imports,
} from "../../aleo/transaction/builder.ts";
import { loadSdk, SdkError } from "../../aleo/transaction/sdk.ts";
import { unprovenBuilder } from "../../aleo/transaction/unproven-builder.ts";
import { compiledProgram } from "../../contracts/compiled-program.ts";
import { createBlocks } from "../support/create-blocks.ts";
import { scratchDevnode } from "../support/devnode.ts";
import type { Account } from "./accounts.ts";
import { uncheckedExecution } from "./unchecked-execution.ts";

export interface Call {
  readonly by: Account;
  readonly program: string;
  readonly function: string;
  readonly inputs: readonly string[];
}

/** Makes calls of the functions of one program. */
export function callsOf(program: string) {
  return (by: Account, name: string, ...inputs: string[]): Call => ({
    by,
    program,
    function: name,
    inputs,
  });
}

type Status = "accepted" | "rejected" | "aborted";

/** A devnode that makes a block when told to, and the programs on it. */
export class Chain {
  readonly #url: () => string;
  #node: NodeClient | undefined;

  constructor(url: () => string) {
    this.#url = url;
  }

  get node(): NodeClient {
    this.#node ??= connect({ network: "local", endpoints: [this.#url()] });
    return this.#node;
  }

  /** Deploys a program as its next edition; without a text, the compiled one of this project. */
  async deploy(
    by: Account,
    programId: string,
    source = compiledProgram(programId),
  ): Promise<Status> {
    const transaction = await this.#builder(by).deployment({
      programId,
      source,
      edition: ((await this.node.programEdition(programId)) ?? -1) + 1,
      imports: await this.#importsOf(source),
      priorityFee: 0n,
    });
    const [status = "aborted"] = await this.#land([transaction]);
    return status;
  }

  /** Sends the calls, and asserts that one block accepts them all. */
  async accepts(...calls: Call[]): Promise<void> {
    assert.deepEqual(await this.#send(calls), nameEach(calls, "accepted"));
  }

  /** Sends the calls, and asserts that one block rejects them all. */
  async rejects(...calls: Call[]): Promise<void> {
    assert.deepEqual(await this.#send(calls), nameEach(calls, "rejected"));
  }

  /** Sends the calls in one block, and asserts how many of them it accepts; it rejects the others. */
  async acceptsOnly(count: number, ...calls: Call[]): Promise<void> {
    const statuses = (await this.#send(calls)).map((line) => line.split(" ").at(-1));
    assert.deepEqual(statuses.toSorted(), [
      ...Array<Status>(count).fill("accepted"),
      ...Array<Status>(calls.length - count).fill("rejected"),
    ]);
  }

  /** Asserts that no transaction can be made of the call: an assert of its function fails. */
  async cannotBuild(...calls: Call[]): Promise<void> {
    for (const call of calls) {
      await assert.rejects(this.#build(call), (error) => {
        assert.ok(error instanceof SdkError);
        assert.match(error.message, /assert\.eq|overflow/i);
        return true;
      });
    }
  }

  /** Sends the call as the SDK builds it, which runs its circuits, and asserts that it is accepted. */
  async acceptsWithCircuits(call: Call): Promise<void> {
    const request = { ...(await this.#request(call)), priorityFee: 0n };
    assert.deepEqual(await this.#land([await this.#builder(call.by).execution(request)]), [
      "accepted",
    ]);
  }

  value(program: string, mapping: string, key: string): Promise<string | undefined> {
    return this.node.mappingValue(program, mapping, key);
  }

  /** An integer entry as a number; 0 where there is none. */
  async number(program: string, mapping: string, key = "0u8"): Promise<bigint> {
    return numberOf((await this.value(program, mapping, key)) ?? "0");
  }

  /** A struct's members by name. */
  async struct(
    program: string,
    mapping: string,
    key: string,
  ): Promise<Record<string, string> | undefined> {
    const value = await this.value(program, mapping, key);
    return value === undefined
      ? undefined
      : Object.fromEntries(
          [...value.matchAll(/(\w+):\s*([^\s,}]+)/g)].map(([, name = "", member = ""]) => [
            name,
            member,
          ]),
        );
  }

  /** The credits that a program holds, in microcredits. */
  async held(program: string): Promise<bigint> {
    return this.node.balance(await addressOf(program));
  }

  async #send(calls: readonly Call[]): Promise<string[]> {
    const transactions: BuiltTransaction[] = [];
    for (const call of calls) transactions.push(await this.#build(call));
    const statuses = await this.#land(transactions);
    return calls.map((call, index) => `${call.function} ${statuses[index] ?? ""}`);
  }

  async #build(call: Call): Promise<BuiltTransaction> {
    return uncheckedExecution(
      call.by.privateKey,
      await this.#request(call),
      await this.node.stateRoot(),
    );
  }

  async #request(call: Call): Promise<Omit<ExecutionRequest, "priorityFee">> {
    const source = await this.node.programSource(call.program);
    const edition = await this.node.programEdition(call.program);
    assert.ok(source !== undefined && edition !== undefined, `${call.program} is not deployed`);
    return {
      programId: call.program,
      source,
      edition,
      imports: await this.#importsOf(source),
      functionName: call.function,
      inputs: call.inputs,
    };
  }

  async #land(transactions: readonly BuiltTransaction[]): Promise<Status[]> {
    for (const { text } of transactions) await this.node.broadcast(text);
    await createBlocks(this.#url(), 1);
    const block = await this.node.latestBlock();
    return Promise.all(
      transactions.map(async ({ id }) => {
        if (isAbortedIn(block, id)) return "aborted";
        const confirmed = await this.node.confirmedTransaction(id);
        assert.ok(confirmed !== undefined, `the block does not hold ${id}`);
        return confirmed.status;
      }),
    );
  }

  /** Without credits.aleo, which the SDK knows: it would read its text anew for each transaction. */
  async #importsOf(source: string): Promise<Imports> {
    const imports: Record<string, { source: string; edition: number }> = {};
    for (const { id } of parseProgram(source).imports) {
      if (id === "credits.aleo") continue;
      const imported = await this.node.programSource(id);
      assert.ok(imported !== undefined, `${id} is not deployed`);
      Object.assign(imports, await this.#importsOf(imported));
      imports[id] = { source: imported, edition: (await this.node.programEdition(id)) ?? 0 };
    }
    return imports;
  }

  #builder(account: Account) {
    const key = new PrivateKey(account.privateKey, "tests/contracts/accounts.ts");
    return unprovenBuilder(this.node, key, { devnode: true });
  }
}

/** A chain of its own for the tests of one `describe`, with these programs, deployed by one account. */
export function scratchChain(by: Account, ...programs: string[]): Chain {
  const devnode = scratchDevnode({ manualBlocks: true });
  const chain = new Chain(() => devnode.url);
  before(async function () {
    this.timeout(120_000);
    for (const program of programs) assert.equal(await chain.deploy(by, program), "accepted");
  });
  after(() => chain.node.close());
  return chain;
}

/** The address under which a program holds credits. */
async function addressOf(program: string): Promise<string> {
  const sdk = await loadSdk("testnet");
  return sdk.Address.fromProgramId(program).to_string();
}

/** The number in an integer literal: 5 for `5u64`. */
export function numberOf(literal: string): bigint {
  return BigInt(literal.replace(/[ui]\d+$/, ""));
}

function nameEach(calls: readonly Call[], status: Status): string[] {
  return calls.map((call) => `${call.function} ${status}`);
}
