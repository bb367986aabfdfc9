import assert from "node:assert/strict";
import { connect } from "../../aleo/node/client.ts";
import { waitForOutcome } from "../../aleo/transaction/outcome.ts";
import type { Account as Payer } from "../../operations/account.ts";
import { calleeOf } from "../../operations/call.ts";
import { amountIn, fund, purposeOf } from "../../operations/fund/fund.ts";
import { checkWithdrawals } from "../../operations/withdrawals/check.ts";
import { alice } from "../contracts/accounts.ts";
import { registryCalls } from "../contracts/agent-registry.ts";
import { type FaultyNode, startFaultyNode } from "../support/faulty-node.ts";
import { liveChain } from "./live-chain.ts";

const program = "agent_registry_v3.aleo";
const subject = `${program}/fund`;
const credit = 1_000_000n;

/** What is given too much belongs to nobody, and nobody can take it out. */
describe("What a program is short of", function () {
  this.timeout(120_000);
  const chain = liveChain();
  const registry = registryCalls(program);
  let proxy: FaultyNode;
  let payer: Payer;
  let address = "";

  before(async function () {
    this.timeout(120_000);
    await chain.deploy(alice, program);
    await chain.accepts(registry.call(alice, "pause"));
    ({ address } = await checkWithdrawals(chain.node, program, 1));
    proxy = await startFaultyNode(chain.url);
    payer = chain.payer(alice);
  });
  beforeEach(() => {
    proxy.clear();
  });
  after(() => proxy.close());

  /** An import sets what is owed, and brings no credits. */
  const owes = async (fees: bigint) => {
    await chain.accepts(registry.call(alice, "import_fees_held", `${fees}u64`));
  };
  const held = () => chain.node.balance(address);
  const lands = async ({ id, text }: { id: string; text: string }) => {
    await chain.node.broadcast(text);
    const { status } = await waitForOutcome(chain.node, id, 30_000);
    assert.equal(status, "accepted");
  };
  /** Signs a call that gives so much; the journal says that an earlier run sent it. */
  const leave = async (amount: bigint) => {
    const callee = await calleeOf(chain.node, program);
    assert.ok(callee);
    const call = { functionName: "fund", inputs: [`${amount}u64`], priorityFee: 0n };
    const { id, text } = await payer.builder.execution({ ...callee, ...call });
    const height = (await chain.node.latestHeight()) - 20;
    const purpose = purposeOf(program, amount);
    await payer.journal.write(subject, { purpose, id, text, height, taken: true });
    return { id, text };
  };

  it("is given without a question only with --at-most, and no more than that", async () => {
    await owes(credit);
    const blind = await chain.run(alice, ["fund", program, "--yes"]);
    assert.equal(blind.code, 2);
    assert.match(blind.stderr, /--yes needs --at-most/);
    const wrong = await chain.run(alice, ["fund", program, "--yes", "--at-most", "much"]);
    assert.equal(wrong.code, 2);
    const less = await chain.run(alice, ["fund", program, "--yes", "--at-most", "0.999999"]);
    assert.equal(less.code, 1);
    assert.match(less.stderr, /short of 1 credits by now, more than the 0\.999999 credits/);
    assert.equal(await held(), 0n);
    const given = await chain.run(alice, ["fund", program, "--yes", "--at-most", "1"]);
    assert.equal(given.code, 0, given.stderr);
    assert.equal(await held(), credit);
  });

  it("is given once where the node goes on serving the state before it", async () => {
    await owes(2n * credit);
    const before = await chain.node.latestHeight();
    const calls = await chain.acceptedCalls(program, "fund");
    const answering = (body: string) => ({ kind: "answer", status: 200, body }) as const;
    proxy.add({ path: new RegExp(`account/${address}`), fault: answering(`"${credit}u64"`) });
    proxy.add({ path: /height\/latest/, fault: answering(String(before)) });
    const node = connect({ network: "local", endpoints: [proxy.url] });
    try {
      for (const run of ["the first run", "a second one"]) {
        await assert.rejects(
          fund({ ...payer, node }, program, 2n * credit),
          /was accepted in block \d+, and the node serves the state before it/,
          run,
        );
      }
    } finally {
      await node.close();
    }
    assert.equal(await chain.acceptedCalls(program, "fund"), calls + 1);
    assert.match((await fund(payer, program, 0n)).text, /✔ .* holds what it owes: at1/);
    assert.match((await fund(payer, program, 0n)).text, /nothing was sent/);
    assert.equal(await held(), 2n * credit);
    assert.equal(await chain.acceptedCalls(program, "fund"), calls + 1);
  });

  it("is not given again while an earlier one may land that would give too much: it is told and kept", async () => {
    const left = await leave(credit);
    const { text } = await fund(payer, program, credit);
    assert.match(text, /holds what it owes: nothing was sent/);
    assert.match(text, new RegExp(`! ${left.id}, .* may still land, and would give .* 1 credits`));
    assert.match(text, /What to do: Nothing was sent\. .*remove .*fund.*\.json/);
    await owes(2n * credit + 1n);
    await assert.rejects(fund(payer, program, credit), /would give .* where 0\.000001 credits are/);
    assert.equal((await payer.journal.read(subject))?.id, left.id);
    assert.equal(await held(), 2n * credit);
    await payer.journal.remove(subject);
  });

  it("is given by what an earlier run sent, where that fits; what is left then is given by another", async () => {
    const left = await leave(1n);
    const first = await fund(payer, program, credit);
    assert.match(first.text, new RegExp(`holds what it owes: ${left.id}`));
    assert.equal(await held(), 2n * credit + 1n);
    await owes(2n * credit + 3n);
    await lands(await leave(1n));
    await assert.rejects(fund(payer, program, credit), /is still short of 0\.000001 credits/);
    await fund(payer, program, credit);
    assert.equal(await held(), 2n * credit + 3n);
  });

  it("is known of what was sent before", () => {
    assert.equal(amountIn(purposeOf(program, 27_900_001n)), 27_900_001n);
    assert.equal(amountIn(`call of ${program}/fund that makes up for what is missing`), undefined);
  });
});
