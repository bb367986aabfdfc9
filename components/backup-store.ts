import { Role, type RoleArgs } from "@pulumi/aws/iam/role.js";
import { RolePolicy, type RolePolicyArgs } from "@pulumi/aws/iam/rolePolicy.js";
import { BucketLogging, type BucketLoggingArgs } from "@pulumi/aws/s3/bucketLogging.js";
import {
  BucketReplicationConfig,
  type BucketReplicationConfigArgs,
} from "@pulumi/aws/s3/bucketReplicationConfig.js";
import * as pulumi from "@pulumi/pulumi";
import type { Network } from "../aleo/network.ts";
import { bucketSuffixes, requireBucketName } from "./backups/bucket-name.ts";
import { backupRules, requireLifecycle } from "./backups/lifecycle.ts";
import {
  type ClosedBucketTransforms,
  lockedBucket,
  type LockedBucket,
  type LockedBucketTransforms,
  logBucket,
} from "./backups/locked-bucket.ts";
import {
  appenderPolicy,
  backupBucketPolicy,
  type BackupPlace,
  type PolicyDocument,
  readerPolicy,
  verifierPolicy,
  replicaBucketPolicy,
  replicationPolicy,
  s3MayAssume,
  serviceAccountsMayAssume,
  writerPolicy,
} from "./backups/policies.ts";
import { refusal } from "./common/refusal.ts";
import { type Transform, transformed } from "./common/transform.ts";

/** Which service accounts of a Kubernetes cluster may use the store, each `namespace/name`. */
interface StoreServiceAccounts {
  /** The cluster's OIDC provider in IAM: `arn:aws:iam::123456789012:oidc-provider/…`. */
  readonly oidcProviderArn: string;
  /** May put new backups, and nothing else. */
  readonly writers: readonly string[];
  /** May list and read backups, and put new ones. */
  readonly appenders: readonly string[];
  /** May list and read backups, and nothing else. */
  readonly readers: readonly string[];
  /** May list and read backups, and add the record of a check. */
  readonly verifiers: readonly string[];
}

interface RoleTransforms {
  readonly role?: Transform<RoleArgs> | undefined;
  readonly policy?: Transform<RolePolicyArgs> | undefined;
}

export interface BackupStoreArgs {
  readonly network: Network;
  /** `aleo-contract-backups-<network>` where it is left out. */
  readonly bucketName?: string | undefined;
  /**
   * How long nobody can delete a backup. `governance` can be lifted by an administrator who is granted
   * that and who takes the bucket's policy away first, `compliance` by nobody, the root user included.
   */
  readonly lock: { readonly mode: "governance" | "compliance"; readonly days: number };
  /** After so many days backups are deleted; kept for good where it is left out. More than the lock. */
  readonly keepDays?: number | undefined;
  /** A second AWS region, in which S3 keeps a copy of each backup. */
  readonly replicaRegion?: string | undefined;
  /** Without them no roles are made, and the store is used with other credentials. */
  readonly serviceAccounts?: StoreServiceAccounts | undefined;
  readonly transform?:
    | (LockedBucketTransforms & {
        readonly logging?: Transform<BucketLoggingArgs> | undefined;
        readonly logs?: ClosedBucketTransforms | undefined;
        readonly replica?: LockedBucketTransforms | undefined;
        readonly replication?: Transform<BucketReplicationConfigArgs> | undefined;
        readonly replicator?: RoleTransforms | undefined;
        readonly writer?: RoleTransforms | undefined;
        readonly appender?: RoleTransforms | undefined;
        readonly reader?: RoleTransforms | undefined;
        readonly verifier?: RoleTransforms | undefined;
      })
    | undefined;
}

const logPrefix = "access/";

/**
 * Where the backups of a network are kept: written once, locked, encrypted with a key of its own, and
 * closed to everybody but its four roles. All that guards the backups is protected, so that a destroy
 * leaves it.
 *
 * @example
 * new BackupStore("backups", {
 *   network: "mainnet",
 *   lock: { mode: "compliance", days: 365 },
 *   replicaRegion: "eu-west-1",
 *   serviceAccounts: {
 *     oidcProviderArn: "arn:aws:iam::123456789012:oidc-provider/oidc.eks.eu-central-1.amazonaws.com/id/1A2B",
 *     writers: ["aleo-ops/uploader"],
 *     appenders: ["aleo-ops/backup-appender"],
 *     readers: ["aleo-ops/backup-reader", "aleo-ops/monitor"],
 *     verifiers: ["aleo-ops/backup-verifier"],
 *   },
 * });
 */
