import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  ObjectExistsError,
  ObjectLockedError,
  type ObjectStore,
  StoreDeniedError,
  StoreMissingError,
  StoreUnreachableError,
} from "../../aleo/backup/store.ts";
import { BackupStoreError, openStore } from "../../operations/backup/store/open-store.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { scratchBuckets } from "./scratch-bucket.ts";

const testnet = { network: "testnet" as const, backups: undefined };
const open = (place: string) => openStore(place, testnet, process.env);

/** Larger than one piece of an upload in pieces. */
const large = Buffer.alloc(9 * 1024 * 1024, "0123456789abcdef");

function behavesAsStore(openNew: () => Promise<ObjectStore>): void {
  let store: ObjectStore;
  beforeEach(async () => {
    store = await openNew();
  });
  afterEach(() => {
    store.close();
  });
  const all = async (prefix: string) => {
    const found = await Array.fromAsync(store.list(prefix));
    return found.map(({ key, bytes }) => `${key} ${bytes}`).sort();
  };

  it("gives back what was written, and tells what there is under a prefix", async () => {
    await store.create("a.aleo/one/x", Buffer.from("first"));
    await store.create("a.aleo/two", Buffer.from(""));
    await store.create("b.aleo/one", large);
    assert.equal((await store.read("a.aleo/one/x"))?.toString(), "first");
    assert.equal((await store.read("a.aleo/two"))?.length, 0);
    assert.ok((await store.read("b.aleo/one"))?.equals(large));
    assert.equal(await store.read("a.aleo/one"), undefined);
    assert.deepEqual(await all("a.aleo/"), ["a.aleo/one/x 5", "a.aleo/two 0"]);
    assert.equal((await all("")).length, 3);
  });

  it("never writes an object again, small or large", async () => {
    for (const body of [Buffer.from("first"), large]) {
      const key = `a.aleo/${body.length}`;
      await store.create(key, body);
      await assert.rejects(
        store.create(key, Buffer.from("second")),
        (error: unknown) => error instanceof ObjectExistsError && !error.maybeOwn,
      );
      await assert.rejects(store.create(key, Buffer.concat([large, large])), ObjectExistsError);
      assert.ok((await store.read(key))?.equals(body));
    }
  });

  it("lets one of many writers have a name", async () => {
    const bodies = Array.from({ length: 8 }, (_, index) => Buffer.from(`writer ${index}`));
    const results = await Promise.allSettled(bodies.map((body) => store.create("a.aleo/x", body)));
    const winners = results.flatMap(({ status }, index) => (status === "fulfilled" ? [index] : []));
    assert.equal(winners.length, 1);
    const [winner = -1] = winners;
    assert.equal((await store.read("a.aleo/x"))?.toString(), `writer ${winner}`);
  });

  it("deletes for good, and does not mind what is not there", async () => {
    await store.create("a.aleo/one/x", Buffer.from("first"));
    await store.remove("a.aleo/one/x");
    await store.remove("a.aleo/one/x");
    assert.equal(await store.read("a.aleo/one/x"), undefined);
    assert.deepEqual(await all(""), []);
    await store.create("a.aleo/one/x", Buffer.from("second"));
  });

  it("is empty where nothing was ever written", async () => {
    assert.deepEqual(await all("a.aleo/"), []);
    assert.equal(await store.read("a.aleo/x"), undefined);
  });
}

describe("A folder as a store of backups", () => {
  const directory = temporaryDirectory("folder-store");
  let count = 0;
  after(() => {
    directory.remove();
  });
  behavesAsStore(() => open(join(directory.path, `store-${++count}`)));

  it("does not count what a killed writer left", async () => {
    const folder = join(directory.path, "killed");
    mkdirSync(join(folder, "a.aleo"), { recursive: true });
    writeFileSync(join(folder, "a.aleo", ".unfinished-1"), "half");
    const store = await open(folder);
    assert.deepEqual(await Array.fromAsync(store.list("")), []);
  });

  it("says of a folder that can't be used what stands in the way", async () => {
    writeFileSync(join(directory.path, "file"), "");
    const store = await open(join(directory.path, "file"));
    await assert.rejects(store.create("a", Buffer.from("")), StoreUnreachableError);
  });
});

