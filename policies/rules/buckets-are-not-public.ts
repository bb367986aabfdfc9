import { bucketsOf } from "../buckets.ts";
import { unknown, type Value } from "../known.ts";
import type { StackRule } from "../rule.ts";

const blocks = [
  "blockPublicAcls",
  "blockPublicPolicy",
  "ignorePublicAcls",
  "restrictPublicBuckets",
] as const;
const fine: readonly Value[] = [true, unknown];

export const bucketsAreNotPublic: StackRule = {
  name: "buckets-are-not-public",
  description: "A bucket blocks public access in all four ways.",
  violations: (resources) =>
    bucketsOf(resources).flatMap(({ bucket, settings }) => {
      const declared = settings("publicAccess");
      const open = blocks.filter(
        (block) => !declared.some(({ properties }) => fine.includes(properties[block])),
      );
      if (open.length === 0) return [];
      return {
        resource: bucket,
        what: `public access to the bucket is not blocked: ${open.join(", ")}.`,
        why: "A policy or an access list that is wrong once would show its objects to the world.",
        remedy: "Give the bucket a BucketPublicAccessBlock with all four set to true.",
      };
    }),
};
