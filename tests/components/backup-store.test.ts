/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/unbound-method -- inputs are read in depth, and what is not there fails */
import assert from "node:assert/strict";
import type * as pulumi from "@pulumi/pulumi";
import type { BackupStoreArgs } from "../../components/backup-store.ts";
import { type Declaration, declaredBy, mockResources, refuses, valueOf } from "./declared.ts";

const lock = { mode: "compliance", days: 365 } as const;
const serviceAccounts = {
  oidcProviderArn: "arn:aws:iam::123456789012:oidc-provider/oidc.example.org/id/1A",
  writers: ["aleo-ops/backup-writer"],
  appenders: ["aleo-ops/backup-appender"],
  readers: ["aleo-ops/backup-reader", "aleo-ops/monitor"],
  verifiers: ["aleo-ops/backup-verifier"],
};
const everything: BackupStoreArgs = {
  network: "mainnet",
  lock,
  replicaRegion: "eu-west-1",
  serviceAccounts,
};

type Store = InstanceType<(typeof import("../../components/backup-store.ts"))["BackupStore"]>;

describe("BackupStore", () => {
  let store: Store;
  let construct: (args: BackupStoreArgs) => (options: pulumi.ComponentResourceOptions) => Store;

  before(async () => {
    await mockResources();
    const { BackupStore } = await import("../../components/backup-store.ts");
    construct = (args) => (options) => (store = new BackupStore("backups", args, options));
  });

  const declared = (args: Partial<BackupStoreArgs> = {}): Promise<Declaration> =>
    declaredBy(construct({ network: "mainnet", lock, ...args }));

  const parts = [
    ...["alias", "bucket", "encryption", "key", "lifecycle", "lock", "ownership", "policy"],
    ...["public-access", "versioning"],
  ];
  const withoutLock = ["bucket", "encryption", "lifecycle", "ownership", "policy"];

  it("declares a bucket, each of its settings and one for access logs, named after it", async () => {
    const { all, names } = await declared();
    assert.deepEqual(
      names(),
      [
        "backups",
        ...parts.map((part) => `backups-${part}`),
        "backups-logging",
        ...withoutLock.map((part) => `backups-logs-${part}`),
        "backups-logs-public-access",
        "backups-logs-versioning",
      ].sort(),
    );
    for (const { name, parent } of all) {
      assert.equal(parent, name === "backups" ? undefined : "backups", name);
    }
    assert.equal(all[0]?.type, "aleops:backup:BackupStore");
    assert.equal(
      all.some(({ marked }) => marked.includes("1b47061264138c4ac30d75fd1eb44270")),
      false,
    );
  });

  it("locks and encrypts, and closes the bucket to the public", async () => {
    const { find } = await declared();
    const { bucket, objectLockEnabled } = find("backups-bucket").inputs;
    assert.deepEqual([bucket, objectLockEnabled], ["aleo-contract-backups-mainnet", true]);
    assert.deepEqual(find("backups-lock").inputs.rule, {
      defaultRetention: { mode: "COMPLIANCE", days: 365 },
    });
    assert.equal(find("backups-versioning").inputs.versioningConfiguration.status, "Enabled");
    const [rule] = find("backups-encryption").inputs.rules;
    assert.equal(rule.applyServerSideEncryptionByDefault.sseAlgorithm, "aws:kms");
    assert.equal(rule.bucketKeyEnabled, true);
    assert.equal(find("backups-key").inputs.enableKeyRotation, true);
    const { blockPublicAcls, blockPublicPolicy, ignorePublicAcls, restrictPublicBuckets } =
      find("backups-public-access").inputs;
    assert.deepEqual(
      [blockPublicAcls, blockPublicPolicy, ignorePublicAcls, restrictPublicBuckets],
      [true, true, true, true],
    );
    assert.equal(find("backups-ownership").inputs.rule.objectOwnership, "BucketOwnerEnforced");
    const { targetBucket, targetPrefix } = find("backups-logging").inputs;
    assert.deepEqual(
      [targetBucket, targetPrefix],
      ["aleo-contract-backups-mainnet-logs", "access/"],
    );
  });

  it("takes each setting", async () => {
    const { find } = await declared({
      network: "testnet",
      bucketName: "my-backups",
      lock: { mode: "governance", days: 14 },
      keepDays: 91,
    });
    assert.equal(find("backups-bucket").inputs.bucket, "my-backups");
    assert.equal(find("backups-logs-bucket").inputs.bucket, "my-backups-logs");
    assert.equal(find("backups-bucket").inputs.tags.Network, "testnet");
    assert.deepEqual(find("backups-lock").inputs.rule.defaultRetention, {
      mode: "GOVERNANCE",
      days: 14,
    });
    const rules = find("backups-lifecycle").inputs.rules as Record<string, unknown>[];
    assert.deepEqual(rules, [
      {
        id: "tiers",
        status: "Enabled",
        filter: { prefix: "" },
        transitions: [
          { days: 30, storageClass: "STANDARD_IA" },
          { days: 90, storageClass: "GLACIER_IR" },
        ],
      },
      {
        id: "old-versions",
        status: "Enabled",
        filter: { prefix: "" },
        expiration: { days: 91 },
        noncurrentVersionExpiration: { noncurrentDays: 14 },
      },
      {
        id: "abandoned-uploads",
        status: "Enabled",
        filter: { prefix: "" },
        abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
      },
    ]);
  });

  it("never lets a current backup expire unless that is set", async () => {
    const { find } = await declared();
    const rules = find("backups-lifecycle").inputs.rules as Record<string, unknown>[];
    assert.deepEqual(
      rules.map((rule) => rule.expiration),
      [undefined, undefined, undefined],
    );
  });

  it("keeps a copy in the second region with its own key, lock and policy", async () => {
    const { find, names } = await declared(everything);
    for (const part of parts) {
      assert.equal(find(`backups-replica-${part}`).inputs.region, "eu-west-1", part);
      assert.equal(find(`backups-${part}`).inputs.region, undefined, part);
    }
    assert.deepEqual(find("backups-replica-lock").inputs.rule, find("backups-lock").inputs.rule);
    const [rule] = find("backups-replication").inputs.rules;
    assert.equal(rule.status, "Enabled");
    assert.equal(rule.deleteMarkerReplication.status, "Disabled");
    assert.ok(names().includes("backups-replication-role-policy"));
    assert.ok(store.replicaBucketName);
    assert.equal(await valueOf(store.replicaBucketName), "aleo-contract-backups-mainnet-replica");
  });

  it("makes the four roles for those accounts only, and none without", async () => {
    const { find } = await declared({ serviceAccounts });
    const trust = (name: string) =>
      JSON.parse(find(name).inputs.assumeRolePolicy as string) as {
        Statement: { Condition: { StringEquals: Record<string, unknown> } }[];
      };
    const issuer = "oidc.example.org/id/1A";
    assert.deepEqual(trust("backups-reader-role").Statement[0]?.Condition.StringEquals, {
      [`${issuer}:aud`]: "sts.amazonaws.com",
      [`${issuer}:sub`]: [
        "system:serviceaccount:aleo-ops:backup-reader",
        "system:serviceaccount:aleo-ops:monitor",
      ],
    });
    assert.deepEqual(
      trust("backups-writer-role").Statement[0]?.Condition.StringEquals[`${issuer}:sub`],
      ["system:serviceaccount:aleo-ops:backup-writer"],
    );
    assert.deepEqual(
      trust("backups-appender-role").Statement[0]?.Condition.StringEquals[`${issuer}:sub`],
      ["system:serviceaccount:aleo-ops:backup-appender"],
    );
    assert.deepEqual(
      trust("backups-verifier-role").Statement[0]?.Condition.StringEquals[`${issuer}:sub`],
      ["system:serviceaccount:aleo-ops:backup-verifier"],
    );
    assert.ok(store.writerRoleArn);
    const without = await declared();
    assert.deepEqual(
      without.names().filter((name) => name.includes("role")),
      [],
    );
    assert.equal(store.writerRoleArn, undefined);
  });

  it("gives the roles that read their rights on the copy too, and logs only to this account", async () => {
    const { find } = await declared(everything);
    const policyOf = (name: string) => find(name).inputs.policy as string;
    for (const [role, reads] of [
      ["writer", false],
      ["appender", false],
      ["reader", true],
      ["verifier", true],
    ] as const) {
      const text = policyOf(`backups-${role}-role-policy`);
      assert.equal(text.includes("backups-replica-bucket"), reads, role);
    }
    assert.match(policyOf("backups-logs-policy"), /"aws:SourceAccount":"123456789012"/);
  });

  it("gives out where the bucket is", async () => {
    await declared();
    assert.equal(await valueOf(store.url), "s3://aleo-contract-backups-mainnet");
    assert.equal(await valueOf(store.bucketName), "aleo-contract-backups-mainnet");
  });

  it("lets each child be changed by its transform", async () => {
    const touched = <Args extends { region?: unknown }>(args: Args): Args => ({
      ...args,
      region: "touched",
    });
    const closed = {
      bucket: touched,
      versioning: touched,
      encryption: touched,
      lifecycle: touched,
      ownership: touched,
      publicAccess: touched,
      policy: touched,
    };
    const locked = { ...closed, key: touched, alias: touched, lock: touched };
    const role: NonNullable<BackupStoreArgs["transform"]>["writer"] = {
      role: (args) => ({ ...args, description: "touched" }),
      policy: (args) => ({ ...args, name: "touched" }),
    };
    const { all } = await declared({
      ...everything,
      transform: {
        ...locked,
        logging: touched,
        logs: closed,
        replica: locked,
        replication: touched,
        replicator: role,
        writer: role,
        appender: role,
        reader: role,
        verifier: role,
      },
    });
    const children = all.filter(({ name }) => name !== "backups");
    assert.ok(children.length > 30);
    for (const { name, inputs } of children) {
      assert.match(JSON.stringify(inputs), /"touched"/, name);
    }
  });

  it("changes no other child by a transform", async () => {
    const { find } = await declared({
      ...everything,
      transform: {
        replica: { key: (key) => ({ ...key, deletionWindowInDays: 7 }) },
        writer: { role: (role) => ({ ...role, maxSessionDuration: 7_200 }) },
      },
    });
    assert.equal(find("backups-replica-key").inputs.deletionWindowInDays, 7);
    assert.equal(find("backups-key").inputs.deletionWindowInDays, 30);
    assert.equal(find("backups-writer-role").inputs.maxSessionDuration, 7_200);
    assert.equal(find("backups-reader-role").inputs.maxSessionDuration, undefined);
  });

  const refusals: [what: string, args: Partial<BackupStoreArgs>, text: RegExp][] = [
    ["a name in capitals", { bucketName: "Backups" }, /^bucketName is "Backups", .*lower-case/],
    ["a name with a dot", { bucketName: "my.backups" }, /a dot, with which HTTPS does not work/],
    ["a short name", { bucketName: "ab" }, /it has 2 characters, and 3 to 55 are allowed/],
    ["a name too long for its copy's", { bucketName: "a".repeat(56) }, /it has 56 characters/],
    ["a name that begins with a hyphen", { bucketName: "-abc" }, /begin and end with a letter/],
    ["a name that S3 keeps", { bucketName: "xn--abc" }, /begin with "xn--"/],
    ["another name that S3 keeps", { bucketName: "abc-s3alias" }, /end with "-s3alias"/],
    ["a lock of no days", { lock: { mode: "governance", days: 0 } }, /^lock\.days is 0/],
    ["a lock of half days", { lock: { mode: "governance", days: 1.5 } }, /^lock\.days is 1\.5/],
    [
      "an end before the last move",
      { lock: { mode: "governance", days: 14 }, keepDays: 90 },
      /^keepDays is 90, .*moves to its last tier after 90/,
    ],
    ["an end before the lock's", { keepDays: 300 }, /^keepDays is 300, .*locked for 365 days/],
    [
      "an ARN that is no provider's",
      { serviceAccounts: { ...serviceAccounts, oidcProviderArn: "arn:aws:iam::1:role/x" } },
      /^serviceAccounts\.oidcProviderArn is "arn:aws:iam::1:role\/x"/,
    ],
    [
      "an account without its namespace",
      { serviceAccounts: { ...serviceAccounts, writers: ["backup-writer"] } },
      /^serviceAccounts\.writers has "backup-writer"/,
    ],
    [
      "a role for nobody",
      { serviceAccounts: { ...serviceAccounts, readers: [] } },
      /^serviceAccounts\.readers is empty/,
    ],
  ];
  for (const [what, args, text] of refusals) {
    it(`refuses ${what} before it declares anything`, () =>
      refuses(construct({ network: "mainnet", lock, ...args }), text));
  }
});
