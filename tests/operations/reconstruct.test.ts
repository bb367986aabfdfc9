import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { catalogOf } from "../../aleo/backup/catalog.ts";
import { planPrune } from "../../aleo/backup/retention.ts";
import { loadSnapshot } from "../../aleo/backup/load-snapshot.ts";
import { openBackup } from "../../aleo/backup/read-backup.ts";
import { type ObjectStore, StoreDeniedError } from "../../aleo/backup/store.ts";
import { missingParts } from "../../aleo/reconstruct/part-store.ts";
import { partsFor } from "../../aleo/reconstruct/ranges.ts";
import { AleoError } from "../../aleo/errors.ts";
import { snapshotDigest } from "../../aleo/snapshot/digest.ts";
import { snapshotByListing } from "../../aleo/snapshot/listing.ts";
import type { Snapshot } from "../../aleo/snapshot/snapshot.ts";
import { backUp } from "../../operations/backup/backup.ts";
import { listBackups } from "../../operations/backup/list.ts";
import { backupsSection } from "../../operations/report/sections/backups-section.ts";
import { folderStore } from "../../operations/backup/store/folder-store.ts";
import { UnfinishedPartsError } from "../../operations/reconstruct/errors.ts";
import { localWorkers } from "../../operations/reconstruct/local-workers.ts";
import { fetchShare } from "../../operations/reconstruct/part.ts";
import {
  type Parts,
  reconstruct,
  type Reconstruction,
  reconstructionText,
} from "../../operations/reconstruct/reconstruct.ts";
import type { StateDiff } from "../../operations/state-diff/diff.ts";
import { admin, alice, bob } from "../contracts/accounts.ts";
import { callsOf } from "../contracts/chain.ts";
import { scratchLedger } from "../aleo/replay/ledger.ts";
import { caller, callerId, keeper, keeperId } from "../aleo/replay/small-programs.ts";
import { createBlocks } from "../support/create-blocks.ts";
import { startFaultyNode } from "../support/faulty-node.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const cli = join(import.meta.dirname, "..", "..", "operations", "cli.ts");
const killAtCall = import.meta.resolve("./kill-at-call.ts");
const quiet = () => undefined;
const partBlocks = 4;

const failsWith = (reason: RegExp) => (error: unknown) =>
  error instanceof AleoError && reason.test(`${error.message} ${error.remedy}`);

