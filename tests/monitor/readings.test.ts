import assert from "node:assert/strict";
import { ReadingError } from "../../monitor/errors.ts";
import { readingOf } from "../../monitor/watch/readings.ts";

describe("A reading in the monitor's database", () => {
  it("is read as it was written", () => {
    const times = { newest: "2026-11-25T10:00:00.000Z", latest: [] };
    assert.deepEqual(readingOf("backups", JSON.stringify({ "a.aleo": times })), {
      "a.aleo": times,
    });
    assert.deepEqual(readingOf("program", '{"edition":2,"owner":"aleo1admin"}'), {
      edition: 2,
      owner: "aleo1admin",
    });
    assert.equal(readingOf("solvency", undefined), undefined);
  });

  it("that another version wrote is named, and not taken for something else", () => {
    for (const [kind, text] of [
      ["program", "{}"],
      ["program", '{"edition":"2"}'],
      ["solvency", '{"held":"1"}'],
      ["solvency", '{"held":"1","owed":"1.5"}'],
      ["backups", '{"a.aleo":{"newest":5}}'],
      ["backups", "{"],
    ] as const) {
      assert.throws(() => readingOf(kind, text), ReadingError, text);
    }
  });
});
