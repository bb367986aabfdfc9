import { bucketsOf, type BucketView } from "../buckets.ts";
import { stackOf } from "../declared.ts";
import { at, shown, unknown, type Value } from "../known.ts";
import type { StackRule } from "../rule.ts";

export const bucketsAreLocked: StackRule = {
  name: "buckets-are-locked",
  description:
    "A bucket, unless it takes access logs, keeps its versions and locks each for a time; on mainnet nobody can lift the lock.",
  violations: (resources) =>
    bucketsOf(resources)
      .filter(({ isLogBucket }) => !isLogBucket)
      .flatMap((view) =>
        problems(view).map(({ what, remedy }) => ({
          resource: view.bucket,
          what,
          why: "A backup that somebody can delete or overwrite is lost with the account that can.",
          remedy,
        })),
      ),
};

function problems(view: BucketView): readonly { what: string; remedy: string }[] {
  return [lockProblem(view), versioningProblem(view)].filter((found) => found !== undefined);
}

function lockProblem(view: BucketView) {
  const modes = stackOf(view.bucket) === "mainnet" ? ["COMPLIANCE"] : ["COMPLIANCE", "GOVERNANCE"];
  const allowed: readonly Value[] = [unknown, ...modes];
  const retentions = view
    .settings("lock")
    .map(({ properties }) => at(properties, "rule", "defaultRetention"));
  const isLocked = retentions.some(
    (retention) =>
      retention === unknown ||
      (allowed.includes(at(retention, "mode")) &&
        (isSome(at(retention, "days")) || isSome(at(retention, "years")))),
  );
  if (isLocked) return undefined;
  const modesFound = shown(retentions.map((retention) => at(retention, "mode")));
  return {
    what:
      retentions.length === 0
        ? "the bucket has no object lock with a default retention."
        : `its object lock does not hold: mode ${modesFound}, or for no time.`,
    remedy: `Give the bucket objectLockEnabled and a BucketObjectLockConfiguration with a defaultRetention: mode ${modes.join(" or ")}, days or years.`,
  };
}

function isSome(amount: Value): boolean {
  return amount === unknown || (typeof amount === "number" && amount > 0);
}

function versioningProblem(view: BucketView) {
  const isEnabled = view
    .settings("versioning")
    .map(({ properties }) => at(properties.versioningConfiguration, "status"))
    .some((status) => status === unknown || status === "Enabled");
  if (isEnabled) return undefined;
  return {
    what: "the bucket does not keep the versions of its objects.",
    remedy: "Give the bucket a BucketVersioning with status Enabled.",
  };
}
