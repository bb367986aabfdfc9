import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { compiledProgram } from "../../contracts/compiled-program.ts";
import { holed } from "../../operations/drill/holed-program.ts";
import { renamed } from "../../operations/emergency/rename-program.ts";
import { fund } from "../../operations/fund/fund.ts";
import { newPrivateKey } from "../../operations/keys/new-key.ts";
import { codeOf, pausePrograms, pauseText } from "../../operations/pause/pause.ts";
import { alice, bob, stranger } from "../contracts/accounts.ts";
import { registryCalls } from "../contracts/agent-registry.ts";
import { localConfig } from "../dynamic-providers/provider-run.ts";
import { suiteOf } from "../dynamic-providers/stack-programs.ts";
import { createPulumiProject, type PulumiProject } from "../support/pulumi-project.ts";
import { liveChain } from "./live-chain.ts";

const program = "agent_registry_v3.aleo";
const withoutPause = "agent_registry_v2.aleo";

describe("A program in an emergency", function () {
  this.timeout(300_000);
  const chain = liveChain();
  let project: PulumiProject;

  before(async function () {
    this.timeout(300_000);
    await chain.deploy(alice, program);
    await chain.deploy(alice, withoutPause);
    // The stack finds the programs on chain, as after a deployment of its own.
    project = await createPulumiProject({
      program: suiteOf([{ source: compiledProgram(program) }]),
      config: localConfig(chain.url),
      env: { ALEO_PRIVATE_KEY: alice.privateKey },
    });
    const { code, stdout, stderr } = await project.up();
    assert.equal(code, 0, stdout + stderr);
  });
  after(() => {
    project.dispose();
  });

  const isPaused = async () => (await chain.node.mappingValue(program, "paused", "0u8")) === "true";
  const spentBy = async (who: typeof alice, work: () => Promise<void>) => {
    const before = await chain.node.balance(who.address);
    await work();
    return before - (await chain.node.balance(who.address));
  };

  it("is not paused without an answer: no terminal and no --yes is wrong usage", async () => {
    const { code, stderr } = await chain.run(alice, ["pause", program]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /there is no terminal\. Give --yes/);
    assert.equal(await isPaused(), false);
    for (const wrong of [["pause"], ["pause", program, "--all"]]) {
      assert.equal((await chain.run(alice, wrong)).code, 2);
    }
  });

  it("is not paused by another account than its admin, which pays nothing for it", async () => {
    const spent = await spentBy(bob, async () => {
      const { code, stdout } = await chain.run(bob, ["pause", program, "--yes"]);
      assert.equal(code, 1);
      assert.match(stdout, /✖ Only its admin aleo1s3ws.* may pause agent_registry_v3\.aleo/);
    });
    assert.equal(spent, 0n);
    assert.equal(await isPaused(), false);
  });

  it("is paused while Pulumi's state is locked, and stays so at the next `up`", async () => {
    const locks = join(project.directory, ".pulumi-test/backend/.pulumi/locks");
    const lock = join(locks, "organization/aleo-ops/local/another.json");
    mkdirSync(dirname(lock), { recursive: true });
    writeFileSync(lock, JSON.stringify({ pid: process.pid, hostname: hostname() }));
    const locked = await project.up();
    assert.notEqual(locked.code, 0);
    assert.match(locked.stdout + locked.stderr, /lock/);

    const { code, stdout, stderr } = await chain.run(alice, ["pause", program, "--yes"]);
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /✔ agent_registry_v3\.aleo is paused on local: at1\w+, 0\.\d+ credits/);
    assert.equal(await isPaused(), true);

    assert.equal((await project.pulumi(["cancel", "--yes", project.stack])).code, 0);
    const up = await project.up();
    assert.equal(up.code, 0, up.stdout + up.stderr);
    assert.equal(await isPaused(), true);
  });

  it("that is paused is not paid for again; what can't be paused is told", async () => {
    const account = chain.payer(alice);
    const spent = await spentBy(alice, async () => {
      const reports = await pausePrograms(account, [program, withoutPause, "nowhere.aleo"], true);
      assert.deepEqual(
        reports.map(({ outcome }) => outcome),
        ["unchanged", "unable", "failed"],
      );
      assert.equal(codeOf(reports), 4);
      assert.equal(codeOf(reports.slice(0, 2)), 0);
      assert.equal(codeOf(reports.slice(1, 2)), 1);
      assert.match(
        pauseText(reports, true, "local"),
        /is paused on local already.*\n! agent_registry_v2\.aleo can't/,
      );
    });
    assert.equal(spent, 0n);
  });

  it("is unpaused, and not while it owes more than it holds", async () => {
    const registry = registryCalls(program);
    const account = chain.payer(alice);
    // An import adds what is owed, and no credits.
    await chain.accepts(registry.call(alice, "import_fees_held", "5000000u64"));
    const spent = await spentBy(alice, async () => {
      const [refused] = await pausePrograms(account, [program], false);
      assert.match(refused?.problem ?? "", /while 5 credits are missing/);
      assert.match(refused?.remedy ?? "", /aleo-ops fund agent_registry_v3/);
      const unfunded = { address: "", privateKey: (await newPrivateKey("local")).reveal() };
      const poor = await chain.run(unfunded, ["fund", program, "--yes", "--at-most", "5"]);
      assert.match(poor.stderr, /is short of 5 credits; aleo1\w+ holds 0 credits/);
      const other = await chain.run(alice, ["fund", withoutPause, "--yes", "--at-most", "5"]);
      assert.match(other.stderr, /agent_registry_v2\.aleo has no function fund/);
    });
    assert.equal(spent, 0n);
    await assert.rejects(fund(account, program, 4_999_999n), /5 credits by now, more than the 4/);
    const funded = await chain.run(alice, ["fund", program, "--yes", "--at-most", "5"]);
    assert.equal(funded.code, 0, funded.stdout + funded.stderr);
    assert.match(funded.stdout, /got what it was short of, and holds what it owes: at1/);
    const held = await spentBy(alice, async () => {
      const again = await chain.run(alice, ["fund", program, "--yes", "--at-most", "5"]);
      assert.match(again.stdout, /holds what it owes: nothing was sent/);
    });
    assert.equal(held, 0n);
    const [report] = await pausePrograms(account, [program], false);
    assert.equal(report?.outcome, "changed", report?.problem);
    assert.equal(await isPaused(), false);
  });

  it("is not funded while it runs: what drains it would take that as well", async () => {
    const leaky = "leaky_registry.aleo";
    const source = renamed(compiledProgram(program), new Map([[program, leaky]]));
    await chain.deploy(alice, leaky, holed(leaky, source));
    const registry = registryCalls(leaky);
    await chain.accepts(registry.register(bob, "1field", { stake: 20_000_000n }));
    await chain.accepts(registry.call(stranger, "drain", "1000000u64"));
    const spent = await spentBy(alice, async () => {
      const { code, stderr } = await chain.run(alice, ["fund", leaky, "--yes", "--at-most", "5"]);
      assert.equal(code, 1);
      assert.match(stderr, /holds less than it owes, and is not paused/);
      assert.match(stderr, /Pause it \(`aleo-ops pause leaky_registry\.aleo`\)/);
    });
    assert.equal(spent, 0n);
  });

  it("is paused once where the run that sent it is killed before it knows", async () => {
    const before = await chain.acceptedCalls(program, "pause");
    await chain.killAt("answer:POST .*broadcast", alice, ["pause", program, "--yes"]);
    const { code, stdout, stderr } = await chain.run(alice, ["pause", "--yes", program]);
    assert.equal(code, 0, stdout + stderr);
    assert.equal(await isPaused(), true);
    assert.equal(await chain.acceptedCalls(program, "pause"), before + 1);
  });

  it("is not paused without a key, nor where no node answers: both are said", async () => {
    const pause = ["pause", program, "--yes"];
    const noKey = await chain.run(stranger, pause, { ALEO_PRIVATE_KEY: undefined });
    assert.equal(noKey.code, 1);
    assert.match(noKey.stderr, /There is no private key to pay for the pause/);
    const begun = Date.now();
    const noNode = await chain.run(stranger, pause, { ALEO_NODE_URL: "http://127.0.0.1:1" });
    assert.equal(noNode.code, 1);
    assert.match(noNode.stdout, /✖ .*127\.0\.0\.1:1/);
    assert.ok(Date.now() - begun < 30_000);
  });
});
