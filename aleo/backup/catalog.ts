import PQueue from "p-queue";
import type { Network } from "../network.ts";
import { compareBackupIds } from "./backup-id.ts";
import { BackupError } from "./errors.ts";
import { checkIn, placeIn, type BackupName, type Verdict } from "./layout.ts";
import type { Manifest } from "./manifest.ts";
import { openBackup } from "./read-backup.ts";
import type { ObjectStore } from "./store.ts";

/** What a store holds of one backup. */
export interface StoredBackup extends BackupName {
  /** The size of each of its objects, by its name in the backup. */
  readonly objects: ReadonlyMap<string, number>;
  /** Undefined where it does not count, for the reason in `problem`. */
  readonly manifest: Manifest | undefined;
  readonly problem: BackupError | undefined;
  /** The last check of all its data. */
  readonly check: { readonly at: Date; readonly verdict: "good" | "damaged" } | undefined;
  /** When it was last restored as a whole in a drill. */
  readonly restoredAt: Date | undefined;
}

/** Manifests that are read at once. */
const width = 8;

/** Every backup in a store, of one program or of all, the oldest first. */
export async function catalogOf(
  store: ObjectStore,
  network: Network,
  program?: string,
): Promise<StoredBackup[]> {
  const found = new Map<string, { name: BackupName; objects: Map<string, number> }>();
  for await (const { key, bytes } of store.list(program === undefined ? "" : `${program}/`)) {
    const place = placeIn(key);
    if (place === undefined) continue;
    const folder = `${place.name.program}/${place.name.id}`;
    const backup = found.get(folder) ?? { name: place.name, objects: new Map<string, number>() };
    backup.objects.set(place.object, bytes);
    found.set(folder, backup);
  }
  const queue = new PQueue({ concurrency: width });
  const backups = await queue.addAll(
    [...found.values()].map(
      ({ name, objects }) =>
        async () =>
          stored(store, network, name, objects),
    ),
  );
  return backups.sort((a, b) => a.program.localeCompare(b.program) || compareBackupIds(a.id, b.id));
}

async function stored(
  store: ObjectStore,
  network: Network,
  name: BackupName,
  objects: ReadonlyMap<string, number>,
): Promise<StoredBackup> {
  const checks = [...objects.keys()]
    .flatMap((object) => checkIn(object) ?? [])
    .sort((a, b) => a.at.getTime() - b.at.getTime());
  const last = checks.at(-1);
  const check = last && { at: last.at, verdict: seenAsCheck(last.verdict) };
  const restoredAt = checks.findLast(({ verdict }) => verdict === "restored")?.at;
  try {
    const manifest = await openBackup(store, name, network);
    return { ...name, objects, manifest, problem: undefined, check, restoredAt };
  } catch (error) {
    if (!(error instanceof BackupError)) throw error;
    return { ...name, objects, manifest: undefined, problem: error, check, restoredAt };
  }
}

/** A drill reads every object of a backup too. */
function seenAsCheck(verdict: Verdict): "good" | "damaged" {
  return verdict === "damaged" ? "damaged" : "good";
}
