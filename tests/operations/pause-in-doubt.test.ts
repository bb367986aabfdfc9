import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { connect, type NodeClient } from "../../aleo/node/client.ts";
import type { Network } from "../../aleo/network.ts";
import { waitForOutcome } from "../../aleo/transaction/outcome.ts";
import { type Account as Payer, operatingAccount } from "../../operations/account.ts";
import { calleeOf } from "../../operations/call.ts";
import { pausePrograms, pauseText } from "../../operations/pause/pause.ts";
import { type Account, alice, bob } from "../contracts/accounts.ts";
import { callsOf } from "../contracts/chain.ts";
import { type FaultyNode, startFaultyNode } from "../support/faulty-node.ts";
import { liveChain } from "./live-chain.ts";

const program = "agent_registry_v3.aleo";
const setting = `${program}/paused[0u8]`;
const cli = join(import.meta.dirname, "..", "..", "operations", "cli.ts");

describe("A pause in doubt", function () {
  this.timeout(120_000);
  const chain = liveChain();
  const call = callsOf(program);
  let old: FaultyNode;
  const clients: NodeClient[] = [];

  before(async function () {
    this.timeout(120_000);
    await chain.deploy(alice, program);
    old = await startFaultyNode(chain.url);
  });
  beforeEach(async () => {
    old.clear();
    await chain.accepts(call(alice, "unpause"));
  });
  after(async () => {
    await Promise.all(clients.map((node) => node.close()));
    await old.close();
  });

  const isPaused = async () => (await chain.node.mappingValue(program, "paused", "0u8")) === "true";
  const answering = (body: string) => ({ kind: "answer", status: 200, body }) as const;
  /** The node serves the block that is so many before the newest, made so long ago. */
  const staysBehind = async (blocks: number, ageMs = 0) => {
    const block = await chain.node.block((await chain.node.latestHeight()) - blocks);
    assert.ok(block);
    block.header.metadata.timestamp -= Math.floor(ageMs / 1_000);
    old.add({ path: /block\/latest/, fault: answering(JSON.stringify(block)) });
  };
  const onEndpoints = (
    by: Account,
    endpoints: readonly string[],
    network: Network = "local",
  ): Payer => {
    const node = connect({ network, endpoints });
    clients.push(node);
    const { settings, journal } = chain.payer(by);
    const key = { ALEO_PRIVATE_KEY: by.privateKey };
    return { ...operatingAccount({ ...settings, network }, node, key, "a test"), journal };
  };
  const pausing = async (payer: Payer, paused = true) => {
    const [report] = await pausePrograms(payer, [program], paused);
    assert.ok(report);
    return report;
  };

  it("is sent where the first endpoint is behind, and says paused, or names an admin of before", async () => {
    await staysBehind(5);
    old.add({ path: /mapping\/paused/, fault: answering('"true"') });
    old.add({ path: /mapping\/admin/, fault: answering(JSON.stringify(bob.address)) });
    const endpoints = `${old.url},${chain.url}`;
    const { code, stdout } = await chain.run(alice, ["pause", program, "--yes"], {
      ALEO_NODE_URL: endpoints,
    });
    assert.equal(code, 0, stdout);
    assert.match(stdout, /is paused on local: at1/);
    assert.equal(await isPaused(), true);
    const again = await chain.run(alice, ["pause", program, "--yes"], { ALEO_NODE_URL: endpoints });
    assert.match(
      again.stdout,
      /paused on local already \(as of block \d+, made \d+ s ago\): nothing was sent/,
    );
  });

  it("is sent where the first endpoint hangs, without waiting for it for long", async () => {
    old.add({ path: /./, fault: { kind: "hang" } });
    const begun = Date.now();
    const { code, stdout } = await chain.run(alice, ["pause", program, "--yes"], {
      ALEO_NODE_URL: `${old.url},${chain.url}`,
    });
    assert.equal(code, 0, stdout);
    assert.equal(await isPaused(), true);
    assert.ok(Date.now() - begun < 25_000);
  });

  it("is sent where every endpoint is behind; an unpause is not", async () => {
    await staysBehind(0, 3_600_000);
    old.add({ path: /mapping\/paused/, fault: answering('"true"') });
    old.add({ path: /mapping\/admin/, fault: answering(JSON.stringify(bob.address)) });
    const payer = onEndpoints(alice, [old.url], "testnet");
    const paused = await pausing(payer);
    assert.equal(paused.outcome, "changed", paused.problem);
    assert.match(paused.warning ?? "", /newest block .* was block \d+, made 60 min ago: look at/);
    assert.equal(await isPaused(), true);
    const unpaused = await pausing(payer, false);
    assert.equal(unpaused.outcome, "failed");
    assert.match(unpaused.problem ?? "", /is \d+, made 60 min ago: what they say may be old/);
    assert.match(unpaused.remedy ?? "", /^Nothing was sent\./);
  });

  /** Signs the call, and has the journal say that it was sent. */
  const leave = async (subject: string, functionName: string, paused: boolean) => {
    const { builder, journal, node } = chain.payer(alice);
    const callee = await calleeOf(node, program);
    assert.ok(callee);
    const { id, text } = await builder.execution({
      ...{ ...callee, functionName, inputs: [], priorityFee: 0n },
    });
    await journal.write(subject, {
      purpose: `call of ${program}/${functionName} that sets ${setting} to ${String(paused)}`,
      ...{ id, text, height: await node.latestHeight(), taken: true },
    });
    return { id, text };
  };

  it("waits for no unpause that may still land, says so, and leaves it to be looked up", async () => {
    const left = await leave(setting, "unpause", false);
    const payer = chain.payer(alice);
    const report = await pausing(payer);
    assert.equal(report.outcome, "changed", report.problem);
    assert.equal(await isPaused(), true);
    assert.match(
      pauseText([report], true, "local"),
      new RegExp(`\\n {4}! An earlier .* may still land .*${left.id}.*Look again in 10 blocks`),
    );
    assert.equal((await payer.journal.read(setting))?.id, left.id);
    await chain.node.broadcast(left.text);
    await waitForOutcome(chain.node, left.id, 30_000);
    assert.equal(await isPaused(), false);
    const again = await pausing(payer);
    assert.deepEqual([again.outcome, again.warning], ["changed", undefined]);
    await payer.journal.remove(setting);
  });

  it("waits for no other run that holds the program's lock", async () => {
    const { journal } = chain.payer(alice);
    await journal.exclusively(setting, async () => {
      const begun = Date.now();
      const report = await pausing(chain.payer(alice));
      assert.equal(report.outcome, "changed", report.problem);
      assert.ok(Date.now() - begun < 30_000);
    });
  });

  it("that landed and was taken back since does not stand for the next one", async () => {
    const { id, text } = await leave(`${program}/pause`, "pause", true);
    await chain.node.broadcast(text);
    await waitForOutcome(chain.node, id, 30_000);
    await chain.accepts(call(alice, "unpause"));
    const report = await pausing(chain.payer(alice));
    assert.equal(report.outcome, "changed", report.problem);
    assert.notEqual(report.transaction, id);
    assert.equal(await isPaused(), true);
  });

  it("that may still land is waited for by an unpause", async () => {
    await chain.accepts(call(alice, "pause"));
    await leave(`${program}/pause`, "pause", true);
    const hasty = { ...chain.payer(alice), confirmationTimeoutMs: 500 };
    const report = await pausing(hasty, false);
    assert.equal(report.outcome, "failed");
    assert.match(report.problem ?? "", /It may still land/);
    assert.equal(await isPaused(), true);
    await hasty.journal.remove(`${program}/pause`);
  });

  it("that is ended by Ctrl-C says what may still land, and is gone on with", async () => {
    const before = await chain.acceptedCalls(program, "pause");
    old.add({ path: /transaction\/confirmed/, fault: { kind: "hang" } });
    const run = execa(process.execPath, [cli, "pause", program, "--yes"], {
      cwd: chain.directory,
      env: { ALEO_PRIVATE_KEY: alice.privateKey, ALEO_NODE_URL: old.url, ALEO_NETWORK: undefined },
      reject: false,
    });
    const deadline = Date.now() + 60_000;
    while (old.count(/transaction\/confirmed/) === 0 && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    run.kill("SIGINT");
    const { exitCode, stderr, stdout } = await run;
    assert.equal(exitCode, 130, stdout + stderr);
    assert.match(
      stderr,
      /^\nstopped: at1\w+ \(call of agent_registry_v3\.aleo\/pause .*\) may still land\.\n.*Run the same line again/,
    );
    assert.equal(existsSync(chain.payer(alice).journal.fileOf(`${program}/pause`)), true);
    const again = await chain.run(alice, ["pause", program, "--yes"]);
    assert.equal(again.code, 0, again.stderr);
    assert.equal(await chain.acceptedCalls(program, "pause"), before + 1);
  });
});
