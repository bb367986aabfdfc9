import { join } from "node:path";
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  PutObjectCommand,
  PutObjectLockConfigurationCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { type Aws, awsEnvironment, localRegion, startAws } from "../../local/aws/aws.ts";
import { freePort } from "../../local/ports.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { type FaultyBucket, startFaultyBucket } from "./faulty-bucket.ts";

export interface ScratchBuckets {
  /** Between this process's S3 clients and S3. */
  readonly proxy: FaultyBucket;
  /** What a process of its own needs to use S3 through the proxy. */
  readonly environment: NodeJS.ProcessEnv;
  /** Makes an empty bucket; with `lockDays`, one with versions that can't be deleted for so long. */
  make(lockDays?: number, name?: string): Promise<string>;
  get(bucket: string, key: string): Promise<Buffer>;
  /** Puts an object past the store, as somebody with other rights could. */
  put(bucket: string, key: string, body: Uint8Array): Promise<void>;
  remove(bucket: string, key: string): Promise<void>;
}

/** Buckets for the tests of one `describe`, on an S3 of their own: call it in its body. */
export function scratchBuckets(): ScratchBuckets {
  const directory = temporaryDirectory("buckets");
  const inherited = { ...process.env };
  let aws: Aws | undefined;
  let proxy: FaultyBucket | undefined;
  let client: S3Client | undefined;
  let count = 0;
  const started = <Thing>(thing: Thing | undefined): Thing => {
    if (thing === undefined) throw new Error("the buckets are there in tests only");
    return thing;
  };

  before(async function () {
    this.timeout(180_000);
    aws = await startAws({
      directory: join(directory.path, "aws"),
      logFile: join(directory.path, "aws.log"),
      port: await freePort(),
    });
    proxy = await startFaultyBucket(aws.url);
    setEnvironment(awsEnvironment(proxy.url));
    client = new S3Client({
      endpoint: aws.url,
      region: localRegion,
      forcePathStyle: true,
      credentials: { accessKeyId: "local", secretAccessKey: "opens-nothing" },
    });
  });
  after(async () => {
    client?.destroy();
    await proxy?.close();
    await aws?.stop();
    setEnvironment(
      Object.fromEntries(Object.keys(awsEnvironment("")).map((name) => [name, inherited[name]])),
    );
    directory.remove();
  });

  return {
    get proxy() {
      return started(proxy);
    },
    get environment() {
      return awsEnvironment(started(proxy).url);
    },
    make: async (lockDays, Bucket = `backups-${++count}`) => {
      await started(client).send(
        new CreateBucketCommand({
          Bucket,
          ObjectLockEnabledForBucket: lockDays !== undefined,
          CreateBucketConfiguration: { LocationConstraint: localRegion },
        }),
      );
      if (lockDays !== undefined && lockDays > 0) {
        const rule = { DefaultRetention: { Mode: "COMPLIANCE", Days: lockDays } } as const;
        await started(client).send(
          new PutObjectLockConfigurationCommand({
            Bucket,
            ObjectLockConfiguration: { ObjectLockEnabled: "Enabled", Rule: rule },
          }),
        );
      }
      return Bucket;
    },
    get: async (Bucket, Key) => {
      const { Body } = await started(client).send(new GetObjectCommand({ Bucket, Key }));
      return Buffer.from((await Body?.transformToByteArray()) ?? []);
    },
    put: async (Bucket, Key, Body) => {
      await started(client).send(new PutObjectCommand({ Bucket, Key, Body }));
    },
    remove: async (Bucket, Key) => {
      await started(client).send(new DeleteObjectCommand({ Bucket, Key }));
    },
  };
}

function setEnvironment(values: NodeJS.ProcessEnv): void {
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
  }
}