describe("A state that is reconstructed from blocks", function () {
  this.timeout(300_000);
  const ledger = scratchLedger();
  const directory = temporaryDirectory("reconstruct");
  const call = callsOf(keeperId);
  const put = (key: number, x: number) =>
    call(alice, "put", `${key}u8`, `{ x: ${x}u64, y: [1u64, 2u64] }`);
  /** What the node listed after each block that changed the program. */
  const listed: Snapshot[] = [];
  let stores = 0;
  const newStore = () => folderStore(join(directory.path, `store-${++stores}`));

  const send = async (...calls: ReturnType<typeof put>[]) => {
    await ledger.send(calls);
    listed.push(await snapshotByListing(ledger.node, keeperId));
  };
  const made = (
    store: ObjectStore,
    request: { at?: number; fromBlock?: number; toBlock?: number; program?: string } = {},
    parts?: Parts,
  ) =>
    reconstruct(
      ledger.node,
      store,
      { program: keeperId, at: undefined, fromBlock: undefined, toBlock: undefined, ...request },
      parts,
      quiet,
    );
  const stored = async (store: ObjectStore, { program, id }: Reconstruction) =>
    loadSnapshot(store, await openBackup(store, { program, id }, "local"));
  const workersOf = (store: ObjectStore, workers: number, env: NodeJS.ProcessEnv = {}) =>
    localWorkers({
      network: "local",
      store,
      workers,
      partBlocks,
      environment: { ...process.env, ALEO_NODE_URL: ledger.url, ...env },
      show: quiet,
    });
  const run = async (...args: string[]) => {
    const env = { ALEO_NODE_URL: ledger.url, BACKUP_STORE: undefined };
    const { exitCode, stdout, stderr } = await execa(process.execPath, [cli, ...args], {
      env,
      reject: false,
    });
    return { code: exitCode, stdout, stderr };
  };

  before(async () => {
    const { chain } = ledger;
    assert.equal(await chain.deploy(admin, keeperId, keeper(0)), "accepted");
    await send(put(1, 10), put(2, 20));
    await send(put(1, 11), put(3, 30));
    await send(call(bob, "drop", "2u8"));
    assert.equal(await chain.deploy(admin, keeperId, keeper(1)), "accepted");
    ledger.forget(keeperId);
    await send(put(4, 40), put(5, 1));
    await createBlocks(ledger.url, 5);
    await send(put(2, 21), call(bob, "drop", "3u8"));
  });
  after(() => {
    directory.remove();
  });

  it("is what the node listed at the head and after each earlier block, over an upgrade", async () => {
    const store = newStore();
    for (const expected of listed) {
      const report = await made(store, { at: expected.height, fromBlock: 0 });
      assert.equal(report.base, null);
      assert.equal(report.digest, snapshotDigest(expected));
      const snapshot = await stored(store, report);
      assert.deepEqual(snapshot.mappings, expected.mappings);
      assert.equal(snapshot.edition, expected.edition);
    }
    assert.deepEqual(
      listed.map(({ edition }) => edition),
      [0, 0, 0, 1, 1],
    );
  });

  it("begins with the last backup up to the first block, and says so", async () => {
    const store = newStore();
    const [first, , third] = listed;
    const head = listed.at(-1);
    assert.ok(first !== undefined && third !== undefined && head !== undefined);
    const early = await made(store, { at: first.height });
    const late = await made(store, { at: third.height });
    assert.equal(late.base, early.id);
    assert.equal(late.fromHeight, first.height + 1);
    for (const [fromBlock, base] of [
      [undefined, late.id],
      [third.height, late.id],
      [third.height - 1, early.id],
      [first.height - 1, null],
    ] as const) {
      const report = await made(store, fromBlock === undefined ? {} : { fromBlock });
      assert.equal(report.base, base ?? null);
      assert.equal(report.digest, snapshotDigest(head));
    }
    assert.match(reconstructionText(late), /from backup \d{8}_\d{4}.*compared with the ids/);
  });

  it("does not pass for a recent backup", async () => {
    const store = newStore();
    const settings = { network: "local", programs: [] } as const;
    await backUp(settings, ledger.node, store, { program: keeperId, source: "listing" }, quiet);
    const report = await made(store, { at: listed[0]?.height ?? 0 });
    const all = await listBackups(store, "local", keeperId);
    assert.deepEqual(
      all.map(({ reconstructed }) => reconstructed),
      [false, true],
    );
    const plan = planPrune(
      await catalogOf(store, "local"),
      { keep: 1, olderThanMs: 0 },
      new Date(Date.now() + 60_000),
    );
    assert.match(plan[0]?.reason ?? "", /the newest good one/);
    const { stdout } = await run("backups", "verify", "--newest", "--store", store.location);
    assert.match(stdout, /1 backup in/);
    assert.ok(!stdout.includes(`${report.id}:`));
    const list = await run("backups", "list", "--store", store.location);
    assert.match(list.stdout, /backup .*\n.*reconstruction/);
    const { lines } = backupsSection(
      { programs: [{ program: keeperId }] },
      { location: store.location, listed: all },
    );
    assert.match(lines[0]?.finding ?? "", new RegExp(`newest good backup ${all[0]?.id},`));
  });

  it("is the same from one worker and from three, whose parts serve the next run", async () => {
    const digests = new Set([snapshotDigest(listed.at(-1) ?? assert.fail())]);
    for (const workers of [1, 3]) {
      const store = newStore();
      const report = await made(store, {}, workersOf(store, workers));
      digests.add(report.digest);
      assert.ok((report.parts?.stored ?? 0) >= 3);
      const again = await made(store, { fromBlock: 0 }, workersOf(store, workers));
      assert.deepEqual(again.parts, { stored: 0, there: report.parts?.stored, damaged: [] });
      digests.add(again.digest);
    }
    assert.equal(digests.size, 1);
  });

  it("goes on where workers were killed", async () => {
    const store = newStore();
    // Each part is a folder, a file aside, a link, its removal and three folders synced: this is
    // within the third.
    const env = { NODE_OPTIONS: `--import=${killAtCall}`, KILL_AT: "17" };
    await assert.rejects(made(store, {}, workersOf(store, 1, env)), (error: unknown) => {
      assert.ok(error instanceof UnfinishedPartsError);
      assert.match(error.message, /1 of 1 worker ended before all blocks were stored: .*SIGKILL/);
      return true;
    });
    const parts = readdirSync(join(store.location, "blocks", "local")).filter((name) =>
      name.endsWith(".zst"),
    );
    assert.ok(parts.length > 0, "no part was stored before the kill");
    const report = await made(store, {}, workersOf(store, 2));
    assert.equal(report.parts?.there, parts.length);
    assert.equal(report.digest, snapshotDigest(listed.at(-1) ?? assert.fail()));
  });

  it("that is killed leaves no worker behind", async () => {
    const store = newStore();
    const node = await startFaultyNode(ledger.url);
    const blocks = /\/blocks\?/;
    node.add({ path: blocks, fault: { kind: "slow", delayMs: 2_000 } });
    const args = ["reconstruct", "--program", keeperId, "--workers", "1", "--to", store.location];
    const child = execa(process.execPath, [cli, ...args], {
      env: { ALEO_NODE_URL: node.url, BACKUP_STORE: undefined },
      reject: false,
    });
    while (node.count(blocks) === 0) await sleep(50);
    child.kill("SIGKILL");
    await child;
    await sleep(4_000);
    assert.ok(!existsSync(join(store.location, "blocks")), "a worker went on and stored its part");
    await node.close();
  });

  it("takes the node's blocks in place of a part that is damaged or gone", async () => {
    const store = newStore();
    await made(store, {}, workersOf(store, 1));
    const folder = join(store.location, "blocks", "local");
    const [first = ""] = readdirSync(folder).sort();
    const bytes = readFileSync(join(folder, first));
    bytes.writeUInt8(bytes.readUInt8(bytes.length >> 1) ^ 1, bytes.length >> 1);
    writeFileSync(join(folder, first), bytes);
    // From the deployment on, so that the damaged part is read.
    const report = await made(store, { fromBlock: 0 }, workersOf(store, 1));
    assert.equal(report.digest, snapshotDigest(listed.at(-1) ?? assert.fail()));
    assert.equal(report.parts?.damaged.length, 1);
    assert.match(report.parts.damaged[0] ?? "", /is damaged/);
  });

  it("lets workers write that may neither list nor read, as the backups' writer may not", async () => {
    const store = newStore();
    const denied = new StoreDeniedError("The store refuses.", { remedy: "" });
    const refuse = () => Promise.reject(denied);
    const writer: ObjectStore = { ...store, read: refuse, list: () => fromRefusal(denied) };
    const work = { ranges: [{ from: 20, to: 27 }], partBlocks, worker: 0, workers: 1 };
    const first = await fetchShare(ledger.node, writer, work, quiet);
    assert.deepEqual([first.stored, first.there], [2, 0]);
    const again = await fetchShare(ledger.node, writer, work, quiet);
    assert.deepEqual([again.stored, again.there], [0, 2]);
    const parts = partsFor({ from: 20, to: 31 }, partBlocks);
    assert.equal((await missingParts(writer, "local", parts)).length, 3);
    assert.equal((await missingParts(store, "local", parts)).length, 1);
  });

  it("is begun with the last backup by the next, unless the store may not be read, which is told", async () => {
    const store = newStore();
    const settings = { network: "local", programs: [] } as const;
    const backedUp = async (to: ObjectStore) => {
      const request = { program: keeperId, source: "replay" } as const;
      const [report] = await backUp(settings, ledger.node, to, request, quiet);
      assert.ok(report !== undefined && "id" in report);
      return report;
    };
    const first = await made(store, { at: listed[2]?.height ?? 0 });
    const writes = process.stderr.write.bind(process.stderr);
    let said = "";
    process.stderr.write = (text: string) => Boolean((said += text));
    try {
      assert.equal((await backedUp(store)).since, first.id);
      assert.equal(said, "");
      const denied = new StoreDeniedError("The store refuses reading.", { remedy: "Let it read." });
      const refuse = () => Promise.reject(denied);
      for (const closed of [
        { ...store, read: refuse },
        { ...store, list: () => fromRefusal(denied) },
      ]) {
        said = "";
        assert.equal((await backedUp(closed)).since, null);
        assert.match(
          said,
          /^! \S+: The store refuses reading\. .* begins with the deployment.* Let it read\.\n$/,
        );
      }
    } finally {
      process.stderr.write = writes;
    }
  });

  it("is refused for heights that can't be, and programs that were not there", async () => {
    const store = newStore();
    const head = await ledger.node.latestHeight();
    const first = listed[0]?.height ?? 0;
    for (const [request, reason] of [
      [{ toBlock: head + 1 }, /has not reached block/],
      [{ at: first + 1, toBlock: first }, /behind the last block/],
      [{ at: first, fromBlock: first + 1 }, /Begin with an earlier block/],
      [{ program: "nowhere.aleo" }, /no program nowhere.aleo/],
      [{ at: 3 }, /no program .* at height 3/],
    ] as const) {
      await assert.rejects(made(store, request), failsWith(reason));
    }
    const work = { ranges: [{ from: 0, to: 5 }], partBlocks, worker: 2, workers: 2 };
    await assert.rejects(
      fetchShare(ledger.node, store, work, quiet),
      failsWith(/no worker 2 of 2/),
    );
    assert.equal((await run("reconstruct", "--program", keeperId, "--at", "soon")).code, 2);
  });

  it("of a program that reads another's mappings comes from the deployment, whatever backups there are", async () => {
    assert.equal(await ledger.chain.deploy(admin, callerId, caller), "accepted");
    await ledger.send([callsOf(callerId)(alice, "put_both", "6u8", "7u8", "5u64")]);
    const store = newStore();
    const head = await ledger.node.latestHeight();
    await made(store, { program: callerId, at: head - 1 });
    const report = await made(store, { program: callerId });
    assert.equal(report.base, null);
    const now = await snapshotByListing(ledger.node, callerId);
    assert.equal(report.digest, snapshotDigest(now));
  });

  describe("compared with another", () => {
    let store: ObjectStore;
    let early: Reconstruction;
    const diff = async (...args: string[]) => {
      const { code, stdout, stderr } = await run("state", "diff", ...args, "--json");
      assert.ok(code === 0 || code === 3, stderr);
      const { changes } = JSON.parse(stdout) as StateDiff;
      assert.equal(code, changes.length === 0 ? 0 : 3);
      return changes.map(({ kind, mapping, key }) => `${kind} ${mapping} ${key}`);
    };
    const expected = ["changed count true", "added points 3u8", "changed points 1u8"];

    before(async () => {
      store = newStore();
      early = await made(store, { at: listed[0]?.height ?? 0 });
    });

    it("shows what was added, removed and changed, from the command line", async () => {
      const of = ["--program", keeperId, "--store", store.location];
      const [first, second] = listed.map(({ height }) => String(height));
      assert.deepEqual((await diff(first ?? "", second ?? "", ...of)).sort(), expected.sort());
      assert.deepEqual((await diff(early.id, second ?? "", ...of)).sort(), expected.sort());
      const folder = join(store.location, keeperId, early.id);
      assert.deepEqual(await diff(folder, early.id, ...of), []);
      const files = join(directory.path, "files");
      const restored = await run(
        ...["restore", "--backup-id", early.id, "--contract", keeperId],
        ...["--store", store.location, "--to-folder", files],
      );
      assert.equal(restored.code, 0, restored.stderr);
      assert.deepEqual(await diff(files, folder), []);
      const shown = await run("state", "diff", files, "latest", ...of);
      assert.equal(shown.code, 3);
      assert.match(shown.stdout, /points: 2 changed, 3 added/);
      assert.match(shown.stdout, /changed +points +1u8 +\{ x: 10u64.* \{ x: 11u64/);
    });

    it("is refused for what names no state", async () => {
      for (const [text, reason] of [
        [directory.path, /names no state/],
        ["20200101_0000", /not said of which program/],
        ["5", /not said of which program/],
      ] as const) {
        const { code, stderr } = await run("state", "diff", text, "latest");
        assert.equal(code, 1);
        assert.match(stderr, reason);
      }
    });
  });
});

function fromRefusal(error: Error): AsyncIterable<never> {
  return { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }) };
}
