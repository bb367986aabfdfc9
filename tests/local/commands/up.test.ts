import assert from "node:assert/strict";
import { changedCount, parseEvents } from "../../../local/commands/engine-events.ts";
import { formatCredits, programsTable } from "../../../local/commands/programs-table.ts";
import { formatDuration } from "../../../local/progress.ts";

const rows = [
  {
    program: "a.aleo",
    edition: 0,
    transaction: `at1${"q".repeat(58)}`,
    fee: "5",
    address: `aleo1${"p".repeat(58)}`,
  },
  {
    program: "longer_name.aleo",
    edition: 12,
    transaction: "at1short",
    fee: "1234567890123",
    address: "aleo1short",
  },
];

describe("the table of programs", () => {
  it("has one column under another, with whole ids where there is room", () => {
    const [header = "", first = "", second = ""] = programsTable(rows, Infinity).split("\n");
    assert.equal(first.indexOf(" 0 "), header.indexOf("Edition") - 1);
    assert.ok(first.includes(`at1${"q".repeat(58)}`));
    assert.equal(second.indexOf("1234567.890123"), header.indexOf("Cost"));
  });

  it("shortens ids in their middle where the terminal is narrow", () => {
    const table = programsTable(rows, 100);
    assert.ok(Math.max(...table.split("\n").map((line) => line.length)) <= 100);
    assert.match(table, /at1qqqqqqqqqq…qqqqqq/);
    assert.match(table, /at1short/);
  });
});

describe("microcredits shown as credits", () => {
  for (const [microcredits, shown] of [
    [0n, "0.000000"],
    [1n, "0.000001"],
    [999_999n, "0.999999"],
    [1_000_000n, "1.000000"],
    [18_446_744_073_709_551_615n, "18446744073709.551615"],
  ] as const) {
    it(`${microcredits} are ${shown}`, () => {
      assert.equal(formatCredits(microcredits), shown);
    });
  }
});

describe("the number of changed resources", () => {
  const changed = (eventLog: string) => changedCount(parseEvents(eventLog));
  const summary = (changes: object | null) =>
    JSON.stringify({ summaryEvent: { resourceChanges: changes } });

  it("is that of the update, not of the preview before it", () => {
    assert.equal(changed(`${summary({ create: 3 })}\n{}\n${summary({ same: 3 })}\n`), 0);
  });

  it("counts everything but what stayed the same", () => {
    assert.equal(changed(summary({ same: 3, create: 1, update: 2, delete: 1 })), 4);
  });

  it("is none without a summary", () => {
    assert.equal(changed(""), 0);
    assert.equal(changed(summary(null)), 0);
  });
});

describe("a duration", () => {
  for (const [ms, shown] of [
    [0, "0.0 s"],
    [4_250, "4.3 s"],
    [60_000, "1 min 0 s"],
    [200_400, "3 min 20 s"],
  ] as const) {
    it(`of ${ms} ms is ${shown}`, () => {
      assert.equal(formatDuration(ms), shown);
    });
  }
});
