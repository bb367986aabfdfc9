import assert from "node:assert/strict";
import { PrivateKey } from "../../../aleo/keys.ts";
import { connect, type NodeClient } from "../../../aleo/node/client.ts";
import { NodeRefusedError } from "../../../aleo/node/errors.ts";
import type {
  BuiltTransaction,
  DeploymentRequest,
  ExecutionRequest,
  Imports,
  TransactionBuilder,
} from "../../../aleo/transaction/builder.ts";
import { builtDeployment } from "../../../aleo/transaction/sdk-transaction.ts";
import { SdkError } from "../../../aleo/transaction/sdk.ts";
import { unprovenBuilder } from "../../../aleo/transaction/unproven-builder.ts";
import { scratchDevnode } from "../../support/devnode.ts";
import { fundedAccounts, type FundedAccount } from "../../support/funded-accounts.ts";

const constructor = "\nconstructor:\n    assert.eq true true;\n";

/** Adds by the library's function; `edition` differs in what it adds. */
const library = (amount: string) => `program built_library.aleo;

function plus:
    input r0 as u64.public;
    add r0 ${amount} into r1;
    output r1 as u64.public;
${constructor}`;

const user = `import built_library.aleo;
program built_user.aleo;

mapping totals:
    key as u8.public;
    value as u64.public;

function count:
    input r0 as u64.public;
    call built_library.aleo/plus r0 into r1;
    async count r1 into r2;
    output r2 as built_user.aleo/count.future;

finalize count:
    input r0 as u64.public;
    set r0 into totals[0u8];
${constructor}`;

describe("transactions without proofs", function () {
  this.timeout(60_000);
  const devnode = scratchDevnode();
  let node: NodeClient;
  let account: FundedAccount;
  let builder: TransactionBuilder;

  before(async () => {
    [account = assert.fail()] = await fundedAccounts();
    node = connect({ network: "local", endpoints: [devnode.url] });
    const key = new PrivateKey(account.privateKey, "this test");
    builder = unprovenBuilder(node, key, { devnode: true });
  });
  after(() => node.close());

  const deployment = (
    programId: string,
    source: string,
    more: Partial<DeploymentRequest> = {},
  ): DeploymentRequest => ({
    programId,
    source,
    edition: 0,
    imports: {},
    priorityFee: 0n,
    ...more,
  });
  const counting = (imports: Imports, more: Partial<ExecutionRequest> = {}): ExecutionRequest => ({
    programId: "built_user.aleo",
    source: user,
    edition: 0,
    imports,
    functionName: "count",
    inputs: ["5u64"],
    priorityFee: 0n,
    ...more,
  });
  /** Sends it; the account then has paid what it said. */
  async function accepted(built: BuiltTransaction): Promise<void> {
    const before = await node.balance(account.address);
    await node.broadcast(built.text);
    const confirmed = await node.confirmedTransaction(built.id);
    assert.equal(confirmed?.status, "accepted");
    assert.equal(confirmed.fee, built.fee);
    assert.equal(before - (await node.balance(account.address)), built.fee);
  }

  it("are signed by the account of the key", async () => {
    assert.equal(await builder.signer(), account.address);
  });

  it("deploy a program for the estimated fee, and a priority fee where one is set", async () => {
    const request = deployment("built_library.aleo", library("1u64"), { priorityFee: 251n });
    const built = await builder.deployment(request);
    // 0.000251 credits times a million are less than 251 microcredits in floating point.
    assert.equal(built.fee, (await builder.estimateDeployment(request)) + 251n);
    await accepted(built);
    assert.equal(await node.programEdition("built_library.aleo"), 0);
  });

  it("deploy a program that imports another", async () => {
    const imports = { "built_library.aleo": { source: library("1u64"), edition: 0 } };
    await accepted(await builder.deployment(deployment("built_user.aleo", user, { imports })));
  });

  it("call a function that calls an import's", async () => {
    const imports = { "built_library.aleo": { source: library("1u64"), edition: 0 } };
    const built = await builder.execution(counting(imports));
    assert.equal(built.fee, await builder.estimateExecution(counting(imports)));
    await accepted(built);
    assert.equal(await node.mappingValue("built_user.aleo", "totals", "0u8"), "6u64");
  });

  it("call a function again for the fee that the SDK asks, whatever is given to it", async () => {
    const imports = { "built_library.aleo": { source: library("1u64"), edition: 0 } };
    const key = new PrivateKey(account.privateKey, "this test");
    for (const [input, total] of [
      ["0u64", "1u64"],
      ["18446744073709551613u64", "18446744073709551614u64"],
    ] as const) {
      const request = counting(imports, { inputs: [input], priorityFee: 3n });
      const again = await builder.execution(request);
      const first = await unprovenBuilder(node, key, { devnode: true }).execution(request);
      assert.equal(again.fee, first.fee);
      await accepted(again);
      assert.equal(await node.mappingValue("built_user.aleo", "totals", "0u8"), total);
    }
  });

  it("upgrade a program to its next edition, also more than once", async () => {
    for (const edition of [1, 2]) {
      const source = library(`${edition + 1}u64`);
      const built = await builder.deployment(deployment("built_library.aleo", source, { edition }));
      await accepted(built);
      assert.equal(await node.programEdition("built_library.aleo"), edition);
    }
  });

  it("call an import as it is after its upgrade", async () => {
    const imports = { "built_library.aleo": { source: library("3u64"), edition: 2 } };
    await accepted(await builder.execution(counting(imports)));
    assert.equal(await node.mappingValue("built_user.aleo", "totals", "0u8"), "8u64");
  });

  it("are refused by the chain, at no cost, for an edition that is not the next", async () => {
    const before = await node.balance(account.address);
    for (const edition of [0, 2, 4]) {
      const source = library("9u64");
      const built = await builder.deployment(deployment("built_library.aleo", source, { edition }));
      await assert.rejects(node.broadcast(built.text), NodeRefusedError);
    }
    assert.equal(await node.balance(account.address), before);
  });

  it("are refused where the SDK built another edition than was asked for", async () => {
    const request = deployment("built_library.aleo", library("9u64"), { edition: 3 });
    const text = (await builder.deployment(request)).text;
    assert.throws(
      () => builtDeployment({ toString: () => text }, { ...request, edition: 4 }),
      (error) => error instanceof SdkError && /built edition 3 .*edition 4/.test(error.message),
    );
  });

  it("fail with a typed error that names what was attempted", async () => {
    const imports = { "built_library.aleo": { source: library("3u64"), edition: 2 } };
    for (const [more, reason] of [
      [{ functionName: "missing" }, /Building the call of built_user.aleo\/missing failed/],
      [{ inputs: ["5u8"] }, /Building the call of built_user.aleo\/count failed/],
      [{ inputs: [] }, /Building the call of built_user.aleo\/count failed/],
    ] as const) {
      await assert.rejects(
        builder.execution(counting(imports, more)),
        (error) => error instanceof SdkError && reason.test(error.message),
      );
    }
    await assert.rejects(
      builder.deployment(deployment("broken.aleo", "program broken.aleo;\nnonsense")),
      (error) => error instanceof SdkError && /deployment of broken.aleo/.test(error.message),
    );
    // The SDK still works afterwards.
    await accepted(await builder.execution(counting(imports)));
  });
});
