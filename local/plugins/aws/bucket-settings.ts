import type {
  BucketLoggingStatus,
  LifecycleRule,
  ObjectLockRule,
  OwnershipControls,
  ReplicationRule,
  S3,
  ServerSideEncryptionRule,
  VersioningConfiguration,
} from "@aws-sdk/client-s3";
import type { Properties } from "../server/resource-type.ts";
import { sameJson } from "../server/values.ts";
import { bucketSetting } from "./bucket-setting.ts";
import { unlessMissing } from "./client.ts";
import { fromApi, toApi } from "./names.ts";

const objectLockMissing = "ObjectLockConfigurationNotFoundError";

async function hasObjectLock(s3: S3, Bucket: string): Promise<boolean> {
  const lock = await unlessMissing(s3.getObjectLockConfiguration({ Bucket }), objectLockMissing);
  return lock !== undefined;
}

const versioning = bucketSetting({
  token: "aws:s3/bucketVersioning:BucketVersioning",
  put: (s3, { bucket, versioningConfiguration }) =>
    s3.putBucketVersioning({
      Bucket: bucket,
      VersioningConfiguration: toApi(versioningConfiguration) as VersioningConfiguration,
    }),
  get: async (s3, Bucket) => {
    const { Status } = await s3.getBucketVersioning({ Bucket });
    return Status === undefined ? undefined : { versioningConfiguration: { status: Status } };
  },
  // S3 never suspends the versioning of a bucket with object lock.
  remove: async (s3, Bucket) => {
    if (await hasObjectLock(s3, Bucket)) return;
    await s3.putBucketVersioning({ Bucket, VersioningConfiguration: { Status: "Suspended" } });
  },
});

const objectLock = bucketSetting({
  token: "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
  put: (s3, { bucket, rule }) =>
    s3.putObjectLockConfiguration({
      Bucket: bucket,
      ObjectLockConfiguration: {
        ObjectLockEnabled: "Enabled",
        Rule: toApi(rule) as ObjectLockRule,
      },
    }),
  get: async (s3, Bucket) => {
    const found = await unlessMissing(s3.getObjectLockConfiguration({ Bucket }), objectLockMissing);
    const rule = found?.ObjectLockConfiguration?.Rule;
    return rule?.DefaultRetention === undefined
      ? undefined
      : { rule: { defaultRetention: someOf(fromApi(rule.DefaultRetention) as Properties) } };
  },
  remove: (s3, Bucket) =>
    s3.putObjectLockConfiguration({
      Bucket,
      ObjectLockConfiguration: { ObjectLockEnabled: "Enabled" },
    }),
});

const encryption = bucketSetting({
  token: "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
  put: (s3, { bucket, rules }) =>
    s3.putBucketEncryption({
      Bucket: bucket,
      ServerSideEncryptionConfiguration: { Rules: toApi(rules) as ServerSideEncryptionRule[] },
    }),
  get: async (s3, Bucket) => {
    const found = await unlessMissing(
      s3.getBucketEncryption({ Bucket }),
      "ServerSideEncryptionConfigurationNotFoundError",
    );
    const rules = found?.ServerSideEncryptionConfiguration?.Rules;
    return rules === undefined ? undefined : { rules: fromApi(rules) };
  },
  // S3 then encrypts with a key of its own.
  remove: (s3, Bucket) => s3.deleteBucketEncryption({ Bucket }),
  same: (path, left, right) => path.at(-1) === "bucketKeyEnabled" && !left === !right,
});

const publicAccess = bucketSetting({
  token: "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
  put: (s3, inputs) =>
    s3.putPublicAccessBlock({
      Bucket: inputs.bucket,
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: inputs.blockPublicAcls === true,
        BlockPublicPolicy: inputs.blockPublicPolicy === true,
        IgnorePublicAcls: inputs.ignorePublicAcls === true,
        RestrictPublicBuckets: inputs.restrictPublicBuckets === true,
      },
    }),
  get: async (s3, Bucket) => {
    const found = await unlessMissing(
      s3.getPublicAccessBlock({ Bucket }),
      "NoSuchPublicAccessBlockConfiguration",
    );
    const blocks = found?.PublicAccessBlockConfiguration;
    return blocks === undefined ? undefined : (fromApi(blocks) as Properties);
  },
  remove: (s3, Bucket) => s3.deletePublicAccessBlock({ Bucket }),
});

