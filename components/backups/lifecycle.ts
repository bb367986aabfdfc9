import type { BucketLifecycleConfigurationArgs } from "@pulumi/aws/s3/bucketLifecycleConfiguration.js";
import { refusal } from "../common/refusal.ts";

export interface LifecycleArgs {
  readonly lockDays: number;
  readonly keepDays: number | undefined;
}

/** Backups are read at once in a restore: these two classes answer in milliseconds. */
const tiers = [
  { days: 30, storageClass: "STANDARD_IA" },
  { days: 90, storageClass: "GLACIER_IR" },
];
const lastMoveDays = 90;

const accessLogDays = 400;
const abandonedUploadDays = 7;
const oldLogDays = 30;

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
export function backupRules({ lockDays, keepDays }: LifecycleArgs): Rules {
  return [
    {
      id: "tiers",
      status: "Enabled",
      filter: { prefix: "" },
      transitions: tiers,
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
    noncurrentVersionExpiration: { noncurrentDays: oldLogDays },
  },
  abandonedUploads,
];

/** @throws pulumi.RunError for days that S3 refuses, or that would end before the lock does */
export function requireLifecycle({ lockDays, keepDays }: LifecycleArgs): void {
  if (!isDays(lockDays) || lockDays > 36_500) {
    throw refusal(
      `lock.days is ${lockDays}; S3 locks objects for 1 to 36500 days.`,
      "Set lock.days to a whole number of days.",
    );
  }
  if (
    keepDays !== undefined &&
    (!isDays(keepDays) || keepDays <= Math.max(lockDays, lastMoveDays))
  ) {
    throw refusal(
      `keepDays is ${keepDays}, but a backup is locked for ${lockDays} days and moves to its last tier after ${lastMoveDays}.`,
      "Set keepDays to more than both, or leave it out to keep backups for good.",
    );
  }
}

function isDays(value: number): boolean {
  return Number.isInteger(value) && value >= 1;
}
