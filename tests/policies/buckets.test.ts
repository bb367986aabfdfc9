import assert from "node:assert/strict";
import type { Declared } from "../../policies/declared.ts";
import { type Properties, unknown } from "../../policies/known.ts";
import { bucketsAreEncrypted } from "../../policies/rules/buckets-are-encrypted.ts";
import { bucketsAreLocked } from "../../policies/rules/buckets-are-locked.ts";
import { bucketsAreNotPublic } from "../../policies/rules/buckets-are-not-public.ts";
import { brokenInStack, declare } from "./declare.ts";

const bucketUrn = (stack: string) => `urn:pulumi:${stack}::aleo-ops::aws:s3/bucket:Bucket::backups`;

interface Parts {
  readonly encryption?: Properties | undefined;
  readonly lock?: Properties | undefined;
  readonly versioning?: Properties | undefined;
  readonly publicAccess?: Properties | undefined;
}

const good = {
  encryption: {
    rules: [
      { applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: unknown } },
    ],
  },
  lock: { rule: { defaultRetention: { mode: "GOVERNANCE", days: 30 } } },
  versioning: { versioningConfiguration: { status: "Enabled" } },
  publicAccess: {
    blockPublicAcls: true,
    blockPublicPolicy: true,
    ignorePublicAcls: true,
    restrictPublicBuckets: true,
  },
} satisfies Parts;

const types = {
  encryption:
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
  lock: "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
  versioning: "aws:s3/bucketVersioning:BucketVersioning",
  publicAccess: "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
} as const;

/** A bucket named `backups` and its parts; those that are undefined are left out. */
function stackOf(parts: Parts, stack = "local"): readonly Declared[] {
  return [
    declare("aws:s3/bucket:Bucket", "backups", { bucket: "the-backups" }, { stack }),
    ...(Object.keys(types) as (keyof typeof types)[]).flatMap((part) =>
      parts[part] === undefined
        ? []
        : declare(
            types[part],
            `backups-${part}`,
            { ...parts[part], bucket: "the-backups" },
            { stack },
          ),
    ),
  ];
}

const encryptedWith = (sseAlgorithm: string): Properties => ({
  rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm } }],
});
const lockOf = (defaultRetention: Properties): Properties => ({ rule: { defaultRetention } });

describe("a bucket that is encrypted, locked and closed", () => {
  it("breaks no rule", () => {
    for (const rule of [bucketsAreEncrypted, bucketsAreLocked, bucketsAreNotPublic]) {
      assert.deepEqual(brokenInStack(rule, stackOf(good)), [], rule.name);
    }
  });

  it("breaks none in a preview either, where its name and key are not known yet", () => {
    const bucket = declare("aws:s3/bucket:Bucket", "backups", { bucket: unknown });
    const parts = (Object.keys(types) as (keyof typeof types)[]).map((part) =>
      declare(
        types[part],
        `backups-${part}`,
        { ...good[part], bucket: unknown },
        { references: { bucket: [bucketUrn("local")] } },
      ),
    );
    for (const rule of [bucketsAreEncrypted, bucketsAreLocked, bucketsAreNotPublic]) {
      assert.deepEqual(brokenInStack(rule, [bucket, ...parts]), [], rule.name);
      assert.equal(rule.violations([bucket]).length > 0, true, rule.name);
    }
  });
});

describe("the encryption of a bucket", () => {
  for (const [title, encryption, expected] of [
    ["is missing", undefined, ["backups: the bucket has no encryption of its own."]],
    ["is S3's own", encryptedWith("AES256"), ["backups: it is encrypted with AES256."]],
    ["names no way", { rules: [{}] }, ["backups: it is encrypted with nothing."]],
    ["has no rule", { rules: [] }, ["backups: the bucket has no encryption of its own."]],
    ["is of KMS", encryptedWith("aws:kms"), []],
    ["is of KMS twice", encryptedWith("aws:kms:dsse"), []],
    ["is not known yet", { rules: unknown }, []],
  ] as const) {
    it(`that ${title} gives ${expected.length} violations`, () => {
      const stack = stackOf({ ...good, encryption });
      assert.deepEqual(brokenInStack(bucketsAreEncrypted, stack), expected);
    });
  }

  it("of another bucket does not count", () => {
    const [bucket, ...parts] = stackOf(good);
    assert.ok(bucket);
    const others = parts.map((part) => ({
      ...part,
      properties: { ...part.properties, bucket: "another" },
    }));
    assert.equal(brokenInStack(bucketsAreEncrypted, [bucket, ...others]).length, 1);
  });
});

