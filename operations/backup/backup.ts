import { AleoError } from "../../aleo/errors.ts";
import type { NodeClient } from "../../aleo/node/client.ts";
import type { ObjectStore } from "../../aleo/backup/store.ts";
import { writeBackup } from "../../aleo/backup/write-backup.ts";
import { entryCount, type SnapshotSource } from "../../aleo/snapshot/snapshot.ts";
import type { Settings } from "../../settings.ts";
import { snapshotToStore } from "./snapshot.ts";
import { exitCode, type ExitCode } from "../exit-code.ts";
import { formatBytes, plural } from "../text.ts";

type Source = SnapshotSource | "auto";

/** What came of the backup of one program. */
export type BackupReport =
  | {
      readonly program: string;
      readonly id: string;
      readonly height: number;
      readonly edition: number;
      readonly entries: number;
      /** As stored. */
      readonly bytes: number;
      readonly source: SnapshotSource;
      /** The backup from which only the blocks since were replayed; null where that was not so. */
      readonly since: string | null;
      readonly durationMs: number;
    }
  | { readonly program: string; readonly problem: string; readonly remedy: string };

/**
 * Stores a snapshot of one program, else of each that the stack declares. One that can't be backed
 * up does not keep the others from it.
 * @throws AleoError where the only one can't be backed up
 */
export async function backUp(
  settings: Pick<Settings, "network" | "programs">,
  node: NodeClient,
  store: ObjectStore,
  { program, source }: { readonly program: string | undefined; readonly source: Source },
  show: (text: string) => void,
): Promise<BackupReport[]> {
  const programs = program === undefined ? settings.programs.map((one) => one.program) : [program];
  const reports: BackupReport[] = [];
  for (const one of programs) {
    try {
      reports.push(await backUpProgram(node, store, one, source, show));
    } catch (error) {
      if (!(error instanceof AleoError) || programs.length === 1) throw error;
      reports.push({ program: one, problem: error.message, remedy: error.remedy });
    }
  }
  return reports;
}

async function backUpProgram(
  node: NodeClient,
  store: ObjectStore,
  program: string,
  wanted: Source,
  show: (text: string) => void,
): Promise<BackupReport> {
  const begun = new Date();
  show(`${program}: reading its state`);
  const { snapshot, since = null } = await snapshotToStore(node, store, program, wanted, show);
  const total = entryCount(snapshot);
  const { id, entries, bytes } = await writeBackup(store, snapshot, {
    begun,
    progress: (stored) => {
      show(`${program}: ${stored} of ${total} entries stored`);
    },
  });
  const { height, edition, source } = snapshot;
  const durationMs = Date.now() - begun.getTime();
  return { program, id, height, edition, entries, bytes, source, since, durationMs };
}

export function codeOf(reports: readonly BackupReport[]): ExitCode {
  const failed = reports.filter((report) => "problem" in report).length;
  if (failed === 0) return exitCode.ok;
  return failed === reports.length ? exitCode.failed : exitCode.partlyDone;
}

export function backupText(reports: readonly BackupReport[], location: string): string {
  return reports
    .map((report) =>
      "problem" in report
        ? `✖ ${report.program}: ${report.problem}\n    What to do: ${report.remedy}`
        : `✔ ${report.program}: backup ${report.id} in ${location}, ${plural(report.entries, "entry", "entries")} at height ${report.height} by ${report.source}${report.since === null ? "" : ` since ${report.since}`}, ${formatBytes(report.bytes)}, ${(report.durationMs / 1_000).toFixed(1)} s`,
    )
    .join("\n");
}
