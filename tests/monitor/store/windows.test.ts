import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import fc from "fast-check";
import type { ObservedTransaction } from "../../../monitor/chain/observe.ts";
import { schemaSteps } from "../../../monitor/store/schema.ts";
import { Store } from "../../../monitor/store/store.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";

const program = "notes.aleo";

interface Call {
  readonly payer: string;
  readonly isAccepted: boolean;
  readonly fee: number;
}

/** Blocks with the time since the one before, in ms, and the calls in each. */
const history = fc.array(
  fc.record({
    after: fc.integer({ min: 0, max: 5_000 }),
    calls: fc.array(
      fc.record({
        payer: fc.constantFrom("aleo1a", "aleo1b", "aleo1c"),
        isAccepted: fc.boolean(),
        fee: fc.integer({ min: 0, max: 1_000 }),
      }),
      { maxLength: 3 },
    ),
  }),
  { minLength: 1, maxLength: 30 },
);
type History = typeof history extends fc.Arbitrary<infer Value> ? Value : never;
const questions = fc.array(
  fc.record({ to: fc.integer({ min: 0, max: 100_000 }), back: fc.constantFrom(1_000, 20_000) }),
  { minLength: 1, maxLength: 20 },
);

function observed(id: string, position: number, { payer, isAccepted, fee }: Call) {
  const transaction: ObservedTransaction = {
    ...{ id, position, program, kind: "execute", function: "put", payer, fee: BigInt(fee) },
    ...{ status: isAccepted ? "accepted" : "rejected", creditsIn: 5n, creditsOut: 0n },
    ...{ movements: [], changes: [], edition: undefined },
  };
  return transaction;
}

describe("Counts within a stretch of time", () => {
  const scratch = temporaryDirectory("monitor-windows");
  let count = 0;
  const fresh = () => join(scratch.path, `${(count += 1)}.sqlite`);
  after(() => {
    scratch.remove();
  });

  /** What a look at each row finds, which is right and slow. */
  const compareWithRows = (store: Store, from: number, to: number) => {
    const rows = store.database.all(
      "SELECT status, fee, payer, credits_in FROM transactions WHERE time > :from AND time <= :to",
      { from, to },
    );
    const span = { from, to };
    const accepted = rows.filter(({ status }) => status === "accepted").length;
    assert.deepEqual(store.chain.calls(program, span), {
      accepted,
      rejected: rows.length - accepted,
    });
    assert.equal(store.chain.flows(program, span).creditsIn, 5 * rows.length);
    const fees = rows.reduce((sum, { fee }) => sum + Number(fee), 0);
    const mean = rows.length === 0 ? 0 : fees / rows.length;
    assert.deepEqual(store.chain.fees(program, span), { mean, calls: rows.length });
    const [busiest] = [...Map.groupBy(rows, ({ payer }) => String(payer))]
      .map(([payer, calls]) => ({ payer, calls: calls.length }))
      .toSorted((a, b) => b.calls - a.calls || (a.payer < b.payer ? -1 : 1));
    assert.deepEqual(store.chain.busiestPayer(program, span), busiest);
  };

  const fill = (store: Store, blocks: History) => {
    store.chain.begin({ height: 0, hash: "ab0", time: 0 });
    let time = 0;
    for (const [index, { after: pause, calls }] of blocks.entries()) {
      time += pause;
      const height = index + 1;
      const watched = calls.map((call, position) =>
        observed(`at${height}-${position}`, position, call),
      );
      store.database.atomically(() => {
        store.chain.add({
          ...{ height, hash: `ab${height}`, previousHash: `ab${index}`, time },
          ...{ transactions: calls.length, aborted: [], watched },
        });
      });
    }
  };

  it("are what its transactions say, whichever way the stretch moves", () => {
    fc.assert(
      fc.property(history, questions, (blocks, asked) => {
        const store = Store.open(fresh(), "local");
        fill(store, blocks);
        for (const { to, back } of asked) compareWithRows(store, to - back, to);
        store.close();
      }),
      { numRuns: 40 },
    );
  });

  it("stay right when what is old is forgotten, and when a block is undone", () => {
    const store = Store.open(fresh(), "local");
    const call = { payer: "aleo1a" as const, isAccepted: true, fee: 7 };
    fill(
      store,
      Array.from({ length: 30 }, () => ({ after: 1_000, calls: [call, call] })),
    );
    compareWithRows(store, 5_000, 30_000);
    store.chain.forgetBefore(12_000);
    compareWithRows(store, 12_000, 30_000);
    compareWithRows(store, 5_000, 30_000);
    compareWithRows(store, 20_000, 25_000);
    assert.throws(() => {
      store.database.atomically(() => {
        store.chain.add({
          ...{ height: 31, hash: "ab31", previousHash: "ab30", time: 31_000 },
          ...{ transactions: 1, aborted: [], watched: [observed("at31", 0, call)] },
        });
        store.chain.busiestPayer(program, { from: 12_000, to: 31_000 });
        throw new Error("undone");
      });
    }, /undone/);
    compareWithRows(store, 12_000, 31_000);
    store.close();
  });

  it("are there for what a database of the first version holds, and nothing of that is lost", () => {
    const path = fresh();
    const old = new DatabaseSync(path);
    old.exec(schemaSteps[0] ?? "");
    old.exec(`PRAGMA user_version = 1;
      INSERT INTO facts VALUES ('network', 'local');
      INSERT INTO cursor VALUES (1, 40, 'ab40', 40000);
      INSERT INTO payers VALUES ('${program}', 'aleo1a', 1000);
      INSERT INTO alerts (rule, subject, severity, status, since, height, summary, value)
        VALUES ('paused', '${program}', 'high', 'firing', 1, 2, 's', 'v');`);
    for (let height = 1; height <= 40; height += 1) {
      old.exec(`INSERT INTO blocks VALUES (${height}, 'ab${height}', ${height}000, 1, 0);
        INSERT INTO transactions VALUES ('at${height}', '${program}', NULL, ${height}, ${height}000,
          'execute', 'put', '${height % 4 === 0 ? "rejected" : "accepted"}', 'aleo1a', ${height}, 5, 0,
          1, NULL, NULL);`);
    }
    old.close();
    const store = Store.open(path, "local");
    for (const [from, to] of [
      [0, 40_000],
      [9_500, 21_000],
      [39_000, 50_000],
    ] as const) {
      compareWithRows(store, from, to);
    }
    assert.equal(store.chain.calls(program, { from: 0, to: 40_000 }).rejected, 10);
    assert.deepEqual(store.chain.cursor(), { height: 40, hash: "ab40", time: 40_000 });
    assert.equal(store.alerts.open().length, 1);
    assert.equal(store.chain.newPayers(program, { from: 0, to: 1_000 }), 1);
    store.close();
  });
});
