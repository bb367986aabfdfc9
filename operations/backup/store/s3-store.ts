import { setTimeout as sleep } from "node:timers/promises";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  paginateListObjectsV2,
  S3Client,
  type ListObjectVersionsCommandOutput,
  type ServerSideEncryption,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import {
  ObjectExistsError,
  ObjectLockedError,
  type ObjectStore,
} from "../../../aleo/backup/store.ts";
import { asStoreError, attemptsOf, isTemporary, nameOf, statusOf } from "./s3-errors.ts";

export interface S3Location {
  readonly bucket: string;
  /** Without slashes at its ends; empty for the whole bucket. */
  readonly prefix: string;
}

export interface S3Options {
  /** ARN, id or alias of the KMS key to encrypt with, where it is not to be the bucket's own choice. */
  readonly kmsKey: string | undefined;
  /** Another endpoint than AWS's own. */
  readonly endpoint: string | undefined;
}

const attempts = 5;
/** Larger objects are sent in pieces of this size, three at once. */
const pieceBytes = 8 * 1024 * 1024;
const pieces = 3;
/** How long a connection may say nothing. */
const silenceMs = 20_000;

/** A bucket, or what stands under a prefix in it, as a store. Credentials and region come from the environment. */
export function s3Store(
  { bucket, prefix }: S3Location,
  { kmsKey, endpoint }: S3Options,
): ObjectStore {
  const client = new S3Client({
    maxAttempts: attempts,
    requestHandler: { connectionTimeout: 5_000, socketTimeout: silenceMs },
    // Whoever reads a backup compares it with its manifest, and can tell what is damaged.
    responseChecksumValidation: "WHEN_REQUIRED",
    // A bucket's name as part of the host name resolves on AWS only.
    forcePathStyle: endpoint !== undefined,
  });
  const location = `s3://${[bucket, prefix].filter((part) => part !== "").join("/")}`;
  const lead = prefix === "" ? "" : `${prefix}/`;
  const at = (key: string) => ({ Bucket: bucket, Key: `${lead}${key}` });
  const encryption: { ServerSideEncryption?: ServerSideEncryption; SSEKMSKeyId?: string } =
    kmsKey === undefined ? {} : { ServerSideEncryption: "aws:kms", SSEKMSKeyId: kmsKey };

  const attempt = async <Result>(what: string, work: () => Promise<Result>): Promise<Result> => {
    try {
      return await work();
    } catch (error) {
      throw asStoreError(error, location, what);
    }
  };

  /** The body may break off after the SDK has done its retries. */
  const read = async (key: string): Promise<Buffer | undefined> => {
    for (let turn = 1; ; turn += 1) {
      try {
        const { Body } = await client.send(new GetObjectCommand(at(key)));
        return Buffer.from((await Body?.transformToByteArray()) ?? []);
      } catch (error) {
        if (statusOf(error) === 404 && nameOf(error) !== "NoSuchBucket") return undefined;
        if (turn === attempts || !isTemporary(error)) throw error;
      }
      await sleep(100 * 2 ** turn);
    }
  };

  return {
    location,
    create: (key, body) =>
      attempt(`writing ${key}`, async () => {
        const upload = new Upload({
          client,
          params: {
            ...at(key),
            ...encryption,
            Body: body,
            IfNoneMatch: "*",
            ChecksumAlgorithm: "SHA256",
          },
          partSize: pieceBytes,
          queueSize: pieces,
        });
        try {
          await upload.done();
        } catch (error) {
          if (!isTaken(error)) throw error;
          if (attemptsOf(error) === 1) throw new ObjectExistsError(key, location);
          if (!(await isWritten(read, key, body, location)))
            throw new ObjectExistsError(key, location);
        }
      }),
    read: (key) => attempt(`reading ${key}`, () => read(key)),
    async *list(under) {
      const pages = paginateListObjectsV2(
        { client },
        { Bucket: bucket, Prefix: `${lead}${under}` },
      );
      try {
        for await (const { Contents = [] } of pages) {
          for (const { Key = "", Size = 0 } of Contents) {
            yield { key: Key.slice(lead.length), bytes: Size };
          }
        }
      } catch (error) {
        throw asStoreError(error, location, "listing");
      }
    },
    lockedUntil: (key) =>
      attempt(`looking at the lock of ${key}`, async () => {
        const head = await client.send(new HeadObjectCommand(at(key)));
        const until = head.ObjectLockRetainUntilDate;
        if (head.ObjectLockLegalHoldStatus === "ON") return new Date(8_640_000_000_000_000);
        return until !== undefined && until > new Date() ? until : undefined;
      }),
    remove: (key) =>
      attempt(`deleting ${key}`, async () => {
        for (const versionId of await versionsOf(client, at(key))) {
          try {
            await client.send(new DeleteObjectCommand({ ...at(key), VersionId: versionId }));
          } catch (cause) {
            if (nameOf(cause) !== "AccessDenied") throw cause;
            throw new ObjectLockedError(key, `${location} does not let ${key} be deleted.`, {
              remedy:
                "It is locked, or this account may not delete. Nothing can hurry the lock; the lifecycle of the bucket removes what is expired.",
              cause,
            });
          }
        }
      }),
    close: () => {
      client.destroy();
    },
  };
}

/** What a conditional write says of a key that is there; an upload in pieces may be gone by then. */
function isTaken(error: unknown): boolean {
  return statusOf(error) === 412 || (nameOf(error) === "NoSuchUpload" && attemptsOf(error) > 1);
}

/**
 * Whether an attempt whose answer was lost wrote the object.
 * @throws ObjectExistsError with `maybeOwn` where the account may not look
 */
async function isWritten(
  read: (key: string) => Promise<Buffer | undefined>,
  key: string,
  body: Uint8Array,
  location: string,
): Promise<boolean> {
  try {
    return (await read(key))?.equals(body) ?? false;
  } catch (error) {
    if (statusOf(error) === 403) throw new ObjectExistsError(key, location, { maybeOwn: true });
    throw error;
  }
}

async function versionsOf(
  client: S3Client,
  { Bucket, Key }: { readonly Bucket: string; readonly Key: string },
): Promise<string[]> {
  const found: string[] = [];
  let page: ListObjectVersionsCommandOutput | undefined;
  do {
    page = await client.send(
      new ListObjectVersionsCommand({
        Bucket,
        Prefix: Key,
        KeyMarker: page?.NextKeyMarker,
        VersionIdMarker: page?.NextVersionIdMarker,
      }),
    );
    const all = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])];
    for (const { Key: key, VersionId = "null" } of all) if (key === Key) found.push(VersionId);
  } while (page.IsTruncated === true);
  return found;
}