export class BackupStore extends pulumi.ComponentResource {
  readonly bucketName: pulumi.Output<string>;
  /** The key that every backup is encrypted with. */
  readonly keyArn: pulumi.Output<string>;
  readonly region: pulumi.Output<string>;
  /** `s3://<bucket>`, as `aleo-ops backup --to` takes it. */
  readonly url: pulumi.Output<string>;
  readonly writerRoleArn: pulumi.Output<string> | undefined;
  readonly appenderRoleArn: pulumi.Output<string> | undefined;
  readonly readerRoleArn: pulumi.Output<string> | undefined;
  readonly verifierRoleArn: pulumi.Output<string> | undefined;
  readonly replicaBucketName: pulumi.Output<string> | undefined;

  /** @throws pulumi.RunError for a bucket's name, days, a region or accounts that AWS would refuse */
  constructor(name: string, args: BackupStoreArgs, options?: pulumi.ComponentResourceOptions) {
    const { network, lock, transform, serviceAccounts, keepDays } = args;
    const { bucketName = `aleo-contract-backups-${network}` } = args;
    const lifecycle = { lockDays: lock.days, keepDays };
    requireBucketName(bucketName);
    requireLifecycle(lifecycle);
    requireServiceAccounts(serviceAccounts);
    super("aleops:backup:BackupStore", name, {}, options);
    const tags = { Network: network, Project: "aleo-ops" };
    const shared = { lock, tags, rules: backupRules(lifecycle) };

    const store = lockedBucket(
      name,
      {
        ...shared,
        bucketName,
        description: `Backups of Aleo programs on ${network}`,
        policy: backupBucketPolicy,
        transform,
      },
      this,
    );
    const { bucket, key } = store;
    this.#logAccess(name, bucketName, store, tags, transform);

    this.bucketName = bucket.bucket;
    this.keyArn = key.arn;
    this.region = bucket.region;
    this.url = pulumi.interpolate`s3://${bucket.bucket}`;

    const place = placeOf(store);
    let copy: pulumi.Output<BackupPlace> | undefined;
    if (args.replicaRegion !== undefined) {
      const replica = lockedBucket(
        `${name}-replica`,
        {
          ...shared,
          bucketName: `${bucketName}${bucketSuffixes.replica}`,
          description: `Copies of the backups of Aleo programs on ${network}`,
          region: args.replicaRegion,
          policy: replicaBucketPolicy,
          transform: transform?.replica,
        },
        this,
      );
      copy = placeOf(replica);
      this.#replicate(name, store, replica, tags, transform);
      this.replicaBucketName = replica.bucket.bucket;
    }

    if (serviceAccounts !== undefined) {
      const { oidcProviderArn, writers, appenders, readers, verifiers } = serviceAccounts;
      const roleOf = (
        part: "writer" | "appender" | "reader" | "verifier",
        accounts: readonly string[],
        policy: typeof readerPolicy,
      ) =>
        this.#role(
          `${name}-${part}`,
          {
            assumeRolePolicy: JSON.stringify(serviceAccountsMayAssume(oidcProviderArn, accounts)),
            tags,
          },
          pulumi.all([place, copy]).apply((places) => policy(...places)),
          transform?.[part],
        ).arn;
      this.writerRoleArn = roleOf("writer", writers, writerPolicy);
      this.appenderRoleArn = roleOf("appender", appenders, appenderPolicy);
      this.readerRoleArn = roleOf("reader", readers, readerPolicy);
      this.verifierRoleArn = roleOf("verifier", verifiers, verifierPolicy);
    }

