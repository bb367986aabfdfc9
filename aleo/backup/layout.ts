import { isBackupId } from "./backup-id.ts";

/** Which backup: of which program, begun when. */
export interface BackupName {
  readonly program: string;
  readonly id: string;
}

/** Names within a backup, and one that is written before all others: it takes the id. */
export const claimObject = "claim.json";
export const programObject = "program.aleo";
/** Written last: what has none is no backup. */
export const manifestObject = "manifest.json";
const checksFolder = "checks/";

/** What a check of the whole backup found; `restored` is good, and was restored as a whole in a drill. */
export type Verdict = "good" | "damaged" | "restored";

/** Everything of a backup stands under this, which ends in a slash. */
export function folderOf({ program, id }: BackupName): string {
  return `${program}/${id}/`;
}

export function keyOf(name: BackupName, object: string): string {
  return `${folderOf(name)}${object}`;
}

export function partObject(mapping: string, index: number): string {
  return `${mapping}/${String(index).padStart(6, "0")}.ndjson.zst`;
}

/** The record of a check: `checks/20250621T120000.000Z.good.json`. */
export function checkObject(at: Date, verdict: Verdict): string {
  return `${checksFolder}${at.toISOString().replaceAll(/[-:]/g, "")}.${verdict}.json`;
}

/** When an object records a check, and what it found; undefined for another object. */
export function checkIn(object: string): { at: Date; verdict: Verdict } | undefined {
  const found =
    /^checks\/(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d\.\d{3}Z)\.(good|damaged|restored)\.json$/.exec(
      object,
    );
  if (found === null) return undefined;
  const [, year, month, day, hour, minute, seconds, verdict] = found;
  return {
    at: new Date(`${year}-${month}-${day}T${hour}:${minute}:${seconds}`),
    verdict: verdict as Verdict,
  };
}

/** Which backup an object belongs to, and its name there; undefined for what is not ours. */
export function placeIn(key: string): { name: BackupName; object: string } | undefined {
  const [program = "", id = "", ...rest] = key.split("/");
  if (!program.endsWith(".aleo") || !isBackupId(id) || rest.length === 0) return undefined;
  return { name: { program, id }, object: rest.join("/") };
}
