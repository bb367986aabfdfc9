import { checkBackupId } from "../../aleo/backup/backup-id.ts";
import { catalogOf, type StoredBackup } from "../../aleo/backup/catalog.ts";
import { BackupMissingError } from "../../aleo/backup/errors.ts";
import { checkObject, keyOf } from "../../aleo/backup/layout.ts";
import { isReconstruction } from "../../aleo/backup/manifest.ts";
import { StoreDeniedError, type ObjectStore } from "../../aleo/backup/store.ts";
import { verifyBackup, type BackupCheck } from "../../aleo/backup/verify-backup.ts";
import type { Network } from "../../aleo/network.ts";
import { exitCode, type ExitCode } from "../exit-code.ts";
import { formatBytes, plural } from "../text.ts";

export interface VerifyOptions {
  /** Every backup where it is undefined. */
  readonly id: string | undefined;
  readonly program: string | undefined;
  /** Only the newest whole one of each program. */
  readonly newest: boolean;
  readonly readData: boolean;
}

export interface CheckedBackup extends BackupCheck {
  /** Whether the store now says what was found; false where this account may not write there. */
  readonly noted: boolean;
}

/**
 * Compares backups with their manifests. What is found by reading all of a backup is noted beside
 * it, in an object of its own.
 * @throws BackupMissingError where there is none to compare
 */
export async function verifyBackups(
  store: ObjectStore,
  network: Network,
  { id, program, newest, readData }: VerifyOptions,
  show: (text: string) => void,
): Promise<CheckedBackup[]> {
  if (id !== undefined) checkBackupId(id);
  const found = (await catalogOf(store, network, program)).filter(
    (backup) => id === undefined || backup.id === id,
  );
  const chosen = newest ? newestOfEach(found) : found;
  if (chosen.length === 0) {
    const which = id === undefined ? "no backup" : `no backup ${id}`;
    const ofProgram = program === undefined ? "" : ` of ${program}`;
    throw new BackupMissingError(`There is ${which}${ofProgram} in ${store.location}.`, {
      remedy: "See which there are: `aleo-ops backups list`.",
    });
  }
  const checks: CheckedBackup[] = [];
  for (const backup of chosen) {
    const check = await verifyBackup(store, backup, {
      readData,
      progress: (bytes) => {
        show(`${backup.program} ${backup.id}: ${formatBytes(bytes)} read`);
      },
    });
    checks.push({ ...check, noted: check.readData && (await noted(store, backup, check)) });
  }
  return checks;
}

function newestOfEach(backups: readonly StoredBackup[]): StoredBackup[] {
  const whole = backups.filter(
    ({ manifest }) => manifest !== undefined && !isReconstruction(manifest),
  );
  return whole.filter(({ program }, index) => whole[index + 1]?.program !== program);
}

async function noted(
  store: ObjectStore,
  backup: StoredBackup,
  check: BackupCheck,
): Promise<boolean> {
  const verdict = check.state === "good" ? "good" : "damaged";
  const key = keyOf(backup, checkObject(new Date(), verdict));
  try {
    await store.create(key, Buffer.from(`${JSON.stringify(check, undefined, 2)}\n`));
    return true;
  } catch (error) {
    if (error instanceof StoreDeniedError) return false;
    throw error;
  }
}

/** A run that was killed leaves an incomplete backup: that is bad only where it was asked for. */
export function codeOf(checks: readonly BackupCheck[], id: string | undefined): ExitCode {
  const isBad = ({ state }: BackupCheck) =>
    state !== "good" && (id !== undefined || state === "damaged");
  return checks.some(isBad) ? exitCode.verificationFailed : exitCode.ok;
}

const marks = { good: "✔", damaged: "✖", incomplete: "!", unreadable: "!" } as const;

export function verifyText(checks: readonly CheckedBackup[], location: string): string {
  const lines = checks.flatMap(({ program, id, state, findings, readData, noted: isNoted }) => [
    `${marks[state]} ${program} ${id}: ${state}${readData ? ", all of it read" : ""}`,
    ...findings.map((finding) => `    ${finding}`),
    ...(readData && !isNoted
      ? [`    It could not be noted in the store: it refuses to be written.`]
      : []),
  ]);
  const damaged = checks.filter(({ state }) => state === "damaged").length;
  const summary =
    damaged === 0
      ? `${plural(checks.length, "backup")} in ${location} looked at, none damaged.`
      : `${damaged} of ${plural(checks.length, "backup")} in ${location} damaged. What to do: find out who may write there, and take a new backup now.`;
  return [...lines, summary].join("\n");
}
