import assert from "node:assert/strict";
import { closeSync, copyFileSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { ObservedBlock, ObservedTransaction } from "../../../monitor/chain/observe.ts";
import { DatabaseError } from "../../../monitor/errors.ts";
import { Store } from "../../../monitor/store/store.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";

const transaction = (id: string): ObservedTransaction => ({
  ...{ id, position: 0, program: "notes.aleo", kind: "execute", function: "put" },
  ...{ status: "accepted", payer: "aleo1a", fee: 3_000n, creditsIn: 0n, creditsOut: 0n },
  ...{ movements: [], changes: [], edition: undefined },
});

const block = (height: number, ...watched: ObservedTransaction[]): ObservedBlock => ({
  height,
  hash: `ab${height}`,
  previousHash: `ab${height - 1}`,
  time: height * 3_000,
  transactions: watched.length,
  aborted: [],
  watched,
});

describe("The monitor's database", () => {
  const scratch = temporaryDirectory("monitor-store");
  let count = 0;
  let path = "";
  beforeEach(() => {
    path = join(scratch.path, `${(count += 1)}.sqlite`);
  });
  after(() => {
    scratch.remove();
  });

  const refuses = (work: () => unknown, message: RegExp, remedy: RegExp) => {
    assert.throws(work, (error: unknown) => {
      assert.ok(error instanceof DatabaseError, String(error));
      assert.match(error.message, message);
      assert.match(error.remedy, remedy);
      return true;
    });
  };
  const filled = (blocks = 3) => {
    const store = Store.open(path, "local");
    store.chain.begin({ height: 0, hash: "ab0", time: 0 });
    store.database.atomically(() => {
      for (let height = 1; height <= blocks; height += 1) {
        store.chain.add(block(height, transaction(`at${height}`)));
      }
    });
    return store;
  };
  /** Overwrites a part of every page from one on. */
  const spoil = (from: number) => {
    const size = readFileSync(path).length;
    const file = openSync(path, "r+");
    for (let at = from; at < size; at += 4_096) writeSync(file, Buffer.alloc(600, 7), 0, 600, at);
    closeSync(file);
  };

  it("keeps what was written", () => {
    filled().close();
    const store = Store.open(path, "local");
    assert.deepEqual(store.chain.cursor(), { height: 3, hash: "ab3", time: 9_000 });
    assert.equal(store.chain.hashAt(2), "ab2");
    assert.deepEqual(store.chain.calls("notes.aleo", { from: 3_000, to: 9_000 }), {
      accepted: 2,
      rejected: 0,
    });
    store.close();
  });

  it("tells who got how many credits out of a program within a time, the most first", () => {
    const store = filled(0);
    const pays = (height: number, ...movements: ObservedTransaction["movements"]) =>
      block(height, { ...transaction(`at${height}`), movements });
    const out = (other: string | undefined, microcredits: bigint) =>
      ({ direction: "out", other, microcredits }) as const;
    store.database.atomically(() => {
      store.chain.add(pays(1, out("aleo1a", 900n)));
      store.chain.add(pays(2, out("aleo1a", 1n), { ...out("aleo1b", 500n), direction: "in" }));
      store.chain.add(pays(3, out("aleo1b", 5n), out(undefined, 3n), out("aleo1a", 1n)));
    });
    const found = (from: number, to: number, limit = 9) =>
      store.chain.details
        .recipients({ from, to }, limit)
        .map(({ account, times, microcredits }) => [account, times, microcredits]);
    assert.deepEqual(found(3_000, 9_000), [
      ["aleo1b", 1, 5],
      [undefined, 1, 3],
      ["aleo1a", 2, 2],
    ]);
    assert.deepEqual(found(0, 6_000, 1), [["aleo1a", 2, 901]]);
    assert.deepEqual(found(9_000, 20_000), []);
    store.close();
  });

  it("takes a block once, and only the next one", () => {
    const store = filled();
    const add = (height: number, id: string) => () => {
      store.database.atomically(() => {
        store.chain.add(block(height, transaction(id)));
      });
    };
    refuses(add(3, "at9"), /Another monitor has written block 3/, /one of them/);
    refuses(add(5, "at9"), /Another monitor has written block 5/, /one of them/);
    assert.throws(add(4, "at3"), DatabaseError, "a transaction that was there already");
    assert.equal(store.chain.cursor()?.height, 3, "nothing of the refused blocks is kept");
    assert.equal(store.chain.hashAt(4), undefined);
    store.close();
  });

  it("says that its disk is full, keeps nothing by halves, and goes on when there is room", () => {
    const store = filled();
    const pages = Number(store.database.get("PRAGMA page_count")?.page_count);
    store.database.get(`PRAGMA max_page_count = ${pages}`);
    const many = Array.from({ length: 500 }, (_, index) => transaction(`at-${index}`));
    const add = () => {
      store.database.atomically(() => {
        store.chain.add(block(4, ...many));
      });
    };
    refuses(add, /The disk of .*sqlite is full: nothing was written/, /Make room/);
    assert.equal(store.chain.cursor()?.height, 3);
    store.database.get("PRAGMA max_page_count = 100000");
    add();
    assert.equal(store.chain.cursor()?.height, 4);
    store.close();
  });

  it("says that it is read-only", () => {
    const store = filled();
    store.database.run("PRAGMA query_only = 1");
    refuses(
      () => {
        store.probes.setFact("a", "b");
      },
      /can't be written: it is read-only/,
      /right to write/,
    );
    store.close();
  });

  it("says that it is corrupt, before anything is read from it", () => {
    filled(2_000).close();
    spoil(8_192);
    refuses(() => Store.open(path, "local"), /is no whole SQLite database/, /Move the file away/);
  });

  it("says that it is corrupt where that is read, when it is opened to look", () => {
    filled(2_000).close();
    spoil(80 * 4_096);
    const store = Store.openToLook(path, "local");
    const read = () => store.chain.totals({ from: 0, to: Date.now() });
    refuses(read, /is no whole SQLite database/, /Move the file away/);
    store.close();
  });

  it("says that it is no database", () => {
    writeFileSync(path, "never was one ".repeat(1_000));
    refuses(() => Store.open(path, "local"), /is no whole SQLite database/, /Move the file away/);
  });

  it("says that it is of a newer version, and leaves it alone", () => {
    filled().close();
    const newer = new DatabaseSync(path);
    newer.exec("PRAGMA user_version = 99; PRAGMA wal_checkpoint(TRUNCATE);");
    newer.close();
    copyFileSync(path, `${path}.copy`);
    refuses(() => Store.open(path, "local"), /newer aleo-ops: it has version 99/, /newer aleo-ops/);
    assert.deepEqual(readFileSync(path), readFileSync(`${path}.copy`));
  });

  it("says that it is another network's, or that its place can't be used", () => {
    filled().close();
    refuses(() => Store.open(path, "mainnet"), /of local, not of mainnet/, /--network local/);
    refuses(() => Store.open(`${path}/m.sqlite`, "local"), /can't be used/, /MONITOR_DATABASE/);
  });

  it("waits for another process that writes, and says so when that takes too long", function () {
    this.timeout(20_000);
    const store = filled();
    const other = new DatabaseSync(path);
    other.exec("BEGIN IMMEDIATE");
    refuses(
      () => {
        store.probes.setFact("a", "b");
      },
      /Another process holds/,
      /One monitor/,
    );
    other.exec("COMMIT");
    other.close();
    store.probes.setFact("a", "b");
    store.close();
  });

  it("forgets what is old, and nothing else", () => {
    const store = filled(10);
    store.chain.forgetBefore(15_000);
    assert.equal(store.chain.hashAt(4), undefined);
    assert.equal(store.chain.hashAt(5), "ab5");
    assert.equal(store.chain.calls("notes.aleo", { from: 0, to: 30_000 }).accepted, 6);
    assert.equal(store.chain.cursor()?.height, 10);
    store.close();
  });
});
