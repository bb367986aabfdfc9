import assert from "node:assert/strict";
import { Store } from "../../../monitor/store/store.ts";
import { percentile } from "../../../operations/look/transactions.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const begun = 1_000 * dayMs;

describe("Looks at the endpoints", () => {
  let store: Store;
  beforeEach(() => {
    store = Store.open(":memory:", "local");
  });
  afterEach(() => {
    store.close();
  });
  const look = (time: number, answeredMs: number | undefined, endpoint = "http://a") => {
    store.looks.add({
      ...{ endpoint, time, answeredMs, height: 1, hash: "ab", problem: undefined },
    });
  };
  const near = (found: number, right: number) => {
    assert.ok(Math.abs(found / right - 1) < 0.016, `${found} is not near ${right}`);
  };

  it("can be told of long after they are forgotten, as they were told of before", () => {
    // A day: each minute one, which takes longer by the hour; every tenth without an answer.
    const times: number[] = [];
    for (let minute = 0; minute < 24 * 60; minute += 1) {
      const answered = 50 + 10 * Math.floor(minute / 60) + (minute % 7);
      if (minute % 10 !== 0) times.push(answered);
      look(begun + minute * 60_000, minute % 10 === 0 ? undefined : answered);
      if (minute % 2 === 0) look(begun + minute * 60_000 + 1, 7, "http://b");
    }
    const span = { from: begun - 1, to: begun + dayMs };
    const [before] = store.looks.times(span);
    assert.deepEqual([before?.looks, before?.failed], [1_440, 144]);
    near(before?.median ?? 0, percentile(times, 0.5));
    near(before?.slowest5Percent ?? 0, percentile(times, 0.95));
    // Within an hour, at its end, and once more: nothing is counted twice.
    for (const now of [
      begun + hourMs / 2,
      begun + 5 * hourMs,
      begun + 30 * hourMs,
      begun + dayMs,
    ]) {
      store.looks.sumUp(now);
      assert.deepEqual(store.looks.times(span)[0], before);
    }
    store.looks.forgetBefore(begun + 2 * dayMs);
    const [after, other] = store.looks.times(span);
    assert.deepEqual(after, before);
    assert.equal(other?.looks, 720);
    near(other.median, 7);
    assert.deepEqual(store.looks.times({ from: begun + dayMs, to: begun + 2 * dayMs }), []);
  });

  it("are kept by the hour in one small row, and not for ever", () => {
    for (let second = 0; second < 3_600; second += 1)
      look(begun + second * 1_000, 20 + second / 30);
    look(begun + hourMs, 30);
    store.looks.sumUp(begun + 2 * hourMs);
    const rows = store.database.all("SELECT length(times) AS length FROM look_hours ORDER BY hour");
    assert.equal(rows.length, 2);
    assert.ok(Number(rows[0]?.length) < 1_000, String(rows[0]?.length));
    assert.equal(store.looks.forgetHoursBefore(begun + hourMs), 1);
    assert.equal(store.looks.forgetHoursBefore(begun + 2 * hourMs), 1);
  });
});
