import assert from "node:assert/strict";
import type { Block } from "../../aleo/node/shapes.ts";
import { admin, alice } from "../contracts/accounts.ts";
import { registryCalls } from "../contracts/agent-registry.ts";
import { scratchChain } from "../contracts/chain.ts";
import { createBlocks } from "../support/create-blocks.ts";
import { type FaultyNode, startFaultyNode } from "../support/faulty-node.ts";
import { type MonitorUnderTest, openMonitor } from "./support/monitor.ts";

const program = "agent_registry_v3.aleo";
const rules = JSON.stringify({
  rules: {
    rate: { kind: "failure-rate", severity: "high", minimumCount: 400, threshold: 0.5 },
  },
});

/** Blocks such as a devnode does not make, put in the place of some of its own. */
describe("A monitor that reads large blocks", function () {
  this.timeout(120_000);
  const chain = scratchChain(admin, program);
  const { verify } = registryCalls(program);
  let proxy: FaultyNode;
  let watch: MonitorUnderTest;

  const url = () => chain.node.endpoints[0] ?? "";
  const cursor = () => watch.monitor.store.chain.cursor()?.height ?? 0;
  const inPlaceOf = (blocks: readonly unknown[], start: number) => {
    const before = start + blocks.length;
    proxy.add({
      path: new RegExp(`/blocks\\?start=${start}&end=${before}$`),
      fault: { kind: "answer", status: 200, body: JSON.stringify(blocks) },
    });
  };
  const stored = (height: number) =>
    watch.monitor.store.database.get("SELECT * FROM blocks WHERE height = :height", { height });

  before(async () => {
    proxy = await startFaultyNode(url());
    watch = await openMonitor({ endpoints: [proxy.url], programs: [program], rules });
    await watch.firing();
  });
  afterEach(() => {
    proxy.clear();
  });
  after(async () => {
    await watch.close();
    await proxy.close();
  });

  it("takes a block of 10 MB", async () => {
    await createBlocks(url(), 1);
    const height = cursor() + 1;
    const [block] = await chain.node.blocks(height, height + 1);
    // Most of a block of a public network is what validators signed.
    inPlaceOf([{ ...block, authority: { subdag: "a".repeat(10 * 1024 * 1024) } }], height);
    assert.deepEqual(await watch.firing(), []);
    assert.equal(cursor(), height);
  });

  it("takes a block with 500 transactions, and judges by all of them", async () => {
    await chain.rejects(verify(alice, "1field"));
    const height = cursor() + 1;
    const [block] = await chain.node.blocks(height, height + 1);
    const [entry] = block?.transactions ?? [];
    assert.ok(block && entry);
    const transactions = Array.from({ length: 500 }, (_, index) => ({
      ...entry,
      transaction: { ...entry.transaction, id: `${entry.transaction.id}-${index}` },
    }));
    inPlaceOf([{ ...block, transactions }], height);
    assert.deepEqual(await watch.firing(), [`rate ${program}`]);
    assert.equal(stored(height)?.transactions, 500);
    const time = block.header.metadata.timestamp * 1_000;
    const calls = watch.monitor.store.chain.calls(program, { from: time - 1, to: time });
    assert.deepEqual(calls, { accepted: 0, rejected: 500 });
  });

  it("asks for fewer at once where they are too large together, and for as many as before afterwards", async () => {
    await createBlocks(url(), 8);
    const first = cursor() + 1;
    const blocks = await chain.node.blocks(first, first + 8);
    const swollen = blocks.map((block): Block => ({
      ...block,
      authority: { subdag: "a".repeat(3 * 1024 * 1024) },
    }));
    // Whichever part of them is asked for.
    for (let size = 1; size <= 8; size += 1) {
      for (let at = 0; at + size <= 8; at += 1) {
        inPlaceOf(swollen.slice(at, at + size), first + at);
      }
    }
    await watch.firing();
    assert.equal(cursor(), first + 7);
    assert.equal(watch.monitor.status().ready, true);
    const asked = proxy.requests
      .map(({ path }) => path)
      .filter((path) => path.includes("/blocks?"));
    assert.equal(asked.length, 3, `8 are refused, then 4 and 4 are taken: ${asked.join(" ")}`);
    const heights = watch.monitor.store.database
      .all("SELECT height FROM blocks WHERE height >= :first ORDER BY height", { first })
      .map(({ height }) => height);
    assert.deepEqual(
      heights,
      blocks.map(({ header }) => header.metadata.height),
    );
  });
});
