import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { connect } from "../../aleo/node/client.ts";
import { Backtest, type BacktestResult } from "../../monitor/backtest/backtest.ts";
import { oldBlocks } from "../../monitor/backtest/blocks.ts";
import { observe, type ObservedBlock } from "../../monitor/chain/observe.ts";
import { parseRules } from "../../monitor/rule/rule-file.ts";
import { backtest } from "../../operations/monitor/backtest.ts";
import { admin, alice, bob, stranger } from "../contracts/accounts.ts";
import { registryCalls } from "../contracts/agent-registry.ts";
import { scratchChain } from "../contracts/chain.ts";
import { createBlocks } from "../support/create-blocks.ts";
import { startFaultyNode } from "../support/faulty-node.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { openMonitor } from "./support/monitor.ts";
import { alertReceiver } from "./support/receiver.ts";

const program = "agent_registry_v3.aleo";
const project = join(import.meta.dirname, "..", "..");

const rulesWith = (threshold: number) => `rules:
  rate:
    { kind: failure-rate, severity: high, threshold: ${threshold}, window: 4s, minimumCount: 3, resolveAfter: 0s }
  changed: { kind: program-changed, severity: critical, resolveAfter: 1h }
  paused: { kind: paused, severity: high }
  lag: { kind: monitor-lag, severity: high }
`;

