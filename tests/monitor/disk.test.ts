import assert from "node:assert/strict";
import { createBlocks } from "../support/create-blocks.ts";
import { scratchDevnode } from "../support/devnode.ts";
import { type MonitorUnderTest, openMonitor } from "./support/monitor.ts";

const rules = JSON.stringify({
  rules: { lag: { kind: "monitor-lag", severity: "high", blocks: 5, resolveAfter: "0s" } },
});

describe("A monitor whose database can't be written", function () {
  this.timeout(120_000);
  const devnode = scratchDevnode({ manualBlocks: true });
  let watch: MonitorUnderTest;

  const database = () => watch.monitor.store.database;
  const heights = () =>
    database()
      .all("SELECT height FROM blocks ORDER BY height")
      .map(({ height }) => Number(height));
  const upTo = (height: number) => Array.from({ length: height }, (_, index) => index + 1);
  const lastError = () => watch.log.findLast(({ level }) => Number(level) >= 50);

  before(async () => {
    watch = await openMonitor({ endpoints: [devnode.url], programs: [], rules, fromBlock: 1 });
    assert.deepEqual(await watch.firing(), []);
  });
  after(() => watch.close());

  it("says that the disk is full, keeps what it had, and goes on where it was when there is room", async () => {
    const before = heights();
    const pages = Number(database().get("PRAGMA page_count")?.page_count);
    database().get(`PRAGMA max_page_count = ${pages}`);
    await createBlocks(devnode.url, 100);
    await watch.monitor.poll();
    const { ready, problem } = watch.monitor.status();
    assert.equal(ready, false);
    assert.match(problem ?? "", /The disk of .*monitor\.sqlite is full: nothing was written/);
    assert.match(String(lastError()?.remedy), /Make room/);
    const kept = heights();
    assert.deepEqual(kept, upTo(kept.length), "what was written before it was full is whole");
    assert.ok(kept.length >= before.length && kept.length < before.length + 100);

    database().get("PRAGMA max_page_count = 1000000");
    assert.deepEqual(await watch.firing(), []);
    assert.equal(watch.monitor.status().ready, true);
    assert.deepEqual(heights(), upTo(before.length + 100));
  });

  it("says that it is read-only, and goes on when it is not", async () => {
    const before = heights();
    database().run("PRAGMA query_only = 1");
    await createBlocks(devnode.url, 3);
    await watch.monitor.poll();
    assert.match(watch.monitor.status().problem ?? "", /can't be written: it is read-only/);
    assert.deepEqual(heights(), before);
    database().run("PRAGMA query_only = 0");
    await watch.monitor.poll();
    assert.equal(watch.monitor.status().ready, true);
    assert.deepEqual(heights(), upTo(before.length + 3));
  });
});
