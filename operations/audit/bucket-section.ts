import {
  GetBucketEncryptionCommand,
  GetBucketVersioningCommand,
  GetObjectLockConfigurationCommand,
  GetPublicAccessBlockCommand,
} from "@aws-sdk/client-s3";
import type { Environment, Settings } from "../../settings.ts";
import { stackBucket } from "../backup/store/stack-bucket.ts";
import { plural } from "../text.ts";
import { type Line, type Section, unseen } from "../report/report.ts";
import { s3Client } from "./s3-client.ts";

/** What a bucket says of itself, each part as S3 gives it, or why it can't be asked. */
export interface BucketFacts {
  readonly lock: Asked<{
    readonly enabled: boolean;
    readonly mode?: string;
    readonly days?: number;
  }>;
  readonly versioning: Asked<string>;
  readonly publicAccess: Asked<boolean>;
  readonly encryption: Asked<string>;
}

type Asked<Value> = { readonly value: Value } | { readonly problem: string };

/** Whether the bucket still is as the stack declares it: locked, with versions, encrypted, closed. */
export async function bucketSection(
  settings: Pick<Settings, "network" | "backups">,
  environment: Environment,
): Promise<Section> {
  const title = "The bucket of the backups";
  const bucket = stackBucket(settings);
  if (bucket === undefined) {
    const how = `Declare aleo-ops:backups in Pulumi.${settings.network}.yaml.`;
    return { title, lines: [unseen("bucket", "the stack declares none", how)] };
  }
  return { title, lines: bucketLines(settings, bucket, await bucketFacts(bucket, environment)) };
}

async function bucketFacts(Bucket: string, environment: Environment): Promise<BucketFacts> {
  const client = s3Client(environment);
  try {
    const [lock, versioning, publicAccess, encryption] = await Promise.all([
      asked(
        async () => {
          const { ObjectLockConfiguration: found } = await client.send(
            new GetObjectLockConfigurationCommand({ Bucket }),
          );
          const retention = found?.Rule?.DefaultRetention;
          return {
            enabled: found?.ObjectLockEnabled === "Enabled",
            ...(retention?.Mode === undefined ? {} : { mode: retention.Mode }),
            ...(retention?.Days === undefined ? {} : { days: retention.Days }),
          };
        },
        { enabled: false },
      ),
      asked(async () => {
        const { Status } = await client.send(new GetBucketVersioningCommand({ Bucket }));
        return Status ?? "never enabled";
      }),
      asked(async () => {
        const { PublicAccessBlockConfiguration: found } = await client.send(
          new GetPublicAccessBlockCommand({ Bucket }),
        );
        return (
          found?.BlockPublicAcls === true &&
          found.BlockPublicPolicy === true &&
          found.IgnorePublicAcls === true &&
          found.RestrictPublicBuckets === true
        );
      }, false),
      asked(async () => {
        const { ServerSideEncryptionConfiguration: found } = await client.send(
          new GetBucketEncryptionCommand({ Bucket }),
        );
        const [rule] = found?.Rules ?? [];
        return rule?.ApplyServerSideEncryptionByDefault?.SSEAlgorithm ?? "none";
      }, "none"),
    ]);
    return { lock, versioning, publicAccess, encryption };
  } finally {
    client.destroy();
  }
}

/** Errors that mean that there is no such configuration. */
const notThere =
  /^(ObjectLockConfigurationNotFoundError|NoSuchPublicAccessBlockConfiguration|ServerSideEncryptionConfigurationNotFoundError)$/;

async function asked<Value>(ask: () => Promise<Value>, without?: Value): Promise<Asked<Value>> {
  try {
    return { value: await ask() };
  } catch (error) {
    if (without !== undefined && error instanceof Error && notThere.test(error.name)) {
      return { value: without };
    }
    return { problem: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
  }
}

/** Pure: what the facts mean for a stack that declares such a bucket. */
export function bucketLines(
  { network, backups }: Pick<Settings, "network" | "backups">,
  bucket: string,
  facts: BucketFacts,
): Line[] {
  const days = backups?.lockDays ?? 0;
  const mode = network === "mainnet" ? "COMPLIANCE" : "GOVERNANCE";
  const restore = `Bring it back with \`make pulumi STACK=${network} ARGS="up --refresh"\`, and find out in CloudTrail who changed it.`;
  const line = <Value>(
    what: string,
    fact: Asked<Value>,
    judge: (value: Value) => { readonly isGood: boolean; readonly finding: string },
  ): Line => {
    if ("problem" in fact) {
      return unseen(
        `${bucket}: ${what}`,
        fact.problem,
        "Give AWS credentials that may read the bucket's configuration, AWS_REGION, and AWS_ENDPOINT_URL where it is not AWS's own.",
      );
    }
    const { isGood, finding } = judge(fact.value);
    return isGood
      ? { subject: `${bucket}: ${what}`, verdict: "good", finding }
      : { subject: `${bucket}: ${what}`, verdict: "bad", finding, remedy: restore };
  };
  return [
    line("lock", facts.lock, (lock) => {
      const held = lock.days ?? 0;
      const isGood =
        lock.enabled && held >= days && (lock.mode === mode || lock.mode === "COMPLIANCE");
      return {
        isGood,
        finding: !lock.enabled
          ? "objects are not locked: a backup can be deleted at once"
          : held === 0
            ? "new objects are not locked by default: a backup can be deleted at once"
            : isGood
              ? `new objects are locked for ${plural(held, "day")} (${lock.mode ?? ""})`
              : `new objects are locked for ${plural(held, "day")} (${lock.mode ?? ""}); the stack declares ${plural(days, "day")} (${mode})`,
      };
    }),
    line("versions", facts.versioning, (status) => ({
      isGood: status === "Enabled",
      finding:
        status === "Enabled" ? "older versions are kept" : `versioning is ${status.toLowerCase()}`,
    })),
    line("public access", facts.publicAccess, (isBlocked) => ({
      isGood: isBlocked,
      finding: isBlocked ? "is blocked" : "is not blocked",
    })),
    line("encryption", facts.encryption, (algorithm) => ({
      isGood: algorithm.startsWith("aws:kms"),
      finding: algorithm.startsWith("aws:kms")
        ? "by a key of its own"
        : `by ${algorithm}, and not by the key of the stack`,
    })),
  ];
}
