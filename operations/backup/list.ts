import { begunAt } from "../../aleo/backup/backup-id.ts";
import { catalogOf, type StoredBackup } from "../../aleo/backup/catalog.ts";
import { isReconstruction } from "../../aleo/backup/manifest.ts";
import type { ObjectStore } from "../../aleo/backup/store.ts";
import { stateOf, type BackupState } from "../../aleo/backup/verify-backup.ts";
import type { Network } from "../../aleo/network.ts";
import { formatAge, formatBytes, table } from "../text.ts";

export interface ListedBackup {
  readonly id: string;
  readonly program: string;
  readonly state: BackupState;
  /** Made afterwards from blocks, of a height that was the head long ago. */
  readonly reconstructed: boolean;
  /** When all of it was last read and compared; null for never. */
  readonly verifiedAt: string | null;
  /** When it was last restored as a whole in a drill; null for never. */
  readonly restoredAt: string | null;
  readonly begunAt: string;
  readonly ageMs: number;
  /** Null where the manifest can't tell. */
  readonly height: number | null;
  readonly edition: number | null;
  readonly entries: number | null;
  /** Of all its objects, as stored. */
  readonly bytes: number;
  /** Why it is not good. */
  readonly problem?: string;
}

/** Every backup in the store, of one program or of all, the oldest first. */
export async function listBackups(
  store: ObjectStore,
  network: Network,
  program: string | undefined,
): Promise<ListedBackup[]> {
  const now = Date.now();
  return (await catalogOf(store, network, program)).map((backup) => listed(backup, now));
}

function listed(backup: StoredBackup, now: number): ListedBackup {
  const { id, program, manifest, check, restoredAt, objects, problem } = backup;
  const state = stateOf(backup);
  const begun = manifest === undefined ? begunAt(id) : new Date(manifest.begunAt);
  const why =
    problem?.message ??
    (state === "damaged" ? "A check of all its data found damage: verify it again." : undefined);
  return {
    id,
    program,
    state,
    reconstructed: manifest !== undefined && isReconstruction(manifest),
    verifiedAt: check?.verdict === "good" ? check.at.toISOString() : null,
    restoredAt: restoredAt?.toISOString() ?? null,
    begunAt: begun.toISOString(),
    ageMs: Math.max(0, now - begun.getTime()),
    height: manifest?.height ?? null,
    edition: manifest?.edition ?? null,
    entries: manifest?.mappings.reduce((sum, { entries }) => sum + entries, 0) ?? null,
    bytes: [...objects.values()].reduce((sum, bytes) => sum + bytes, 0),
    ...(why === undefined ? {} : { problem: why }),
  };
}

export function listText(backups: readonly ListedBackup[], location: string): string {
  if (backups.length === 0) return `There are no backups in ${location}.`;
  const rows = backups.map((backup) => [
    backup.id,
    backup.program,
    backup.reconstructed ? "reconstruction" : "backup",
    String(backup.height ?? "–"),
    String(backup.entries ?? "–"),
    formatBytes(backup.bytes),
    formatAge(backup.ageMs),
    backup.state === "good" ? (backup.verifiedAt?.slice(0, 10) ?? "no") : backup.state,
    backup.restoredAt?.slice(0, 10) ?? "no",
  ]);
  const problems = backups.flatMap(({ id, program, problem }) =>
    problem === undefined ? [] : [`✖ ${program} ${id}: ${problem}`],
  );
  return [
    table(
      ["Id", "Program", "Kind", "Height", "Entries", "Size", "Age", "Verified", "Restored"],
      rows,
    ),
    ...problems,
  ].join("\n");
}
