import assert from "node:assert/strict";
import { catalogOf } from "../../aleo/backup/catalog.ts";
import { StoreDeniedError, type ObjectStore } from "../../aleo/backup/store.ts";
import { verifyBackup } from "../../aleo/backup/verify-backup.ts";
import { writeBackup } from "../../aleo/backup/write-backup.ts";
import { openStore } from "../../operations/backup/store/open-store.ts";
import { pruneBackups } from "../../operations/backup/prune.ts";
import { codeOf, verifyBackups } from "../../operations/backup/verify.ts";
import { sampleContent } from "../aleo/backup/samples.ts";
import type { BucketFault } from "./faulty-bucket.ts";
import { scratchBuckets } from "./scratch-bucket.ts";

const local = { network: "local" as const, backups: undefined };
const content = sampleContent(40);
/** Small parts, so that there are several. */
const options = { partBytes: 500 };
/** claim, program, one part of fees_held, four of stakes, manifest. */
const objects = 8;

const denied = { kind: "error", status: 403, code: "AccessDenied" } as const;
const passing: readonly BucketFault[] = [
  { kind: "error", status: 503, code: "SlowDown" },
  { kind: "error", status: 500, code: "InternalError" },
  { kind: "cut" },
  { kind: "lost answer" },
  { kind: "slow", delayMs: 100 },
];