describe("A bucket as a store of backups", function () {
  this.timeout(60_000);
  const buckets = scratchBuckets();
  beforeEach(() => {
    buckets.proxy.clear();
  });

  describe("with a prefix", () => {
    behavesAsStore(async () => open(`s3://${await buckets.make()}/some/prefix/`));
  });
  describe("with versions", () => {
    behavesAsStore(async () => open(`s3://${await buckets.make(0)}`));
  });

  it("says until when an object is locked, and does not delete it", async () => {
    const store = await open(`s3://${await buckets.make(30)}`);
    await store.create("a", Buffer.from("x"));
    const until = await store.lockedUntil("a");
    assert.ok(until !== undefined && until.getTime() > Date.now() + 29 * 86_400_000);
    await assert.rejects(store.remove("a"), ObjectLockedError);
    assert.equal((await store.read("a"))?.toString(), "x");
  });

  it("encrypts with the key that BACKUP_KMS_KEY names", async () => {
    const place = `s3://${await buckets.make()}`;
    const environment = { ...process.env, BACKUP_KMS_KEY: "alias/backups" };
    const store = await openStore(place, testnet, environment);
    const seen: string[] = [];
    await store.create("a", Buffer.from("x"));
    seen.push(...buckets.proxy.requests);
    assert.equal(seen.length, 1);
    assert.equal(buckets.proxy.lastHeaders["x-amz-server-side-encryption"], "aws:kms");
    assert.match(
      String(buckets.proxy.lastHeaders["x-amz-server-side-encryption-aws-kms-key-id"]),
      /alias\/backups/,
    );
    assert.equal(buckets.proxy.lastHeaders["if-none-match"], "*");
    assert.match(String(buckets.proxy.lastHeaders["x-amz-checksum-sha256"]), /=$/);
  });

  it("is asked again where its answer does not arrive, or says to come later", async () => {
    const store = await open(`s3://${await buckets.make()}`);
    await store.create("a", Buffer.from("first"));
    for (const fault of [
      { kind: "error", status: 503, code: "SlowDown" },
      { kind: "error", status: 500, code: "InternalError" },
      { kind: "cut" },
      { kind: "lost answer" },
      { kind: "half an answer" },
      { kind: "slow", delayMs: 300 },
    ] as const) {
      buckets.proxy.clear();
      buckets.proxy.add({ request: /^GET/, fault, times: 1 });
      assert.equal((await store.read("a"))?.toString(), "first", fault.kind);
    }
  });

  it("takes what an attempt wrote whose answer was lost for its own, and nothing else", async () => {
    const store = await open(`s3://${await buckets.make()}`);
    for (const body of [Buffer.from("first"), large]) {
      const key = `a/${body.length}`;
      buckets.proxy.clear();
      buckets.proxy.add({
        request: /^(PUT|POST).*uploadId|^PUT/,
        fault: { kind: "lost answer" },
        times: 2,
      });
      await store.create(key, body);
      buckets.proxy.clear();
      buckets.proxy.add({ request: /^PUT/, fault: { kind: "cut" }, times: 1 });
      await assert.rejects(store.create(key, Buffer.from("second")), ObjectExistsError);
      assert.ok((await store.read(key))?.equals(body));
    }
  });

  it("that may not be read can't tell whose an object is after a lost answer", async () => {
    const store = await open(`s3://${await buckets.make()}`);
    buckets.proxy.add({ request: /^PUT/, fault: { kind: "lost answer" }, times: 1 });
    buckets.proxy.add({ request: /^GET/, fault: denied });
    await assert.rejects(
      store.create("a", Buffer.from("x")),
      (error: unknown) => error instanceof ObjectExistsError && error.maybeOwn,
    );
  });

  it("that refuses, is missing or does not answer is told apart", async () => {
    const bucket = await buckets.make();
    const store = await open(`s3://${bucket}`);
    buckets.proxy.add({ request: /\/refused/, fault: denied });
    await assert.rejects(store.create("refused", Buffer.from("")), StoreDeniedError);
    await assert.rejects(store.read("refused"), StoreDeniedError);
    const missing = await open("s3://no-such-bucket");
    await assert.rejects(missing.create("a", Buffer.from("")), StoreMissingError);
    await assert.rejects(missing.read("a"), StoreMissingError);
    await assert.rejects(Array.fromAsync(missing.list("")), StoreMissingError);
    buckets.proxy.add({ request: /./, fault: { kind: "cut" } });
    await assert.rejects(
      store.create("a", Buffer.from("")),
      (error: unknown) =>
        error instanceof StoreUnreachableError && error.message.includes(`s3://${bucket}`),
    );
  });
});

const denied = { kind: "error", status: 403, code: "AccessDenied" } as const;

describe("The store of a network", () => {
  const environment = { AWS_REGION: "eu-central-1", BACKUP_STORE: "from-environment" };
  const locationOf = async (...args: Parameters<typeof openStore>) => {
    const store = await openStore(...args);
    store.close();
    return store.location;
  };

  it("is what is named, else BACKUP_STORE, else the stack's bucket", async () => {
    const declared = { network: "testnet" as const, backups: { lockDays: 1 } };
    const named = { network: "testnet" as const, backups: { lockDays: 1, bucket: "own-bucket" } };
    assert.equal(await locationOf("/tmp/named", declared, environment), "/tmp/named");
    assert.ok((await locationOf(undefined, declared, environment)).endsWith("/from-environment"));
    const bare = { AWS_REGION: "eu-central-1" };
    assert.equal(await locationOf(undefined, declared, bare), "s3://aleo-contract-backups-testnet");
    assert.equal(await locationOf(undefined, named, bare), "s3://own-bucket");
  });

  it("has to be known, and a folder or a bucket", async () => {
    await assert.rejects(openStore(undefined, testnet, {}), BackupStoreError);
    for (const wrong of [
      "s3://",
      "s3://UPPER",
      "s3://b",
      "s3://bucket//x",
      "https://x/y",
      "gs://bucket",
    ]) {
      await assert.rejects(openStore(wrong, testnet, {}), BackupStoreError, wrong);
    }
  });
});
