import type { BucketLifecycleConfigurationArgs } from "@pulumi/aws/s3/bucketLifecycleConfiguration.js";
import { refusal } from "../common/refusal.ts";

/** After so many days an object moves to a cheaper storage class. */
export interface Tier {
  readonly days: number;
  readonly storageClass: "STANDARD_IA" | "GLACIER_IR" | "GLACIER" | "DEEP_ARCHIVE";
}

export interface LifecycleArgs {
  readonly lockDays: number;
  readonly tiers: readonly Tier[];
  readonly keepDays: number | undefined;
}

/** Backups are read at once in a restore: these two classes answer in milliseconds. */
export const usualTiers: readonly Tier[] = [
  { days: 30, storageClass: "STANDARD_IA" },
  { days: 90, storageClass: "GLACIER_IR" },
];

const accessLogDays = 400;
const abandonedUploadDays = 7;
const infrequentAccessDays = 30;

const abandonedUploads = {
  id: "abandoned-uploads",
  status: "Enabled",
  filter: { prefix: "" },
  abortIncompleteMultipartUpload: { daysAfterInitiation: abandonedUploadDays },
};

type Rules = NonNullable<BucketLifecycleConfigurationArgs["rules"]>;

/**
 * Backups get cheaper with age. A version that is not the current one goes when its lock has ended;
 * a current one only where `keepDays` says so.
 */
export function backupRules({ lockDays, tiers, keepDays }: LifecycleArgs): Rules {
  return [
    {
      id: "tiers",
      status: "Enabled",
      filter: { prefix: "" },
      transitions: tiers.map(({ days, storageClass }) => ({ days, storageClass })),
    },
    {
      id: "old-versions",
      status: "Enabled",
      filter: { prefix: "" },
      ...(keepDays !== undefined && { expiration: { days: keepDays } }),
      noncurrentVersionExpiration: { noncurrentDays: lockDays },
    },
    abandonedUploads,
  ];
}

export const accessLogRules: Rules = [
  {
    id: "old-logs",
    status: "Enabled",
    filter: { prefix: "" },
    expiration: { days: accessLogDays },
    noncurrentVersionExpiration: { noncurrentDays: infrequentAccessDays },
  },
  abandonedUploads,
];

/** @throws pulumi.RunError for days that S3 refuses, or that would end before the lock does */
export function requireLifecycle({ lockDays, tiers, keepDays }: LifecycleArgs): void {
  if (!isDays(lockDays) || lockDays > 36_500) {
    throw refusal(
      `lock.days is ${lockDays}; S3 locks objects for 1 to 36500 days.`,
      "Set lock.days to a whole number of days.",
    );
  }
  tiers.forEach(({ days, storageClass }, index) => {
    const least = earliest(storageClass, tiers[index - 1]);
    if (!isDays(days) || days < least) {
      throw refusal(
        `tiers[${index}].days is ${days}; S3 moves objects to ${storageClass} after ${least} days here, not before.`,
        "Give the tiers in the order of their days, 30 days or more after the start and after STANDARD_IA.",
      );
    }
  });
  const lastMove = tiers.at(-1)?.days ?? 0;
  if (keepDays !== undefined && (!isDays(keepDays) || keepDays <= Math.max(lockDays, lastMove))) {
    throw refusal(
      `keepDays is ${keepDays}, but a backup is locked for ${lockDays} days and moves to its last tier after ${lastMove}.`,
      "Set keepDays to more than both, or leave it out to keep backups for good.",
    );
  }
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html */
function earliest(storageClass: Tier["storageClass"], before: Tier | undefined): number {
  const least = storageClass === "STANDARD_IA" ? infrequentAccessDays : 1;
  if (before === undefined) return least;
  return Math.max(
    least,
    before.days + (before.storageClass === "STANDARD_IA" ? infrequentAccessDays : 1),
  );
}

function isDays(value: number): boolean {
  return Number.isInteger(value) && value >= 1;
}