describe("A backup into a bucket that fails", function () {
  this.timeout(120_000);
  const buckets = scratchBuckets();
  let bucket = "";
  let store: ObjectStore;
  beforeEach(async () => {
    buckets.proxy.clear();
    bucket = await buckets.make();
    store = await openStore(`s3://${bucket}`, local, process.env);
  });
  afterEach(() => {
    store.close();
  });

  const states = async () => {
    buckets.proxy.clear();
    const catalog = await catalogOf(store, "local");
    const checks = await Promise.all(
      catalog.map((backup) => verifyBackup(store, backup, { readData: true })),
    );
    return checks.map(({ state }) => state);
  };
  const attempt = () =>
    writeBackup(store, content, options).then(
      () => "written" as const,
      (error: unknown) => error,
    );

  it("sends an object a request, the manifest last", async () => {
    await writeBackup(store, content, options);
    const names = buckets.proxy.requests.map((request) => request.split("/").slice(4).join("/"));
    assert.equal(names.length, objects);
    assert.equal(names[0], "claim.json");
    assert.equal(names.at(-1), "manifest.json");
    assert.deepEqual(await states(), ["good"]);
  });

  for (let place = 0; place < objects; place += 1) {
    it(`is whole after a fault that passes at object ${place + 1}`, async () => {
      for (const fault of passing) {
        buckets.proxy.clear();
        buckets.proxy.add({ request: /^PUT/, fault, after: place, times: 1 });
        assert.equal(await attempt(), "written", fault.kind);
      }
      assert.deepEqual(
        await states(),
        passing.map(() => "good"),
      );
    });

    it(`does not count after a fault that stays from object ${place + 1} on`, async () => {
      buckets.proxy.add({ request: /^PUT/, fault: denied, after: place });
      assert.ok((await attempt()) instanceof StoreDeniedError);
      assert.deepEqual(await states(), place === 0 ? [] : ["incomplete"]);
    });
  }

  it("does not count where the bucket can't be reached any more", async () => {
    buckets.proxy.add({ request: /^PUT/, fault: { kind: "cut" }, after: 3 });
    assert.ok((await attempt()) instanceof Error);
    assert.deepEqual(await states(), ["incomplete"]);
  });

  it("whose bits are flipped on the way there is found by a check that reads it", async () => {
    for (let place = 0; place < objects; place += 1) {
      buckets.proxy.clear();
      buckets.proxy.add({
        request: /^PUT/,
        fault: { kind: "flipped on the way there" },
        after: place,
        times: 1,
      });
      // S3 compares the checksum and refuses it, as moto does not.
      assert.equal(await attempt(), "written");
    }
    assert.deepEqual(
      await states(),
      Array.from({ length: objects }, () => "damaged"),
    );
  });

  it("bears a clock that is wrong", async () => {
    const at = new Date(Date.now() + 3_600_000).toUTCString();
    const fault = {
      kind: "error",
      status: 403,
      code: "RequestTimeTooSkewed",
      headers: { date: at },
    } as const;
    buckets.proxy.add({ request: /^PUT/, fault, times: 1 });
    assert.equal(await attempt(), "written");
  });

  it("needs no right to read, list or delete", async () => {
    buckets.proxy.add({ request: /^(GET|HEAD|DELETE)/, fault: denied });
    // An answer that is lost: of the claim it costs an id, of another object nothing.
    buckets.proxy.add({
      request: /^PUT.*(claim|manifest)/,
      fault: { kind: "lost answer" },
      times: 1,
    });
    assert.equal(await attempt(), "written");
    assert.deepEqual(await states(), ["incomplete", "good"]);
  });

  it("leaves each of many writers at once a backup of its own", async () => {
    const begun = new Date("2025-06-21T12:00:00Z");
    const written = await Promise.all(
      Array.from({ length: 5 }, () => writeBackup(store, content, { ...options, begun })),
    );
    const ids = written.map(({ id }) => id).sort();
    assert.deepEqual(
      ids,
      [1, 2, 3, 4, 5].map((turn) => `20250621_1200${turn === 1 ? "" : `_${turn}`}`),
    );
    assert.deepEqual(
      await states(),
      ids.map(() => "good"),
    );
  });

  it("that may be written only is verified without a note", async () => {
    await writeBackup(store, content, options);
    buckets.proxy.clear();
    buckets.proxy.add({ request: /^PUT/, fault: denied });
    const which = { id: undefined, program: undefined, newest: true, readData: true };
    const [check] = await verifyBackups(store, "local", which, () => undefined);
    assert.deepEqual([check?.state, check?.noted], ["good", false]);
  });

  it("locked backups are named and left whole by a prune", async () => {
    const locked = await openStore(`s3://${await buckets.make(30)}`, local, process.env);
    const begun = new Date("2025-06-21T12:00:00Z");
    for (let count = 0; count < 2; count += 1) {
      await writeBackup(locked, content, { ...options, begun });
    }
    const { removed, left, kept } = await pruneBackups(locked, "local", {
      program: undefined,
      retention: { keep: 1, olderThanMs: 0 },
      dryRun: false,
    });
    assert.deepEqual([removed.length, kept.length], [0, 1]);
    assert.equal(left[0]?.id, "20250621_1200");
    assert.match(left[0].reason, /^locked until 20\d\d-/);
    assert.equal((await catalogOf(locked, "local")).length, 2);
    locked.close();
  });

  describe("and a check of it", () => {
    const which = { id: undefined, program: undefined, newest: false };
    const folder = async () => {
      const { program, id } = await writeBackup(store, content, options);
      return `${program}/${id}/`;
    };
    const check = async (readData: boolean) => {
      buckets.proxy.clear();
      const checks = await verifyBackups(store, "local", { ...which, readData }, () => undefined);
      return { states: checks.map(({ state }) => state), code: codeOf(checks, undefined) };
    };
    const damaged = { states: ["damaged"], code: 3 };
    const keysOf = async (under: string) =>
      (await Array.fromAsync(store.list(under))).map(({ key }) => key);

    it("bears what is spoilt on its way", async () => {
      await folder();
      for (const fault of [
        { kind: "flipped on the way back" },
        { kind: "half an answer" },
        { kind: "error", status: 503, code: "SlowDown" },
      ] as const) {
        for (const object of ["manifest", "program", "000002"]) {
          buckets.proxy.clear();
          buckets.proxy.add({ request: new RegExp(`^GET.*${object}`), fault, times: 1 });
          const checks = await verifyBackups(
            store,
            "local",
            { ...which, readData: true },
            () => undefined,
          );
          assert.deepEqual(
            checks.map(({ state }) => state),
            ["good"],
            `${fault.kind} ${object}`,
          );
        }
      }
    });

    it("finds each object that is missing, cut short or has a bit flipped", async () => {
      const under = await folder();
      for (const key of await keysOf(under)) {
        const body = await buckets.get(bucket, key);
        const flipped = Buffer.from(body);
        flipped[body.length >> 1] = (flipped[body.length >> 1] ?? 0) ^ 1;
        for (const [name, wrong, isSeenByLooking] of [
          ["missing", undefined, true],
          ["cut short", body.subarray(0, -1), true],
          ["flipped", flipped, false],
        ] as const) {
          await buckets.remove(bucket, key);
          if (wrong !== undefined) await buckets.put(bucket, key, wrong);
          const isManifest = key.endsWith("manifest.json");
          const what = `${name} ${key}`;
          if (isManifest && wrong === undefined) {
            // Nobody can tell it from one that was never finished, unless it was checked before.
            assert.deepEqual(await check(true), { states: ["incomplete"], code: 0 }, what);
          } else {
            assert.deepEqual(await check(true), damaged, what);
            const looked = isSeenByLooking || isManifest ? damaged : { states: ["good"], code: 0 };
            await forget(under);
            assert.deepEqual(await check(false), looked, what);
          }
          await forget(under);
          await buckets.put(bucket, key, body);
        }
      }
      assert.deepEqual(await check(true), { states: ["good"], code: 0 });
    });

    it("finds a manifest that is gone from a backup that was whole once", async () => {
      const under = await folder();
      assert.deepEqual(await check(true), { states: ["good"], code: 0 });
      await buckets.remove(bucket, `${under}manifest.json`);
      assert.deepEqual(await check(false), damaged);
    });

    it("finds what was put beside a backup, or taken from another one", async () => {
      const under = await folder();
      const [, , part = ""] = await keysOf(under);
      await buckets.put(bucket, `${under}more.json`, Buffer.from("{}"));
      assert.deepEqual(await check(false), damaged);
      await buckets.remove(bucket, `${under}more.json`);
      const other = await writeBackup(store, sampleContent(41), options);
      const [, , otherPart = ""] = await keysOf(`${other.program}/${other.id}/`);
      await buckets.put(bucket, part, await buckets.get(bucket, otherPart));
      const { states: found } = await check(true);
      assert.deepEqual(found, ["damaged", "good"]);
    });

    it("tells a copy, another network's and a newer format from a good one", async () => {
      const under = await folder();
      const manifest = (await buckets.get(bucket, `${under}manifest.json`)).toString();
      const put = (program: string, id: string, text: string) =>
        buckets.put(bucket, `${program}/${id}/manifest.json`, Buffer.from(text));
      await put(content.program, "20200101_0000", manifest);
      await put("other.aleo", "20200101_0000", manifest);
      await put("other.aleo", "20200101_0001", manifest.replace('"version": 1', '"version": 2'));
      assert.deepEqual((await check(true)).states, ["damaged", "good", "unreadable", "unreadable"]);
      const foreign = await verifyBackups(
        store,
        "testnet",
        { ...which, readData: false },
        () => undefined,
      );
      assert.match(foreign[1]?.findings[0] ?? "", /on local, not of .* on testnet/);
    });

    /** Takes away what checks noted. */
    async function forget(under: string): Promise<void> {
      for (const key of await keysOf(`${under}checks/`)) await buckets.remove(bucket, key);
    }
  });
});
