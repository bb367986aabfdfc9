import assert from "node:assert/strict";
import { programChecksum } from "../../aleo/program/checksum.ts";
import { parseProgram } from "../../aleo/program/parse.ts";
import { compiledProgram } from "../../contracts/compiled-program.ts";
import { kinds } from "../../monitor/rule/kinds.ts";
import { accept } from "../../operations/alerts/alerts.ts";
import { minimumStake, queueOf, registryCalls } from "../contracts/agent-registry.ts";
import { admin, alice, bob, stranger } from "../contracts/accounts.ts";
import { callsOf, scratchChain } from "../contracts/chain.ts";
import { createBlocks } from "../support/create-blocks.ts";
import { type FaultyNode, startFaultyNode } from "../support/faulty-node.ts";
import { type MonitorUnderTest, openMonitor } from "./support/monitor.ts";

const program = "agent_registry_v3.aleo";
const hour = 3_600_000;

const shown = new Set<unknown>();
/** Backups are the matter of command.test.ts. */
const shownElsewhere = ["backup-age", "restore-age"];

/** One rule with these settings, written as YAML takes it. */
function rule(id: string, settings: Record<string, unknown>): string {
  shown.add(settings.kind);
  return JSON.stringify({
    rules: { [id]: { severity: "high", resolveAfter: "0s", ...settings } },
  });
}

