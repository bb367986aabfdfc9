import { resolve } from "node:path";
import { AleoError } from "../../../aleo/errors.ts";
import type { ObjectStore } from "../../../aleo/backup/store.ts";
import { given } from "../../../aleo/environment.ts";
import type { Environment, Settings } from "../../../settings.ts";
import { s3Endpoint, stackBucket } from "./stack-bucket.ts";

export class BackupStoreError extends AleoError {}

/**
 * The store that a command names, else BACKUP_STORE, else the bucket of the stack. The AWS SDK is
 * loaded for a bucket only. BACKUP_KMS_KEY names the key to encrypt with, where the bucket demands
 * that it is named.
 * @throws BackupStoreError for what is neither a folder nor a bucket
 */
export async function openStore(
  named: string | undefined,
  settings: Pick<Settings, "network" | "backups">,
  environment: Environment,
): Promise<ObjectStore> {
  const declared = stackBucket(settings);
  const place = named ?? given(environment, "BACKUP_STORE") ?? (declared && `s3://${declared}`);
  if (place === undefined) {
    throw new BackupStoreError(`It is not known where the backups of ${settings.network} are.`, {
      remedy: `Name a folder or s3://bucket/prefix with --store or in BACKUP_STORE, or declare aleo-ops:backups in Pulumi.${settings.network}.yaml.`,
    });
  }
  if (!/^[a-z0-9]+:\/\//i.test(place)) {
    const { folderStore } = await import("./folder-store.ts");
    return folderStore(resolve(place));
  }
  const [, bucket, path = ""] =
    /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/.exec(place) ?? [];
  const prefix = path.replace(/\/+$/, "");
  if (bucket === undefined || /^\/|\/\//.test(prefix)) {
    throw new BackupStoreError(`${JSON.stringify(place)} is no store of backups.`, {
      remedy: "Name a folder, or a bucket as s3://bucket or s3://bucket/prefix.",
    });
  }
  const { s3Store } = await import("./s3-store.ts");
  return s3Store(
    { bucket, prefix },
    {
      kmsKey: given(environment, "BACKUP_KMS_KEY"),
      endpoint: s3Endpoint(environment),
    },
  );
}
