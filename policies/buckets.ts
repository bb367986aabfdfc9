import type { Declared } from "./declared.ts";

const kinds = {
  bucket: "bucket",
  encryption: "bucketServerSideEncryptionConfiguration",
  lock: "bucketObjectLockConfiguration",
  versioning: "bucketVersioning",
  publicAccess: "bucketPublicAccessBlock",
  logging: "bucketLogging",
} as const;

type Kind = keyof typeof kinds;

const isOfKind = (kind: Kind) => {
  const name = kinds[kind];
  const type = new RegExp(`^aws:s3/${name}(?:V2)?:${name}(?:V2)?$`, "i");
  return (resource: Declared) => type.test(resource.type);
};

/** A bucket, and the resources of the stack that say how it is kept. */
export interface BucketView {
  readonly bucket: Declared;
  /** Whether other buckets of the stack write their access logs here. */
  readonly isLogBucket: boolean;
  readonly settings: (kind: Exclude<Kind, "bucket" | "logging">) => readonly Declared[];
}

/**
 * The buckets of a stack. In version 7 of the AWS provider a bucket is made of several resources:
 * they are joined by where their `bucket` comes from, else by the bucket's name, so that a preview
 * that does not know the name yet finds them as well.
 */
export function bucketsOf(resources: readonly Declared[]): readonly BucketView[] {
  return resources.filter(isOfKind("bucket")).map((bucket) => ({
    bucket,
    isLogBucket: resources
      .filter(isOfKind("logging"))
      .some((logging) => names(logging, "targetBucket", bucket)),
    settings: (kind) =>
      resources.filter(isOfKind(kind)).filter((setting) => names(setting, "bucket", bucket)),
  }));
}

function names(setting: Declared, property: string, bucket: Declared): boolean {
  if (setting.references[property]?.includes(bucket.urn) === true) return true;
  const name = setting.properties[property];
  return (
    typeof name === "string" &&
    [bucket.properties.bucket, bucket.properties.id].some((own) => own === name)
  );
}
