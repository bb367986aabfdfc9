import { bucketsOf, type BucketView } from "../buckets.ts";
import { at, objectsOf, shown, unknown, type Value } from "../known.ts";
import type { StackRule } from "../rule.ts";

/** S3 delivers access logs to a bucket only where S3 itself manages the key. */
const forLogs = ["AES256", "aws:kms", "aws:kms:dsse"];
const forAll = ["aws:kms", "aws:kms:dsse"];

export const bucketsAreEncrypted: StackRule = {
  name: "buckets-are-encrypted",
  description: "A bucket encrypts what it holds with a KMS key; one for access logs may use S3's.",
  violations: (resources) =>
    bucketsOf(resources).flatMap((view) => {
      const what = problem(view);
      if (what === undefined) return [];
      return {
        resource: view.bucket,
        what,
        why: "Backups hold every entry of the programs: whoever gets at the storage must not be able to read them.",
        remedy:
          "Give the bucket a BucketServerSideEncryptionConfiguration with sseAlgorithm aws:kms and its key.",
      };
    }),
};

function problem(view: BucketView): string | undefined {
  const rules = view.settings("encryption").map(({ properties }) => properties.rules);
  if (rules.includes(unknown)) return undefined;
  const algorithms = rules
    .flatMap(objectsOf)
    .map((rule) => at(rule, "applyServerSideEncryptionByDefault", "sseAlgorithm"));
  if (algorithms.length === 0) return "the bucket has no encryption of its own.";
  const allowed: readonly Value[] = [unknown, ...(view.isLogBucket ? forLogs : forAll)];
  return algorithms.every((algorithm) => allowed.includes(algorithm))
    ? undefined
    : `it is encrypted with ${shown(algorithms)}.`;
}