describe("Each rule of the monitor fires and resolves on its real cause", function () {
  this.timeout(120_000);
  const chain = scratchChain(admin, program);
  const { call, register, verify, deactivate, request, process } = registryCalls(program);
  const credits = callsOf("credits.aleo");
  let proxy: FaultyNode;
  let watch: MonitorUnderTest;

  const url = () => chain.node.endpoints[0] ?? "";
  /** A monitor that has read everything so far and has one rule. */
  const watching = async (id: string, settings: Record<string, unknown>) => {
    watch.setRules(rule(id, settings));
    watch.clock.reset();
    return watch.firing();
  };

  before(async () => {
    proxy = await startFaultyNode(url());
    watch = await openMonitor({
      endpoints: [url(), proxy.url],
      programs: [program],
      rules: rule("quiet", { kind: "paused" }),
    });
  });
  after(async () => {
    await watch.close();
    await proxy.close();
  });

  it("failure-rate: a burst of rejected calls, until it is over", async () => {
    await chain.accepts(register(alice, "1field"));
    assert.deepEqual(
      await watching("rate", { kind: "failure-rate", minimumCount: 4, threshold: 0.5 }),
      [],
    );
    await chain.rejects(verify(stranger, "1field"), verify(alice, "1field"));
    assert.deepEqual(await watch.firing(), [], "3 calls are too few to judge by");
    await chain.rejects(verify(bob, "1field"));
    assert.deepEqual(await watch.firing(), [`rate ${program}`]);
    assert.equal(watch.open("rate")?.value, "0.750");
    watch.clock.forward(hour);
    assert.deepEqual(await watch.firing(), []);
  });

  it("failure-rate with a short window: only while the short one is over as well", async () => {
    const settings = { kind: "failure-rate", minimumCount: 4, threshold: 0.5, shortWindow: "10m" };
    assert.deepEqual(await watching("burn", settings), [`burn ${program}`]);
    watch.clock.forward(hour / 2);
    assert.deepEqual(await watch.firing(), []);
  });

  it("names the original of a rejected transaction, its function and the fee that was lost", async () => {
    const row = watch.monitor.store.database.get(
      "SELECT * FROM transactions WHERE status = 'rejected' AND payer = :payer",
      { payer: stranger.address },
    );
    assert.equal(row?.function, "verify_agent");
    assert.equal(row.fee, 200_000);
    const confirmed = await chain.node.confirmedTransaction(String(row.id));
    assert.equal(row.sent_as, confirmed?.id);
    assert.notEqual(row.sent_as, row.id);
  });

  it("counts the credits that come in and go out, and the entries that change", () => {
    const row = watch.monitor.store.database.get(
      "SELECT * FROM transactions WHERE function = 'register_agent'",
    );
    assert.equal(row?.credits_in, Number(minimumStake) + 100_000);
    assert.equal(row.credits_out, 0);
    // Five entries of the program, two accounts' balances, and the fee.
    assert.equal(row.operations, 8);
  });

  it("paused: while the program is", async () => {
    assert.deepEqual(await watching("paused", { kind: "paused" }), []);
    await chain.accepts(call(admin, "pause"));
    assert.deepEqual(await watch.firing(), [`paused ${program}`]);
    await chain.accepts(call(admin, "unpause"));
    assert.deepEqual(await watch.firing(), []);
  });

  it("solvency: owed is more than held", async () => {
    assert.deepEqual(await watching("solvency", { kind: "solvency" }), []);
    const kept = await chain.number(program, "fees_held");
    await chain.accepts(call(admin, "pause"));
    await chain.accepts(call(admin, "import_fees_held", `${kept + 1n}u64`));
    assert.deepEqual(await watch.firing(), [`solvency ${program}`]);
    assert.equal(watch.open("solvency")?.value, "0.000001 credits");
    await chain.accepts(call(admin, "import_fees_held", `${kept}u64`));
    await chain.accepts(call(admin, "unpause"));
    assert.deepEqual(await watch.firing(), []);
  });

  it("withdrawals-waiting: from when a withdrawal is first in the queue", async () => {
    const settings = { kind: "withdrawals-waiting", longest: "1h" };
    assert.deepEqual(await watching("queue", settings), []);
    watch.clock.forward(5 * hour);
    assert.deepEqual(await watch.firing(), [], "an empty queue waits for nothing");
    watch.clock.reset();
    await chain.accepts(deactivate(alice, "1field"));
    await chain.accepts(request(alice, "1field", minimumStake));
    assert.deepEqual(await watch.firing(), []);
    watch.clock.forward(hour + 1);
    assert.deepEqual(await watch.firing(), [`queue ${program}`]);
    const { first, waiting } = await queueOf(chain, program);
    await chain.accepts(process(stranger, first, waiting));
    assert.deepEqual(await watch.firing(), []);
  });

  it("outflow: credits that leave, over the limit, while they are within the window", async () => {
    const settings = { kind: "outflow", window: "30m", limitCredits: 0.5 };
    assert.deepEqual(await watching("outflow", settings), [`outflow ${program}`]);
    assert.equal(watch.open("outflow")?.value, "1 credits");
    watch.clock.forward(hour / 2);
    assert.deepEqual(await watch.firing(), []);
  });

  it("calls: a function that is seldom called, and one account that calls much", async () => {
    const settings = { kind: "calls", functions: ["offer_admin"], window: "10m" };
    assert.deepEqual(await watching("admin", settings), []);
    await chain.accepts(call(admin, "offer_admin", alice.address));
    assert.deepEqual(await watch.firing(), [`admin ${program}`]);
    assert.match(watch.open("admin")?.summary ?? "", /offer_admin was called once within 10m/);
    watch.clock.forward(hour);
    assert.deepEqual(await watch.firing(), []);
    const burst = { kind: "calls", perAccount: 6, window: "1h" };
    assert.deepEqual(await watching("burst", burst), [`burst ${program}`]);
    assert.match(watch.open("burst")?.summary ?? "", new RegExp(`${admin.address} made`));
    assert.deepEqual(await watching("new", { kind: "calls", newAccounts: 3 }), [`new ${program}`]);
    watch.clock.forward(hour);
    assert.deepEqual(await watch.firing(), []);
  });

  it("program-changed: an upgrade by hand, until it is accepted", async () => {
    assert.deepEqual(await watching("changed", { kind: "program-changed" }), []);
    assert.equal(await chain.deploy(admin, program), "accepted");
    assert.deepEqual(await watch.firing(), [`changed ${program}`]);
    assert.match(watch.open("changed")?.summary ?? "", /edition 0 → 1/);
    await accept("local", { MONITOR_DATABASE: watch.database }, program);
    assert.deepEqual(await watch.firing(), []);
  });

  it("program-changed: what the rules expect wins over what was there", async () => {
    const owner = stranger.address;
    const settings = { kind: "program-changed", expect: { [program]: { edition: 1, owner } } };
    assert.deepEqual(await watching("expected", settings), [`expected ${program}`]);
    const right = { ...settings, expect: { [program]: { edition: 1, owner: admin.address } } };
    watch.setRules(rule("expected", right));
    assert.deepEqual(await watch.firing(), []);
  });

  it("program-changed: not by an edition that the stack declares, also where its word comes late", async () => {
    const checksum = programChecksum(parseProgram(compiledProgram(program)));
    assert.deepEqual(await watching("declared", { kind: "program-changed", for: "3m" }), []);
    watch.declare({ [program]: "0".repeat(64) });
    assert.equal(await chain.deploy(admin, program), "accepted");
    assert.deepEqual(await watch.firing(), []);
    assert.equal(watch.open("declared")?.status, "pending");
    watch.declare({ [program]: checksum });
    watch.clock.forward(hour);
    assert.deepEqual(await watch.firing(), []);
    assert.ok(
      watch.log.some(({ msg }) => String(msg).includes("that the stack declares is on chain")),
    );

    assert.equal(await chain.deploy(admin, program), "accepted");
    assert.deepEqual(await watch.firing(), [], "the same code again");
    watch.declare({ [program]: "0".repeat(64) });
    assert.equal(await chain.deploy(admin, program), "accepted");
    await watch.firing();
    watch.clock.forward(hour);
    assert.deepEqual(await watch.firing(), [`declared ${program}`], "code of somebody else");
    await accept("local", { MONITOR_DATABASE: watch.database }, program);
  });

  it("program-changed: as before, where the file of the stack can't be read", async () => {
    watch.declare({ [program]: "no checksum" });
    await watching("unreadable", { kind: "program-changed" });
    assert.equal(await chain.deploy(admin, program), "accepted");
    assert.deepEqual(await watch.firing(), [`unreadable ${program}`]);
    assert.ok(watch.log.some(({ msg }) => String(msg).includes("is not known as such")));
    watch.declare({});
    await accept("local", { MONITOR_DATABASE: watch.database }, program);
    assert.deepEqual(await watch.firing(), []);
  });

  it("low-balance: an account that pays, until it gets credits", async () => {
    const account = bob.address;
    const held = Number((await chain.node.balance(account)) / 1_000_000n);
    const settings = { kind: "low-balance", accounts: [account], minimumCredits: held - 3 };
    assert.deepEqual(await watching("balance", settings), []);
    await chain.accepts(credits(bob, "transfer_public", alice.address, "4000000u64"));
    watch.clock.forward(hour);
    assert.deepEqual(await watch.firing(), [`balance ${account}`]);
    await chain.accepts(credits(alice, "transfer_public", account, "4000000u64"));
    watch.clock.forward(hour);
    assert.deepEqual(await watch.firing(), []);
  });

  it("low-balance: of the programs' owners, where no account is named", async () => {
    const settings = { kind: "low-balance", minimumCredits: 1e9 };
    await watching("owner", settings);
    assert.deepEqual(await watch.firing(), [`owner ${admin.address}`]);
  });

  it("fees: calls that cost much more than before", async () => {
    const settings = { kind: "fees", window: "1s", baseline: "1d", minimumCount: 1 };
    const fromBlock = (await chain.node.latestHeight()) + 1;
    // The SDK's own fee is a fraction of the one that the tests pay else.
    await chain.acceptsWithCircuits(call(admin, "offer_admin", bob.address));
    const paying = await openMonitor({
      ...{ endpoints: [url()], programs: [program], fromBlock },
      rules: rule("fees", { ...settings, resolveAfter: "1m" }),
    });
    try {
      assert.deepEqual(await paying.firing(), [], "one call is no change");
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      await chain.accepts(call(admin, "offer_admin", bob.address));
      assert.deepEqual(await paying.firing(), [`fees ${program}`]);
      assert.match(paying.open("fees")?.summary ?? "", /a call of .* costs 0\.2 credits within 1s/);
      paying.clock.forward(hour);
      await paying.firing();
      paying.clock.forward(hour);
      assert.deepEqual(await paying.firing(), []);
    } finally {
      await paying.close();
    }
  });

  it("expression: whatever CEL says over entries and counts", async () => {
    const settings = {
      kind: "expression",
      expression: "registered < fees && held > 0",
      values: { registered: "total_staked[0u8]", fees: "fees_held[0u8]" },
    };
    assert.deepEqual(await watching("cel", settings), [`cel ${program}`]);
    await chain.accepts(register(bob, "2field"));
    assert.deepEqual(await watch.firing(), []);
  });

  it("outflow: much more than before, once there is a before", async () => {
    const settings = { kind: "outflow", window: "1s", baselineWindows: 5, minimumCredits: 0.5 };
    // The first blocks are as old as the process that runs this, which other files came before in.
    const early = { ...settings, window: "1d", baselineWindows: 30 };
    assert.deepEqual(await watching("unusual", settings), []);
    await chain.accepts(deactivate(bob, "2field"));
    await chain.accepts(request(bob, "2field", minimumStake));
    const { first, waiting } = await queueOf(chain, program);
    await chain.accepts(process(stranger, first, waiting));
    watch.setRules(rule("unusual", { ...settings, resolveAfter: "1m" }));
    assert.deepEqual(await watch.firing(), [`unusual ${program}`]);
    assert.match(watch.open("unusual")?.summary ?? "", /^1 credits left .* usual are 0 credits$/);
    watch.clock.forward(hour);
    await watch.firing();
    watch.clock.forward(hour);
    assert.deepEqual(await watch.firing(), []);
    assert.deepEqual(await watching("early", early), [], "there is no whole baseline yet");
  });

  it("height-stalled: no block for too long", async () => {
    assert.deepEqual(await watching("stalled", { kind: "height-stalled", after: "2m" }), []);
    watch.clock.forward(130_000);
    assert.deepEqual(await watch.firing(), ["stalled local"]);
    watch.clock.reset();
    await createBlocks(url(), 1);
    assert.deepEqual(await watch.firing(), []);
  });

  it("endpoint-disagreement: a node that lags, then one that does not answer", async () => {
    const settings = { kind: "endpoint-disagreement", maximumLag: 3 };
    assert.deepEqual(await watching("nodes", settings), []);
    const old = JSON.stringify(await chain.node.latestBlock());
    await createBlocks(url(), 5);
    proxy.add({ path: /block\/latest/, fault: { kind: "answer", status: 200, body: old } });
    assert.deepEqual(await watch.firing(), [`nodes ${proxy.url}`]);
    assert.equal(watch.open("nodes")?.value, "5 blocks");
    proxy.clear();
    assert.deepEqual(await watch.firing(), []);
    proxy.add({ path: /block\/latest/, fault: { kind: "cut" } });
    assert.deepEqual(await watch.firing(), [`nodes ${proxy.url}`]);
    assert.equal(watch.open("nodes")?.value, "no answer");
    proxy.clear();
    assert.deepEqual(await watch.firing(), []);
  });

  it("response-time: a node that answers slowly", async () => {
    const settings = { kind: "response-time", thresholdMs: 250, minimumCount: 1, window: "5m" };
    watch.clock.forward(hour);
    proxy.add({ path: /block\/latest/, fault: { kind: "slow", delayMs: 300 } });
    watch.setRules(rule("slow", settings));
    assert.deepEqual(await watch.firing(), [`slow ${proxy.url}`]);
    proxy.clear();
    watch.clock.forward(hour);
    assert.deepEqual(await watch.firing(), []);
  });

  it("consensus-version: another than the accepted one", async () => {
    const rules = rule("consensus", { kind: "consensus-version" });
    const asking = await openMonitor({ endpoints: [proxy.url], programs: [program], rules });
    try {
      assert.deepEqual(await asking.firing(), []);
      proxy.add({ path: /consensus_version/, fault: { kind: "answer", status: 200, body: "20" } });
      asking.clock.forward(hour);
      assert.deepEqual(await asking.firing(), ["consensus local"]);
      await accept("local", { MONITOR_DATABASE: asking.database }, "consensus-version");
      assert.deepEqual(await asking.firing(), []);
    } finally {
      proxy.clear();
      await asking.close();
    }
  });

  it("monitor-lag: the monitor can't keep up", async () => {
    assert.deepEqual(await watching("lag", { kind: "monitor-lag", blocks: 5 }), []);
    proxy.add({ path: /\/blocks\?/, fault: { kind: "answer", status: 400, body: "no" } });
    const behind = await openMonitor({
      endpoints: [proxy.url],
      programs: [program],
      rules: rule("lag", { kind: "monitor-lag", blocks: 5 }),
    });
    try {
      assert.deepEqual(await behind.firing(), ["lag local"]);
      assert.equal(behind.monitor.status().ready, false);
      proxy.clear();
      assert.deepEqual(await behind.firing(), []);
      assert.equal(behind.monitor.status().ready, true);
    } finally {
      await behind.close();
    }
  });

  it("has been shown for every kind of rule there is", () => {
    assert.deepEqual([...shown, ...shownElsewhere].toSorted(), [...kinds.keys()].toSorted());
  });
});
