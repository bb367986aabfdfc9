import { refusal } from "../common/refusal.ts";

/** Of the buckets beside the one for backups: the names of S3 have at most 63 characters. */
export const bucketSuffixes = { logs: "-logs", replica: "-replica" } as const;

const longest = 63 - Math.max(...Object.values(bucketSuffixes).map(({ length }) => length));

/**
 * Why S3 (or TLS, which takes no dot in the name of a host's part) refuses the name, or undefined.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
 */
function bucketNameProblem(name: string): string | undefined {
  if (name.length < 3 || name.length > longest) {
    return `it has ${name.length} characters, and 3 to ${longest} are allowed (names with "${bucketSuffixes.replica}" are derived from it)`;
  }
  if (name.includes(".")) return "it has a dot, with which HTTPS does not work";
  if (!/^[a-z0-9-]+$/.test(name)) {
    return "only lower-case letters, digits and hyphens are allowed";
  }
  if (!/^[a-z0-9].*[a-z0-9]$/.test(name)) return "it must begin and end with a letter or digit";
  const prefix = ["xn--", "sthree-", "amzn-s3-demo-"].find((start) => name.startsWith(start));
  if (prefix !== undefined) return `S3 keeps names that begin with "${prefix}" for itself`;
  const suffix = ["-s3alias", "--ol-s3", "--x-s3", "--table-s3", "-an"].find((end) =>
    name.endsWith(end),
  );
  if (suffix !== undefined) return `S3 keeps names that end with "${suffix}" for itself`;
  return undefined;
}

/** @throws pulumi.RunError when S3 would refuse the name */
export function requireBucketName(name: string): void {
  const problem = bucketNameProblem(name);
  if (problem === undefined) return;
  throw refusal(
    `bucketName is ${JSON.stringify(name)}, which S3 refuses: ${problem}.`,
    "Set bucketName to another name, or leave it out for aleo-contract-backups-<network>.",
  );
}
