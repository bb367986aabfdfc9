import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { createBlocks } from "../support/create-blocks.ts";
import { scratchDevnode } from "../support/devnode.ts";
import { type FaultyNode, nodeFaults, startFaultyNode } from "../support/faulty-node.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { type MonitorUnderTest, openMonitor } from "./support/monitor.ts";

const rules = JSON.stringify({
  rules: { nodes: { kind: "endpoint-disagreement", severity: "high", resolveAfter: "0s" } },
});
/** Nothing is deployed on these chains, and no address is asked for. */
const programs: string[] = [];

describe("A monitor whose node is not what it was", function () {
  this.timeout(120_000);
  const first = scratchDevnode({ manualBlocks: true });
  const second = scratchDevnode({ manualBlocks: true, ownChain: true });
  const scratch = temporaryDirectory("other-chain");
  let proxy: FaultyNode;
  let watch: MonitorUnderTest | undefined;
  let turn = 0;

  const open = async (...endpoints: string[]) => {
    watch = await openMonitor({ endpoints, programs, rules });
    return watch;
  };
  /** A monitor that goes on with the database of one that has ended. */
  const reopened = async (directory: string, ...endpoints: string[]) => {
    watch = await openMonitor({ endpoints, programs, rules, directory });
    return watch;
  };
  const folder = () => {
    const path = `${scratch.path}/${(turn += 1)}`;
    mkdirSync(path);
    return path;
  };
  const heights = ({ monitor }: MonitorUnderTest) =>
    monitor.store.database
      .all("SELECT height FROM blocks ORDER BY height")
      .map((row) => row.height);
  /** All but the genesis block, whose date is too long ago to be kept. */
  const upTo = (height: number) => Array.from({ length: height }, (_, index) => index + 1);

  before(async () => {
    proxy = await startFaultyNode(first.url);
  });
  afterEach(async () => {
    await watch?.close();
    watch = undefined;
    proxy.clear();
  });
  after(async () => {
    await proxy.close();
    scratch.remove();
  });

  it("refuses a chain that was reset, says so, tells of it, and reads none of its blocks", async () => {
    const directory = folder();
    const before = await reopened(directory, first.url);
    await before.firing();
    const cursor = before.monitor.store.chain.cursor();
    await before.close();

    await createBlocks(second.url, 30);
    const after = await reopened(directory, second.url);
    assert.deepEqual(await after.firing(), [`nodes ${second.url}`]);
    assert.deepEqual(after.monitor.store.chain.cursor(), cursor);
    const status = after.monitor.status();
    assert.equal(status.ready, false);
    assert.match(status.problem ?? "", /serves another chain than the one .* block 22 \(ab1/);
    const line = after.log.find(({ level }) => level === 60);
    assert.match(String(line?.remedy), /move .*monitor\.sqlite away and start again/);
    await after.close();

    // The right one comes back: it goes on where it was.
    await createBlocks(first.url, 2);
    const again = await reopened(directory, first.url);
    assert.deepEqual(await again.firing(), []);
    assert.equal(again.monitor.status().ready, true);
    assert.deepEqual(heights(again), upTo(24));
  });

  it("refuses a chain that was reset and is shorter", async () => {
    const directory = folder();
    const long = await reopened(directory, second.url);
    await long.firing();
    const cursor = long.monitor.store.chain.cursor();
    assert.ok(cursor !== undefined && cursor.height > 30);
    await long.close();
    const short = await reopened(directory, first.url);
    assert.deepEqual(await short.firing(), [`nodes ${first.url}`]);
    assert.deepEqual(short.monitor.store.chain.cursor(), cursor);
  });

  it("follows the endpoint of its chain and tells of one that is on another, whichever comes first", async () => {
    for (const order of [
      [first.url, second.url],
      [second.url, first.url],
    ]) {
      const directory = folder();
      const own = await reopened(directory, first.url);
      await own.firing();
      await own.close();
      await createBlocks(first.url, 1);
      const both = await reopened(directory, ...order);
      assert.deepEqual(await both.firing(), [`nodes ${second.url}`]);
      assert.equal(both.monitor.status().ready, true);
      const head = both.monitor.status().head ?? 0;
      assert.deepEqual(heights(both), upTo(head));
      await both.close();
    }
  });

  it("is not ready while no node answers, and goes on when one does", async () => {
    const down = await open(proxy.url);
    await createBlocks(first.url, 1);
    proxy.add({ path: /./, fault: { kind: "cut" } });
    assert.deepEqual(await down.firing(), [`nodes ${proxy.url}`]);
    assert.match(down.monitor.status().problem ?? "", /No node answered/);
    proxy.clear();
    assert.deepEqual(await down.firing(), []);
    assert.equal(down.monitor.status().ready, true);
  });

  for (const [name, fault] of Object.entries(nodeFaults)) {
    if (name === "nothing" || name === "an answer without end") continue;
    it(`reads every block once through ${name} in place of some`, async () => {
      const faulty = await open(proxy.url);
      proxy.add({ path: /\/blocks\?/, fault, times: 2 });
      for (let poll = 0; poll < 3; poll += 1) await faulty.firing();
      assert.equal(faulty.monitor.status().ready, true);
      assert.deepEqual(heights(faulty), upTo(faulty.monitor.status().head ?? 0));
    });
  }

  it("takes no block twice and none out of order from a node that answers with others", async () => {
    const liar = await open(proxy.url, first.url);
    const wrong = JSON.stringify(
      await (await fetch(`${first.url}/testnet/blocks?start=3&end=9`)).json(),
    );
    proxy.add({ path: /\/blocks\?/, fault: { kind: "answer", status: 200, body: wrong } });
    await liar.firing();
    assert.deepEqual(heights(liar), upTo(liar.monitor.status().head ?? 0));
  });

  it("refuses a node of another network", async () => {
    const other = await startFaultyNode(first.url);
    try {
      other.add({ path: /testnet/, fault: { kind: "answer", status: 404 } });
      other.add({ path: /mainnet/, fault: { kind: "answer", status: 200, body: "7" } });
      const wrong = await open(other.url);
      assert.deepEqual(await wrong.firing(), [`nodes ${other.url}`]);
      assert.match(wrong.open("nodes")?.summary ?? "", /serves mainnet, not testnet/);
      assert.deepEqual(heights(wrong), []);
    } finally {
      await other.close();
    }
  });
});
