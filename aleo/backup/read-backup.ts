import type { Network } from "../network.ts";
import { checkBackupId } from "./backup-id.ts";
import {
  BackupDamagedError,
  BackupIncompleteError,
  BackupMissingError,
  ForeignBackupError,
} from "./errors.ts";
import { claimObject, folderOf, keyOf, manifestObject, type BackupName } from "./layout.ts";
import {
  readManifest,
  sha256Of,
  type Manifest,
  type MappingInfo,
  type ObjectInfo,
} from "./manifest.ts";
import { entriesOf, type Entry } from "./parts.ts";
import type { ObjectStore } from "./store.ts";

/**
 * The manifest of a backup of this network.
 * @throws BackupIdError, BackupMissingError, BackupIncompleteError, BackupDamagedError,
 *   BackupFormatError, ForeignBackupError
 */
export async function openBackup(
  store: ObjectStore,
  name: BackupName,
  network: Network,
): Promise<Manifest> {
  checkBackupId(name.id);
  const where = `The manifest of backup ${name.id} of ${name.program}`;
  const manifest = await wholeManifest(store, name, where);
  if (manifest.network !== network || manifest.program !== name.program) {
    throw new ForeignBackupError(
      `Backup ${name.id} in ${store.location} is of ${manifest.program} on ${manifest.network}, not of ${name.program} on ${network}.`,
      { remedy: "Name the network and the program that it is of, or another backup." },
    );
  }
  if (manifest.id !== name.id) {
    throw new BackupDamagedError(
      `${where} says that it is that of backup ${manifest.id}: somebody copied it.`,
      { remedy: `Use backup ${manifest.id} itself.` },
    );
  }
  return manifest;
}

/** One that arrives otherwise than it was written is read once more: it may have been spoilt on its way. */
async function wholeManifest(
  store: ObjectStore,
  name: BackupName,
  where: string,
): Promise<Manifest> {
  for (let attempt = 1; ; attempt += 1) {
    const file = await store.read(keyOf(name, manifestObject));
    if (file === undefined) throw await absent(store, name);
    try {
      return readManifest(file.toString("utf8"), where);
    } catch (error) {
      if (!(error instanceof BackupDamagedError) || attempt === 2) throw error;
    }
  }
}

async function absent(store: ObjectStore, name: BackupName): Promise<Error> {
  if ((await store.read(keyOf(name, claimObject))) !== undefined) {
    return new BackupIncompleteError(
      `Backup ${name.id} of ${name.program} in ${store.location} was begun and not finished: it has no manifest.`,
      {
        remedy:
          "It does not count, and is removed by `aleo-ops backups prune` a day later. Take another one: `aleo-ops backups list`.",
      },
    );
  }
  return new BackupMissingError(
    `There is no backup ${name.id} of ${name.program} in ${store.location}.`,
    { remedy: "See which there are: `aleo-ops backups list`." },
  );
}

/**
 * An object of a backup, whole and as it was written. One that arrives otherwise is read once more:
 * it may have been spoilt on its way.
 * @throws BackupDamagedError
 */
export async function readObject(
  store: ObjectStore,
  name: BackupName,
  { object, bytes, sha256 }: ObjectInfo,
): Promise<Buffer> {
  const key = keyOf(name, object);
  let problem = "";
  for (let attempt = 1; attempt <= 2; attempt += 1) {
    const body = await store.read(key);
    if (body === undefined) problem = "it is missing";
    else if (body.length !== bytes) problem = `it has ${body.length} bytes, not ${bytes}`;
    else if (sha256Of(body) !== sha256) problem = "its SHA-256 is not the manifest's";
    else return body;
  }
  throw new BackupDamagedError(`${store.location}/${key} is damaged: ${problem}.`, {
    remedy:
      "Take another backup: `aleo-ops backups list`. Where the store keeps older versions of its objects, the first version of this one is what was written.",
  });
}

/**
 * The entries of one mapping, part by part, each checked against the manifest.
 * @throws BackupDamagedError
 */
export async function* readEntries(
  store: ObjectStore,
  name: BackupName,
  { parts }: MappingInfo,
): AsyncGenerator<Entry[]> {
  for (const part of parts) {
    const body = await readObject(store, name, part);
    yield await entriesOf(body, part, `${store.location}/${folderOf(name)}${part.object}`);
  }
}