    this.registerOutputs({
      bucketName: this.bucketName,
      keyArn: this.keyArn,
      region: this.region,
      url: this.url,
      writerRoleArn: this.writerRoleArn,
      appenderRoleArn: this.appenderRoleArn,
      readerRoleArn: this.readerRoleArn,
      verifierRoleArn: this.verifierRoleArn,
      replicaBucketName: this.replicaBucketName,
    });
  }

  #logAccess(
    name: string,
    bucketName: string,
    { bucket, key }: LockedBucket,
    tags: Readonly<Record<string, string>>,
    transform: BackupStoreArgs["transform"],
  ): void {
    const logs = logBucket(
      `${name}-logs`,
      {
        bucketName: `${bucketName}${bucketSuffixes.logs}`,
        logged: { bucketArn: bucket.arn, account: key.arn.apply(accountIn) },
        prefix: logPrefix,
        tags,
        transform: transform?.logs,
      },
      this,
    );
    new BucketLogging(
      `${name}-logging`,
      transformed<BucketLoggingArgs>(
        { bucket: bucket.bucket, targetBucket: logs.bucket.bucket, targetPrefix: logPrefix },
        transform?.logging,
      ),
      { parent: this, protect: true, dependsOn: logs.policy },
    );
  }

  #replicate(
    name: string,
    from: LockedBucket,
    to: LockedBucket,
    tags: Readonly<Record<string, string>>,
    transform: BackupStoreArgs["transform"],
  ): void {
    const policy = pulumi
      .all([placeOf(from), placeOf(to)])
      .apply((places) => replicationPolicy(...places));
    const role = this.#role(
      `${name}-replication`,
      { assumeRolePolicy: JSON.stringify(s3MayAssume), tags },
      policy,
      transform?.replicator,
      true,
    );
    new BucketReplicationConfig(
      `${name}-replication`,
      transformed<BucketReplicationConfigArgs>(
        {
          bucket: from.bucket.bucket,
          role: role.arn,
          rules: [
            {
              id: "copy",
              priority: 0,
              status: "Enabled",
              filter: { prefix: "" },
              deleteMarkerReplication: { status: "Disabled" },
              sourceSelectionCriteria: { sseKmsEncryptedObjects: { status: "Enabled" } },
              destination: {
                bucket: to.bucket.arn,
                storageClass: "STANDARD_IA",
                encryptionConfiguration: { replicaKmsKeyId: to.key.arn },
              },
            },
          ],
        },
        transform?.replication,
      ),
      { parent: this, protect: true, dependsOn: [from.versioning, to.versioning] },
    );
  }

  #role(
    name: string,
    args: RoleArgs,
    policy: pulumi.Output<PolicyDocument>,
    transform: RoleTransforms | undefined,
    protect = false,
  ): Role {
    const options = { parent: this, protect };
    const role = new Role(`${name}-role`, transformed(args, transform?.role), options);
    new RolePolicy(
      `${name}-role-policy`,
      transformed<RolePolicyArgs>(
        { role: role.name, policy: policy.apply((document) => JSON.stringify(document)) },
        transform?.policy,
      ),
      options,
    );
    return role;
  }
}

function placeOf({ bucket, key }: LockedBucket): pulumi.Output<BackupPlace> {
  return pulumi.output({ bucketArn: bucket.arn, keyArn: key.arn, region: bucket.region });
}

/** `arn:aws:kms:eu-central-1:123456789012:key/…` names the account. */
function accountIn(arn: string): string {
  return arn.split(":")[4] ?? "";
}

function requireServiceAccounts(serviceAccounts: StoreServiceAccounts | undefined): void {
  if (serviceAccounts === undefined) return;
  const { oidcProviderArn, ...accountsByRole } = serviceAccounts;
  if (!/^arn:[\w-]+:iam::\d{12}:oidc-provider\/\S+$/.test(oidcProviderArn)) {
    throw refusal(
      `serviceAccounts.oidcProviderArn is ${JSON.stringify(oidcProviderArn)}, which is no OIDC provider of IAM.`,
      "Give it as arn:aws:iam::123456789012:oidc-provider/….",
    );
  }
  for (const [key, accounts] of Object.entries(accountsByRole)) {
    const wrong = accounts.find((account) => !/^[a-z0-9-]+\/[a-z0-9.-]+$/.test(account));
    if (wrong === undefined && accounts.length > 0) continue;
    throw refusal(
      wrong === undefined
        ? `serviceAccounts.${key} is empty, so that nobody could use the role.`
        : `serviceAccounts.${key} has ${JSON.stringify(wrong)}, which is no service account.`,
      "Give each as namespace/name: aleo-ops/backup-writer.",
    );
  }
}
