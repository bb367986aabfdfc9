import { AleoError } from "../errors.ts";

export class BackupIdError extends AleoError {}

const form = /^(\d{4})(\d{2})(\d{2})_(\d{2})(\d{2})(?:_([1-9]\d*))?$/;

/**
 * The id of a backup that begins at this moment: `20250621_1200` in UTC, and `20250621_1200_2` for
 * the second one of a program in that minute.
 */
export function backupId(begun: Date, attempt = 1): string {
  const [date = "", time = ""] = begun.toISOString().split("T");
  const minute = `${date.replaceAll("-", "")}_${time.slice(0, 5).replace(":", "")}`;
  return attempt === 1 ? minute : `${minute}_${attempt}`;
}

/** @throws BackupIdError for what can't be the id of a backup */
export function checkBackupId(text: string): string {
  if (isBackupId(text)) return text;
  throw new BackupIdError(`${JSON.stringify(text)} is no id of a backup.`, {
    remedy: "An id is a UTC date and time such as 20250621_1200: see `aleo-ops backups list`.",
  });
}

export function isBackupId(text: string): boolean {
  return placeOf(text) !== undefined;
}

/** Sorts ids by the time at which their backups began, the oldest first. */
export function compareBackupIds(a: string, b: string): number {
  const [first, second] = [placeOf(a), placeOf(b)];
  return (first?.minute ?? 0) - (second?.minute ?? 0) || (first?.turn ?? 0) - (second?.turn ?? 0);
}

/** The minute in which the backup began. */
export function begunAt(id: string): Date {
  return new Date(placeOf(checkBackupId(id))?.minute ?? 0);
}

function placeOf(id: string): { readonly minute: number; readonly turn: number } | undefined {
  const [, year, month, day, hour, minute, turn = "1"] = form.exec(id) ?? [];
  if (year === undefined) return undefined;
  const begun = new Date(`${year}-${month}-${day}T${hour}:${minute}:00Z`);
  const isReal = !Number.isNaN(begun.getTime()) && backupId(begun, Number(turn)) === id;
  return isReal ? { minute: begun.getTime(), turn: Number(turn) } : undefined;
}