const ownership = bucketSetting({
  token: "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
  put: (s3, { bucket, rule }) =>
    s3.putBucketOwnershipControls({
      Bucket: bucket,
      OwnershipControls: { Rules: [toApi(rule)] } as OwnershipControls,
    }),
  get: async (s3, Bucket) => {
    const found = await unlessMissing(
      s3.getBucketOwnershipControls({ Bucket }),
      "OwnershipControlsNotFoundError",
    );
    const rule = found?.OwnershipControls?.Rules?.[0];
    return rule === undefined ? undefined : { rule: fromApi(rule) };
  },
  remove: (s3, Bucket) => s3.deleteBucketOwnershipControls({ Bucket }),
});

const lifecycle = bucketSetting({
  token: "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
  put: (s3, { bucket, rules }) =>
    s3.putBucketLifecycleConfiguration({
      Bucket: bucket,
      LifecycleConfiguration: { Rules: toApi(rules) as LifecycleRule[] },
    }),
  get: async (s3, Bucket) => {
    const found = await unlessMissing(
      s3.getBucketLifecycleConfiguration({ Bucket }),
      "NoSuchLifecycleConfiguration",
    );
    return found?.Rules === undefined ? undefined : { rules: fromApi(found.Rules) };
  },
  remove: (s3, Bucket) => s3.deleteBucketLifecycle({ Bucket }),
});

const logging = bucketSetting({
  token: "aws:s3/bucketLogging:BucketLogging",
  put: (s3, { bucket, targetBucket, targetPrefix }) =>
    s3.putBucketLogging({
      Bucket: bucket,
      BucketLoggingStatus: {
        LoggingEnabled: { TargetBucket: targetBucket, TargetPrefix: targetPrefix },
      } as BucketLoggingStatus,
    }),
  get: async (s3, Bucket) => {
    const { LoggingEnabled } = await s3.getBucketLogging({ Bucket });
    return LoggingEnabled === undefined
      ? undefined
      : {
          targetBucket: LoggingEnabled.TargetBucket,
          targetPrefix: LoggingEnabled.TargetPrefix ?? "",
        };
  },
  remove: (s3, Bucket) => s3.putBucketLogging({ Bucket, BucketLoggingStatus: {} }),
});

const policy = bucketSetting({
  token: "aws:s3/bucketPolicy:BucketPolicy",
  put: (s3, { bucket, policy: document }) =>
    s3.putBucketPolicy({ Bucket: bucket, Policy: String(document) }),
  get: async (s3, Bucket) => {
    const found = await unlessMissing(s3.getBucketPolicy({ Bucket }), "NoSuchBucketPolicy");
    return found?.Policy === undefined ? undefined : { policy: found.Policy };
  },
  remove: (s3, Bucket) => s3.deleteBucketPolicy({ Bucket }),
  same: (path, left, right) => path[0] === "policy" && sameJson(left, right),
});

const replication = bucketSetting({
  token: "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
  put: (s3, { bucket, role, rules }) =>
    s3.putBucketReplication({
      Bucket: bucket,
      ReplicationConfiguration: { Role: String(role), Rules: toApi(rules) as ReplicationRule[] },
    }),
  get: async (s3, Bucket) => {
    const found = await unlessMissing(
      s3.getBucketReplication({ Bucket }),
      "ReplicationConfigurationNotFoundError",
    );
    const configuration = found?.ReplicationConfiguration;
    return configuration === undefined
      ? undefined
      : { role: configuration.Role, rules: fromApi(configuration.Rules) };
  },
  remove: (s3, Bucket) => s3.deleteBucketReplication({ Bucket }),
});

export const bucketSettings = [
  versioning,
  objectLock,
  encryption,
  publicAccess,
  ownership,
  lifecycle,
  logging,
  policy,
  replication,
];

/** S3 answers 0 for the one of days and years that is not set. */
function someOf(retention: Properties): Properties {
  return Object.fromEntries(Object.entries(retention).filter(([, value]) => value !== 0));
}
