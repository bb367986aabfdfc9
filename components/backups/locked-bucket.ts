import { Alias, type AliasArgs } from "@pulumi/aws/kms/alias.js";
import { Key, type KeyArgs } from "@pulumi/aws/kms/key.js";
import { Bucket, type BucketArgs } from "@pulumi/aws/s3/bucket.js";
import {
  BucketLifecycleConfiguration,
  type BucketLifecycleConfigurationArgs,
} from "@pulumi/aws/s3/bucketLifecycleConfiguration.js";
import {
  BucketObjectLockConfiguration,
  type BucketObjectLockConfigurationArgs,
} from "@pulumi/aws/s3/bucketObjectLockConfiguration.js";
import {
  BucketOwnershipControls,
  type BucketOwnershipControlsArgs,
} from "@pulumi/aws/s3/bucketOwnershipControls.js";
import { BucketPolicy, type BucketPolicyArgs } from "@pulumi/aws/s3/bucketPolicy.js";
import {
  BucketPublicAccessBlock,
  type BucketPublicAccessBlockArgs,
} from "@pulumi/aws/s3/bucketPublicAccessBlock.js";
import {
  BucketServerSideEncryptionConfiguration,
  type BucketServerSideEncryptionConfigurationArgs,
} from "@pulumi/aws/s3/bucketServerSideEncryptionConfiguration.js";
import { BucketVersioning, type BucketVersioningArgs } from "@pulumi/aws/s3/bucketVersioning.js";
import * as pulumi from "@pulumi/pulumi";
import { type Transform, transformed } from "../common/transform.ts";
import { accessLogRules } from "./lifecycle.ts";
import { logBucketPolicy, type PolicyDocument } from "./policies.ts";

/** What can be changed of the parts that every bucket has, beyond the arguments of the component. */
export interface ClosedBucketTransforms {
  readonly bucket?: Transform<BucketArgs> | undefined;
  readonly versioning?: Transform<BucketVersioningArgs> | undefined;
  readonly encryption?: Transform<BucketServerSideEncryptionConfigurationArgs> | undefined;
  readonly lifecycle?: Transform<BucketLifecycleConfigurationArgs> | undefined;
  readonly ownership?: Transform<BucketOwnershipControlsArgs> | undefined;
  readonly publicAccess?: Transform<BucketPublicAccessBlockArgs> | undefined;
  readonly policy?: Transform<BucketPolicyArgs> | undefined;
}

/** The same for a bucket whose objects are locked and encrypted with a key of its own. */
export interface LockedBucketTransforms extends ClosedBucketTransforms {
  readonly key?: Transform<KeyArgs> | undefined;
  readonly alias?: Transform<AliasArgs> | undefined;
  readonly lock?: Transform<BucketObjectLockConfigurationArgs> | undefined;
}

export interface LockedBucketArgs {
  readonly bucketName: string;
  readonly description: string;
  /** The stack's own where it is left out. */
  readonly region?: string | undefined;
  readonly lock: { readonly mode: "governance" | "compliance"; readonly days: number };
  readonly rules: NonNullable<BucketLifecycleConfigurationArgs["rules"]>;
  readonly policy: (bucketArn: string, keyArn: string) => PolicyDocument;
  readonly tags: Readonly<Record<string, string>>;
  readonly transform: LockedBucketTransforms | undefined;
}

export interface LockedBucket {
  readonly bucket: Bucket;
  readonly key: Key;
  readonly versioning: BucketVersioning;
}

/**
 * A bucket in which each version of each object is locked, encrypted with a key of its own. All its
 * parts are protected, so that a destroy leaves it as safe as it was.
 */