describe("the lock of a bucket", () => {
  const problem = "backups: its object lock does not hold: mode";
  for (const [title, stack, lock, expected] of [
    [
      "is missing",
      "local",
      undefined,
      ["backups: the bucket has no object lock with a default retention."],
    ],
    [
      "is for no time",
      "local",
      lockOf({ mode: "GOVERNANCE" }),
      [`${problem} GOVERNANCE, or for no time.`],
    ],
    [
      "is for 0 days",
      "local",
      lockOf({ mode: "GOVERNANCE", days: 0 }),
      [`${problem} GOVERNANCE, or for no time.`],
    ],
    ["has no retention", "local", {}, [`${problem} nothing, or for no time.`]],
    ["can be lifted on testnet", "testnet", lockOf({ mode: "GOVERNANCE", days: 30 }), []],
    [
      "can be lifted on mainnet",
      "mainnet",
      lockOf({ mode: "GOVERNANCE", days: 30 }),
      [`${problem} GOVERNANCE, or for no time.`],
    ],
    ["can't be lifted on mainnet", "mainnet", lockOf({ mode: "COMPLIANCE", years: 1 }), []],
    ["is not known yet", "mainnet", { rule: unknown }, []],
  ] as const) {
    it(`that ${title} gives ${expected.length} violations`, () => {
      const resources = stackOf({ ...good, lock }, stack);
      assert.deepEqual(brokenInStack(bucketsAreLocked, resources), expected);
    });
  }

  for (const status of ["Suspended", "Disabled"]) {
    it(`is worth nothing where versioning is ${status}`, () => {
      const versioning = { versioningConfiguration: { status } };
      assert.deepEqual(brokenInStack(bucketsAreLocked, stackOf({ ...good, versioning })), [
        "backups: the bucket does not keep the versions of its objects.",
      ]);
    });
  }
});

describe("public access to a bucket", () => {
  it("is named where it is not blocked", () => {
    const publicAccess = { ...good.publicAccess, blockPublicPolicy: false, ignorePublicAcls: null };
    assert.deepEqual(brokenInStack(bucketsAreNotPublic, stackOf({ ...good, publicAccess })), [
      "backups: public access to the bucket is not blocked: blockPublicPolicy, ignorePublicAcls.",
    ]);
  });

  it("is open without a block", () => {
    assert.match(
      brokenInStack(bucketsAreNotPublic, stackOf({ ...good, publicAccess: undefined })).join(),
      /blockPublicAcls/,
    );
  });
});

describe("a bucket for access logs", () => {
  const without = { lock: undefined, versioning: undefined };
  const stack = stackOf({ ...good, ...without, encryption: encryptedWith("AES256") });
  const logging = (properties: Properties, references: Declared["references"] = {}) =>
    declare("aws:s3/bucketLogging:BucketLogging", "logging", properties, { references });

  it("may use S3's own encryption and needs no lock", () => {
    const named = [...stack, logging({ bucket: "other", targetBucket: "the-backups" })];
    const referred = [...stack, logging({}, { targetBucket: [bucketUrn("local")] })];
    for (const resources of [named, referred]) {
      assert.deepEqual(brokenInStack(bucketsAreEncrypted, resources), []);
      assert.deepEqual(brokenInStack(bucketsAreLocked, resources), []);
    }
  });

  it("is one only where another bucket sends its logs there", () => {
    const source = [...stack, logging({ bucket: "the-backups", targetBucket: "other" })];
    assert.equal(brokenInStack(bucketsAreEncrypted, source).length, 1);
    assert.equal(brokenInStack(bucketsAreLocked, source).length, 2);
  });
});
