import type * as pulumi from "@pulumi/pulumi";

/**
 * The service accounts of the namespace by what they may do with backups. The roles in AWS name
 * them: `system:serviceaccount:<namespace>:<name>`.
 */
export const serviceAccounts = {
  /** Watches, and reads how old the last backup is. */
  monitor: "monitor",
  /** Puts new backups, and can't read one: for what is not of this project. None of its jobs runs so. */
  writer: "backup-writer",
  /** Reads the last backups, and puts new ones. */
  appender: "backup-appender",
  /** Reads backups. */
  reader: "backup-reader",
  /** Reads backups, and records what its check of one found. */
  verifier: "backup-verifier",
  /** Has nothing to do with them. */
  none: "operation",
} as const;

/** Lets a cluster's pods take on a role of AWS. */
export function roleAnnotation(
  role: pulumi.Input<string> | undefined,
): Record<string, pulumi.Input<string>> {
  return role === undefined ? {} : { "eks.amazonaws.com/role-arn": role };
}