describe("Rules over old blocks", function () {
  this.timeout(120_000);
  const chain = scratchChain(admin, program);
  const receiver = alertReceiver();
  const scratch = temporaryDirectory("backtest");
  const { register, verify } = registryCalls(program);
  const url = () => chain.node.endpoints[0] ?? "";
  const heights = { burst: 0, upgrade: 0, last: 0 };

  before(async () => {
    mkdirSync(join(scratch.path, "rules"));
    writeFileSync(join(scratch.path, "rules", "local.yaml"), rulesWith(0.5));
    writeFileSync(join(scratch.path, "strict.yaml"), rulesWith(0.2));
    const rejected = [alice, bob, stranger].map((payer) => verify(payer, "9field"));
    const wait = () => new Promise((resolve) => setTimeout(resolve, 5_000));
    await chain.accepts(register(alice, "1field"), register(bob, "2field"));
    await chain.rejects(...rejected.slice(0, 1));
    await wait();
    await chain.rejects(...rejected);
    heights.burst = await chain.node.latestHeight();
    await wait();
    assert.equal(await chain.deploy(admin, program), "accepted");
    heights.upgrade = await chain.node.latestHeight();
    await createBlocks(url(), 60);
    heights.last = await chain.node.latestHeight();
  });
  after(() => {
    scratch.remove();
  });

  const environment = () => ({
    ALEO_NODE_URL: url(),
    MONITOR_RULES: join(scratch.path, "rules"),
    MONITOR_DATABASE: join(scratch.path, "none.sqlite"),
    PAGERDUTY_KEY_HIGH: "key-h",
    PAGERDUTY_KEY_CRITICAL: "key-c",
    PAGERDUTY_EVENTS_URL: receiver.url,
  });
  const stack = { network: "local" as const, programs: [{ program }] as never };
  const aleoOps = (...args: string[]) =>
    execa(process.execPath, [join(project, "operations", "cli.ts"), ...args], {
      cwd: project,
      env: environment(),
      reject: false,
    });

  it("shows what would have fired and resolved, and sends nothing", async () => {
    const range = `0..${heights.last}`;
    const { stdout, stderr, exitCode } = await aleoOps(
      ...["monitor", "--replay", range, "--dry-run", "--json"],
    );
    assert.equal(exitCode, 0, stderr);
    const found = JSON.parse(stdout) as BacktestResult;
    assert.deepEqual(
      found.alerts.map(({ rule }) => rule),
      ["rate", "changed"],
    );
    const [rate, changed] = found.alerts;
    assert.ok(rate && changed);
    assert.equal(rate.height, heights.burst);
    // What a poll shows is found at the first poll after it.
    assert.ok(changed.height >= heights.upgrade);
    assert.match(rate.summary, /^3 of 3 calls of .* were rejected within 4s$/);
    const lasted = Date.parse(rate.resolvedAt ?? "") - Date.parse(rate.firedAt);
    assert.ok(lasted >= 4_000 && lasted <= 6_000, `it lasted ${lasted} ms`);
    assert.equal(changed.resolvedAt, undefined);
    assert.match(changed.summary, /edition 0 → 1$/);
    assert.deepEqual(found.notJudged, ["paused", "lag"]);
    assert.equal(found.blocks, heights.last + 1);
    const text = (await aleoOps("monitor", "--replay", range, "--dry-run")).stdout;
    assert.match(text, /Nobody was told\./);
    assert.match(text, /still open +\d+ +critical +changed/);
    assert.match(text, /Not judged, as no block tells of it: paused, lag\./);
    assert.deepEqual(receiver.received, []);
  });

  it("finds what the monitor finds in the same blocks", async () => {
    const rules = rulesWith(0.5);
    const watch = await openMonitor({ endpoints: [url()], programs: [program], rules });
    try {
      await watch.monitor.poll();
      const { results } = await backtest(stack, environment(), chain.node, {
        from: 0,
        to: heights.last,
      });
      const ofBlocks = (alerts: readonly { rule: string; height: number; summary: string }[]) =>
        alerts
          .filter(({ rule }) => rule === "rate")
          .map(({ height, summary }) => `${height} ${summary}`);
      assert.deepEqual(
        ofBlocks(results[0]?.alerts ?? []),
        ofBlocks(watch.monitor.store.alerts.since(0)),
      );
    } finally {
      await watch.close();
    }
  });

  it("compares the rules in force with others over the same blocks", async () => {
    const { stdout, stderr, exitCode } = await aleoOps(
      ...["alerts", "backtest", "--from-block", "1", "--to-block", String(heights.last)],
      ...["--rules", join(scratch.path, "strict.yaml")],
    );
    assert.equal(exitCode, 0, stderr);
    assert.match(stdout, /By both 2, only by those in force 0, only by the other 1\./);
    const [, first] = /^(other) .* rate /m.exec(stdout) ?? [];
    assert.equal(first, "other", stdout);
    assert.match(stdout, /^both .* changed /m);
    assert.deepEqual(receiver.received, []);
  });

  it("refuses blocks that are not there, do not join, or make no sense", async () => {
    const beyond = heights.last + 10;
    const early = await aleoOps("monitor", "--replay", `1..${beyond}`, "--dry-run");
    assert.equal(early.exitCode, 1);
    assert.match(early.stderr, new RegExp(`local has no block ${beyond} yet: the newest is`));
    for (const args of [
      ["monitor", "--replay", "5..1", "--dry-run"],
      ["monitor", "--replay", "1..5"],
      ["monitor", "--dry-run"],
      ["alerts", "backtest", "--from-block", "5", "--to-block", "1"],
    ]) {
      assert.equal((await aleoOps(...args)).exitCode, 2, args.join(" "));
    }
    const proxy = await startFaultyNode(url());
    try {
      const [second] = await chain.node.blocks(2, 3, 3);
      const body = JSON.stringify([second, second]);
      proxy.add({ path: /\/blocks\?/, fault: { kind: "answer", status: 200, body } });
      const broken = await execa(
        process.execPath,
        [join(project, "operations", "cli.ts"), "monitor", "--replay", "2..3", "--dry-run"],
        { cwd: project, env: { ...environment(), ALEO_NODE_URL: proxy.url }, reject: false },
      );
      assert.match(broken.stderr, /Block 3 was not served/);
    } finally {
      await proxy.close();
    }
  });

  it("asks for fewer blocks where they are too large together", async () => {
    const proxy = await startFaultyNode(url());
    const node = connect({ network: "local", endpoints: [proxy.url], retryBudgetMs: 500 });
    try {
      proxy.add({ path: /\/blocks\?start=1&end=51$/, fault: { kind: "half-body" } });
      const heights: number[] = [];
      for await (const { header } of oldBlocks(node, 1, 60)) heights.push(header.metadata.height);
      assert.deepEqual(
        heights,
        Array.from({ length: 60 }, (_, index) => index + 1),
      );
      assert.ok(proxy.count(/start=1&end=26$/) === 1 && proxy.count(/start=26&end=51$/) === 1);
    } finally {
      await node.close();
      await proxy.close();
    }
  });

  it("judges the time between blocks as well, and bears a gap of years", async () => {
    const observed: ObservedBlock[] = [];
    for await (const block of oldBlocks(chain.node, 1, 2)) observed.push(observe(block, []));
    const [template] = observed;
    assert.ok(template);
    const begun = performance.now();
    const rules = parseRules(
      "rules:\n  stalled: { kind: height-stalled, severity: high, after: 2m, resolveAfter: 0s }\n",
      "local.yaml",
    );
    const judged = new Backtest({ network: "local", programs: [], rules, intervalMs: 1_000 });
    const minute = 60_000;
    const times = [0, 1, 6, 7, 7 + 10 * 365 * 24 * 60].map((minutes) => minutes * minute);
    for (const [index, time] of times.entries()) {
      judged.take({ ...template, height: index + 1, time: 1_000_000 * minute + time });
    }
    const { alerts } = judged.finish();
    assert.deepEqual(
      alerts.map(({ height, resolvedAt }) => [height, resolvedAt !== undefined]),
      [
        [2, true],
        [4, true],
      ],
    );
    const [first] = alerts;
    assert.equal(Date.parse(first?.firedAt ?? "") - 1_000_000 * minute, 3 * minute + 1_000);
    assert.ok(performance.now() - begun < 5_000);
  });
});