export function lockedBucket(
  name: string,
  args: LockedBucketArgs,
  parent: pulumi.Resource,
): LockedBucket {
  const { lock, tags, transform } = args;
  const kept = { parent, protect: true };
  const region = args.region === undefined ? {} : { region: args.region };

  const key = new Key(
    `${name}-key`,
    transformed<KeyArgs>(
      {
        ...region,
        description: args.description,
        enableKeyRotation: true,
        deletionWindowInDays: 30,
        tags,
      },
      transform?.key,
    ),
    kept,
  );
  new Alias(
    `${name}-alias`,
    transformed<AliasArgs>(
      { ...region, name: `alias/${args.bucketName}`, targetKeyId: key.keyId },
      transform?.alias,
    ),
    kept,
  );
  const bucket = new Bucket(
    `${name}-bucket`,
    transformed<BucketArgs>(
      { ...region, bucket: args.bucketName, objectLockEnabled: true, tags },
      transform?.bucket,
    ),
    kept,
  );
  const of = { ...region, bucket: bucket.bucket };
  const versioning = versioned(name, of, transform, kept);
  new BucketObjectLockConfiguration(
    `${name}-lock`,
    transformed<BucketObjectLockConfigurationArgs>(
      { ...of, rule: { defaultRetention: { mode: lock.mode.toUpperCase(), days: lock.days } } },
      transform?.lock,
    ),
    { ...kept, dependsOn: versioning },
  );
  new BucketServerSideEncryptionConfiguration(
    `${name}-encryption`,
    transformed<BucketServerSideEncryptionConfigurationArgs>(
      {
        ...of,
        rules: [
          {
            applyServerSideEncryptionByDefault: {
              sseAlgorithm: "aws:kms",
              kmsMasterKeyId: key.arn,
            },
            bucketKeyEnabled: true,
          },
        ],
      },
      transform?.encryption,
    ),
    kept,
  );
  new BucketLifecycleConfiguration(
    `${name}-lifecycle`,
    transformed<BucketLifecycleConfigurationArgs>(
      { ...of, rules: args.rules },
      transform?.lifecycle,
    ),
    { ...kept, dependsOn: versioning },
  );
  const policy = pulumi
    .all([bucket.arn, key.arn])
    .apply(([bucketArn, keyArn]) => JSON.stringify(args.policy(bucketArn, keyArn)));
  closed(name, of, policy, transform, kept);
  return { bucket, key, versioning };
}

export interface LogBucketArgs {
  readonly bucketName: string;
  readonly logged: {
    readonly bucketArn: pulumi.Input<string>;
    readonly account: pulumi.Input<string>;
  };
  readonly prefix: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly transform: ClosedBucketTransforms | undefined;
}

/**
 * The bucket that gets another one's access logs. S3 delivers them only to one without a lock and with
 * S3's own encryption.
 */
export function logBucket(name: string, args: LogBucketArgs, parent: pulumi.Resource) {
  const kept = { parent, protect: true };
  const { bucketName, tags, transform } = args;
  const bucket = new Bucket(
    `${name}-bucket`,
    transformed<BucketArgs>({ bucket: bucketName, tags }, transform?.bucket),
    kept,
  );
  const of = { bucket: bucket.bucket };
  const versioning = versioned(name, of, transform, kept);
  new BucketServerSideEncryptionConfiguration(
    `${name}-encryption`,
    transformed<BucketServerSideEncryptionConfigurationArgs>(
      { ...of, rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }] },
      transform?.encryption,
    ),
    kept,
  );
  new BucketLifecycleConfiguration(
    `${name}-lifecycle`,
    transformed<BucketLifecycleConfigurationArgs>(
      { ...of, rules: accessLogRules },
      transform?.lifecycle,
    ),
    { ...kept, dependsOn: versioning },
  );
  const policy = pulumi
    .all([bucket.arn, pulumi.output(args.logged)])
    .apply(([bucketArn, logged]) =>
      JSON.stringify(logBucketPolicy(bucketArn, logged, args.prefix)),
    );
  return { bucket, policy: closed(name, of, policy, transform, kept) };
}

interface BucketReference {
  readonly bucket: pulumi.Input<string>;
  readonly region?: string;
}

function versioned(
  name: string,
  of: BucketReference,
  transform: ClosedBucketTransforms | undefined,
  options: pulumi.CustomResourceOptions,
): BucketVersioning {
  return new BucketVersioning(
    `${name}-versioning`,
    transformed<BucketVersioningArgs>(
      { ...of, versioningConfiguration: { status: "Enabled" } },
      transform?.versioning,
    ),
    options,
  );
}

/** Closes a bucket to the public and to access lists. Its policy comes last: S3 takes one change at a time. */
function closed(
  name: string,
  of: BucketReference,
  policy: pulumi.Input<string>,
  transform: ClosedBucketTransforms | undefined,
  options: pulumi.CustomResourceOptions,
): BucketPolicy {
  const ownership = new BucketOwnershipControls(
    `${name}-ownership`,
    transformed<BucketOwnershipControlsArgs>(
      { ...of, rule: { objectOwnership: "BucketOwnerEnforced" } },
      transform?.ownership,
    ),
    options,
  );
  const publicAccess = new BucketPublicAccessBlock(
    `${name}-public-access`,
    transformed<BucketPublicAccessBlockArgs>(
      {
        ...of,
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      },
      transform?.publicAccess,
    ),
    options,
  );
  return new BucketPolicy(
    `${name}-policy`,
    transformed<BucketPolicyArgs>({ ...of, policy }, transform?.policy),
    { ...options, dependsOn: [ownership, publicAccess] },
  );
}
