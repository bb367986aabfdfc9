import assert from "node:assert/strict";
import { marksOf } from "../../operations/look/unusual.ts";
import { median, percentile, type SeenTransaction } from "../../operations/look/transactions.ts";

const minute = 60_000;

function call(change: Partial<SeenTransaction> = {}): SeenTransaction {
  return {
    ...{ id: "at1x", height: 1, time: 0, program: "p.aleo", kind: "execute", status: "accepted" },
    ...{ function: "register_agent", payer: "aleo1a", fee: 3_000 },
    ...{ creditsIn: 1_000_000, creditsOut: 0, isFirstOfPayer: false },
    ...change,
  };
}

const options = { knowsPayers: true, burst: 3 };

describe("what is unusual about a transaction", () => {
  it("is nothing for calls that are alike", () => {
    const calls = Array.from({ length: 20 }, (_, hour) => call({ time: hour * 60 * minute }));
    assert.deepEqual(marksOf(calls, options).flat(), []);
  });

  it("is a caller who never called before, where that can be known", () => {
    const calls = [call({ isFirstOfPayer: true })];
    assert.deepEqual(marksOf(calls, options), [["new caller"]]);
    assert.deepEqual(marksOf(calls, { ...options, knowsPayers: false }), [[]]);
  });

  it("is one account's calls from the first on that is over the limit within an hour", () => {
    const calls = [0, 1, 2, 3, 4].map((at) => call({ time: at * minute }));
    assert.deepEqual(
      marksOf(calls, options).map((marks) => marks.includes("burst")),
      [false, false, false, true, true],
    );
    const slow = [0, 1, 2, 3, 4].map((at) => call({ time: at * 21 * minute }));
    assert.deepEqual(marksOf(slow, options).flat(), []);
    const several = [0, 1, 2, 3, 4].map((at) => call({ time: at, payer: `aleo1${at}` }));
    assert.deepEqual(marksOf(several, options).flat(), []);
  });

  it("is an amount or a fee far over the median of its function, once that is known", () => {
    const usual = Array.from({ length: 12 }, (_, hour) => call({ time: hour * 60 * minute }));
    const large = call({ time: 800 * minute, creditsIn: 5_000_001 });
    const dear = call({ time: 900 * minute, fee: 9_001 });
    const marks = marksOf([...usual, large, dear], options);
    assert.deepEqual(marks.slice(-2), [["large amount"], ["high fee"]]);
    assert.deepEqual(marksOf([...usual.slice(4), large], options).flat(), []);
    const other = call({ time: 800 * minute, function: "fund", creditsIn: 50_000_000 });
    assert.deepEqual(marksOf([...usual, other], options).flat(), []);
  });

  it("is what only an admin may call", () => {
    assert.deepEqual(marksOf([call({ function: "collect_fees" })], options), [["admin"]]);
  });

  it("counts as people do", () => {
    assert.equal(median([]), 0);
    assert.equal(median([3, 1, 2]), 2);
    assert.equal(percentile([4, 1, 3, 2], 0.95), 4);
    assert.equal(
      percentile(
        Array.from({ length: 100 }, (_, at) => at + 1),
        0.95,
      ),
      95,
    );
  });
});
