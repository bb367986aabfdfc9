import assert from "node:assert/strict";
import { backupId } from "../../../aleo/backup/backup-id.ts";
import type { StoredBackup } from "../../../aleo/backup/catalog.ts";
import {
  BackupDamagedError,
  BackupFormatError,
  BackupIncompleteError,
  type BackupError,
} from "../../../aleo/backup/errors.ts";
import type { Manifest } from "../../../aleo/backup/manifest.ts";
import { planPrune } from "../../../aleo/backup/retention.ts";

const day = 86_400_000;
const now = new Date("2025-06-21T12:00:00Z");

function backup(
  ageDays: number,
  {
    check,
    problem,
    program = "a.aleo",
    reconstructedFrom,
  }: {
    check?: "good" | "damaged";
    problem?: BackupError;
    program?: string;
    reconstructedFrom?: string;
  } = {},
): StoredBackup {
  return {
    program,
    id: backupId(new Date(now.getTime() - ageDays * day)),
    objects: new Map(),
    // Retention asks whether there is one, and whether it is a reconstruction's.
    manifest:
      problem === undefined
        ? ({ verification: { kind: "operation-ids", reconstructedFrom } } as unknown as Manifest)
        : undefined,
    problem,
    check: check && { at: now, verdict: check },
    restoredAt: undefined,
  };
}

const removedOf = (backups: StoredBackup[], keep: number, olderThanDays: number) =>
  planPrune(backups, { keep, olderThanMs: olderThanDays * day }, now).flatMap(
    ({ backup: { id }, remove }) => (remove ? [id] : []),
  );
const idsOf = (...backups: (StoredBackup | undefined)[]) => backups.map((one) => one?.id);

describe("Retention", () => {
  it("removes what is old enough and not among the newest", () => {
    const backups = [100, 90.5, 80, 10, 1].map((age) => backup(age));
    assert.deepEqual(removedOf(backups, 2, 90), idsOf(backups[0], backups[1]));
    assert.deepEqual(removedOf(backups, 4, 90), idsOf(backups[0]));
    assert.deepEqual(removedOf(backups, 5, 0), []);
    assert.deepEqual(removedOf(backups, 1, 101), []);
  });

  it("never removes the newest good one, nor the newest that is verified", () => {
    const backups = [
      backup(400, { check: "good" }),
      backup(300, { check: "good" }),
      backup(200),
      backup(100, { check: "damaged" }),
    ];
    assert.deepEqual(removedOf(backups, 1, 0), idsOf(backups[0], backups[3]));
  });

  it("keeps the newest of each program", () => {
    assert.deepEqual(removedOf([backup(9), backup(8, { program: "b.aleo" })], 1, 0), []);
  });

  it("removes what was never finished a day later, and not before", () => {
    const problem = new BackupIncompleteError("", { remedy: "" });
    const backups = [backup(1.5, { problem }), backup(0.5, { problem }), backup(0.1)];
    assert.deepEqual(removedOf(backups, 1, 90), idsOf(backups[0]));
  });

  it("keeps what this version does not understand, and a damaged one that is the only one", () => {
    const newer = new BackupFormatError("", { remedy: "" });
    const damaged = new BackupDamagedError("", { remedy: "" });
    assert.deepEqual(removedOf([backup(900, { problem: newer }), backup(1)], 1, 0), []);
    assert.deepEqual(removedOf([backup(900, { problem: damaged })], 1, 0), []);
    assert.equal(removedOf([backup(900, { problem: damaged }), backup(1)], 1, 0).length, 1);
  });

  it("lets no reconstruction take the place of a backup", () => {
    const old = backup(50);
    const older = backup(60);
    const made = backup(1, { reconstructedFrom: "deployment", check: "good" });
    const earlier = backup(40, { reconstructedFrom: old.id });
    assert.deepEqual(removedOf([older, old, earlier, made], 1, 30), idsOf(older, earlier));
  });
});
