import assert from "node:assert/strict";
import fc from "fast-check";
import {
  backupId,
  BackupIdError,
  begunAt,
  checkBackupId,
  compareBackupIds,
  isBackupId,
} from "../../../aleo/backup/backup-id.ts";

describe("The id of a backup", () => {
  it("is the UTC minute in which it began, with a number from the second one on", () => {
    const begun = new Date("2025-06-21T12:00:59.999Z");
    assert.equal(backupId(begun), "20250621_1200");
    assert.equal(backupId(begun, 2), "20250621_1200_2");
    assert.equal(begunAt("20250621_1200_2").toISOString(), "2025-06-21T12:00:00.000Z");
  });

  it("sorts by time, and by number and not by letter within a minute", () => {
    const ids = ["20250621_1200_10", "20250621_1201", "20250621_1200", "20250621_1200_2"];
    assert.deepEqual(ids.toSorted(compareBackupIds), [
      "20250621_1200",
      "20250621_1200_2",
      "20250621_1200_10",
      "20250621_1201",
    ]);
  });

  it("can be read back for every minute and number", () => {
    const dates = fc.date({
      min: new Date("1970-01-01T00:00:00Z"),
      max: new Date("9999-12-31T23:59:00Z"),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(dates, fc.integer({ min: 1, max: 1_000 }), (date, attempt) => {
        const id = backupId(date, attempt);
        assert.ok(isBackupId(id));
        assert.equal(begunAt(id).getTime(), Math.floor(date.getTime() / 60_000) * 60_000);
      }),
    );
  });

  for (const wrong of [
    "",
    "latest",
    "20250621",
    "20251321_1200",
    "20250230_1200",
    "20250621_2400",
    "20250621_1200_1",
    "20250621_1200_02",
    "20250621_1200/",
    "../20250621_1200",
  ]) {
    it(`is not ${JSON.stringify(wrong)}`, () => {
      assert.throws(() => checkBackupId(wrong), BackupIdError);
    });
  }
});
