import assert from "node:assert/strict";
import {
  appenderPolicy,
  backupBucketPolicy,
  logBucketPolicy,
  readerPolicy,
  verifierPolicy,
  replicaBucketPolicy,
  replicationPolicy,
  serviceAccountsMayAssume,
  writerPolicy,
} from "../../../components/backups/policies.ts";
import { type AwsRequest, deniedBy, judge, type Verdict } from "./judge.ts";

const bucket = "arn:aws:s3:::backups";
const object = `${bucket}/agent_registry_v3.aleo/20250621_1200/manifest.json`;
const key = "arn:aws:kms:eu-central-1:123456789012:key/1a2b";
const otherKey = "arn:aws:kms:eu-central-1:123456789012:key/ffff";
const place = { bucketArn: bucket, keyArn: key, region: "eu-central-1" };
const copy = {
  bucketArn: "arn:aws:s3:::backups-replica",
  keyArn: "arn:aws:kms:eu-west-1:123456789012:key/3c4d",
  region: "eu-west-1",
};
const https = { "aws:SecureTransport": "true", "s3:TlsVersion": "1.3" };
const ifNew = { "s3:if-none-match": "*" };
const created = { "s3:ObjectCreationOperation": "true" };
const part = { "s3:ObjectCreationOperation": "false" };
const throughS3 = { "kms:ViaService": "s3.eu-central-1.amazonaws.com" };
const throughS3There = { "kms:ViaService": "s3.eu-west-1.amazonaws.com" };
const encrypted = (by: string, keyArn?: string) => ({
  "s3:x-amz-server-side-encryption": by,
  ...(keyArn !== undefined && { "s3:x-amz-server-side-encryption-aws-kms-key-id": keyArn }),
});

const put = (keys: Record<string, string>): AwsRequest => ({
  action: "s3:PutObject",
  resource: object,
  keys: { ...https, ...keys },
});
const ask = (action: string, resource = object, keys: Record<string, string> = {}): AwsRequest => ({
  action,
  resource,
  keys: { ...https, ...keys },
});

describe("the bucket's policy", () => {
  const policy = backupBucketPolicy(bucket, key);
  const cases: [what: string, request: AwsRequest, by: string | undefined][] = [
    ["a new object", put({ ...ifNew, ...created }), undefined],
    [
      "one encrypted with the key",
      put({ ...ifNew, ...created, ...encrypted("aws:kms", key) }),
      undefined,
    ],
    ["a part of an upload", put(part), undefined],
    [
      "the start of an upload with the key",
      put({ ...part, ...encrypted("aws:kms", key) }),
      undefined,
    ],
    ["reading", ask("s3:GetObject"), undefined],
    ["listing", ask("s3:ListBucket", bucket), undefined],
    ["a change of the lifecycle by Pulumi", ask("s3:PutLifecycleConfiguration", bucket), undefined],
    ["an object over another", put(created), "NothingIsOverwritten"],
    [
      "a copy over another",
      put({ ...created, ...encrypted("aws:kms", key) }),
      "NothingIsOverwritten",
    ],
    ["S3's own key", put({ ...ifNew, ...created, ...encrypted("AES256") }), "NoOtherEncryption"],
    [
      "another KMS key",
      put({ ...ifNew, ...created, ...encrypted("aws:kms", otherKey) }),
      "NoOtherEncryption",
    ],
    [
      "AWS's own KMS key",
      put({ ...ifNew, ...created, ...encrypted("aws:kms") }),
      "NoOtherEncryption",
    ],
    [
      "an upload with another key",
      put({ ...part, ...encrypted("aws:kms", otherKey) }),
      "NoOtherEncryption",
    ],
    [
      "a key of the customer's",
      put({ ...ifNew, ...created, "s3:x-amz-server-side-encryption-customer-algorithm": "AES256" }),
      "NoKeysOfCustomers",
    ],
    ["deleting a version", ask("s3:DeleteObjectVersion"), "NobodyDeletes"],
    ["hiding a backup", ask("s3:DeleteObject"), "NobodyDeletes"],
    ["getting round the lock", ask("s3:BypassGovernanceRetention"), "NobodyDeletes"],
    ["deleting the bucket", ask("s3:DeleteBucket", bucket), "NobodyDeletesTheBucket"],
    ["plain HTTP", ask("s3:GetObject", object, { "aws:SecureTransport": "false" }), "OnlyHttps"],
    [
      "plain HTTP to the bucket",
      ask("s3:ListBucket", bucket, { "aws:SecureTransport": "false" }),
      "OnlyHttps",
    ],
    ["old TLS", ask("s3:GetObject", object, { "s3:TlsVersion": "1.1" }), "OnlyTls12"],
  ];
  for (const [what, request, by] of cases) {
    it(by === undefined ? `has nothing against ${what}` : `denies ${what} (${by})`, () => {
      assert.equal(deniedBy(request, policy), by);
    });
  }
});

describe("the roles", () => {
  const policy = backupBucketPolicy(bucket, key);
  const writer = writerPolicy(place);
  const appender = appenderPolicy(place);
  const reader = readerPolicy(place, copy);
  const verifier = verifierPolicy(place);
  const check = `${bucket}/a.aleo/20250621_1200/checks/20250621T120000.000Z.good.json`;

  it("let the verifier add the record of a check, and put nothing else", () => {
    const puts: [AwsRequest, Verdict][] = [
      [{ ...put({ ...ifNew, ...created }), resource: check }, "allowed"],
      [{ ...put(created), resource: check }, "denied"],
      [put({ ...ifNew, ...created }), "no say"],
      [ask("kms:GenerateDataKey", key, throughS3), "allowed"],
      [ask("s3:GetObject"), "allowed"],
      [ask("s3:DeleteObject", check), "denied"],
    ];
    for (const [request, verdict] of puts) assert.equal(judge(request, policy, verifier), verdict);
  });

  it("let readers read the copy in the second region, where there is one", () => {
    const replica = replicaBucketPolicy(copy.bucketArn);
    const there = `${copy.bucketArn}/a.aleo/20250621_1200/manifest.json`;
    const reads: [AwsRequest, Verdict][] = [
      [ask("s3:ListBucket", copy.bucketArn), "allowed"],
      [ask("s3:GetObject", there), "allowed"],
      [ask("kms:Decrypt", copy.keyArn, throughS3There), "allowed"],
      [ask("kms:Decrypt", copy.keyArn, throughS3), "no say"],
      [ask("s3:PutObject", there, { ...ifNew, ...created }), "denied"],
    ];
    for (const role of [reader, verifierPolicy(place, copy)]) {
      for (const [request, verdict] of reads) assert.equal(judge(request, replica, role), verdict);
    }
    assert.equal(judge(ask("s3:GetObject", there), replica, readerPolicy(place)), "no say");
    const sids = reader.Statement.map(({ Sid }) => Sid);
    assert.equal(new Set(sids).size, sids.length, sids.join());
  });

  it("let the appender do what the writer and the reader of backups do, and no more", () => {
    for (const [what, request, byWriter, byReader] of cases) {
      const verdict = byWriter === "no say" ? byReader : byWriter;
      const isOld = request.action === "s3:GetObjectVersion";
      assert.equal(judge(request, policy, appender), isOld ? "no say" : verdict, what);
    }
  });

  const cases: [what: string, request: AwsRequest, writer: Verdict, reader: Verdict][] = [
    ["put a new object", put({ ...ifNew, ...created }), "allowed", "no say"],
    ["put one over another", put(created), "denied", "denied"],
    ["put a part", put(part), "allowed", "no say"],
    ["abandon an upload", ask("s3:AbortMultipartUpload"), "allowed", "no say"],
    ["read", ask("s3:GetObject"), "no say", "allowed"],
    ["read an old version", ask("s3:GetObjectVersion"), "no say", "allowed"],
    ["list", ask("s3:ListBucket", bucket), "no say", "allowed"],
    ["delete", ask("s3:DeleteObject"), "denied", "denied"],
    ["shorten a lock", ask("s3:PutObjectRetention"), "no say", "no say"],
    ["change the policy", ask("s3:PutBucketPolicy", bucket), "no say", "no say"],
    ["put into another bucket", ask("s3:PutObject", "arn:aws:s3:::other/a"), "no say", "no say"],
    ["encrypt through S3", ask("kms:GenerateDataKey", key, throughS3), "allowed", "no say"],
    ["decrypt through S3", ask("kms:Decrypt", key, throughS3), "allowed", "allowed"],
    ["decrypt by itself", ask("kms:Decrypt", key), "no say", "no say"],
    ["use another key", ask("kms:Decrypt", otherKey, throughS3), "no say", "no say"],
    ["delete the key", ask("kms:ScheduleKeyDeletion", key), "no say", "no say"],
  ];
  for (const [what, request, byWriter, byReader] of cases) {
    it(`${what}: writer ${byWriter}, reader ${byReader}`, () => {
      assert.equal(judge(request, policy, writer), byWriter);
      assert.equal(judge(request, policy, reader), byReader);
    });
  }

  it("are taken on by the accounts that are named, and by no other", () => {
    const provider = "arn:aws:iam::123456789012:oidc-provider/oidc.example.org/id/1A";
    const [statement] = serviceAccountsMayAssume(provider, ["aleo-ops/backup-writer"]).Statement;
    assert.deepEqual(statement?.Principal, { Federated: provider });
    assert.deepEqual(statement.Condition, {
      StringEquals: {
        "oidc.example.org/id/1A:aud": "sts.amazonaws.com",
        "oidc.example.org/id/1A:sub": ["system:serviceaccount:aleo-ops:backup-writer"],
      },
    });
  });
});

describe("the copy in the second region", () => {
  const role = replicationPolicy(place, copy);
  const policy = replicaBucketPolicy(copy.bucketArn);
  const replica = `${copy.bucketArn}/a`;

  it("is written by replication, and by nobody else", () => {
    assert.equal(judge(ask("s3:ReplicateObject", replica), policy, role), "allowed");
    assert.equal(judge(ask("s3:PutObject", replica, { ...ifNew, ...created }), policy), "denied");
  });

  it("does not take over a deletion, and has none of its own", () => {
    assert.equal(judge(ask("s3:ReplicateDelete", replica), policy, role), "no say");
    assert.equal(judge(ask("s3:DeleteObjectVersion", replica), policy), "denied");
    assert.equal(judge(ask("s3:DeleteBucket", copy.bucketArn), policy), "denied");
  });

  it("is read from the source and encrypted with the key of its region", () => {
    assert.equal(judge(ask("s3:GetObjectVersionForReplication"), role), "allowed");
    assert.equal(judge(ask("kms:Decrypt", key, throughS3), role), "allowed");
    assert.equal(judge(ask("kms:Encrypt", copy.keyArn, throughS3There), role), "allowed");
    assert.equal(judge(ask("kms:Encrypt", key, throughS3), role), "no say");
  });
});

describe("the bucket of the access logs", () => {
  const logs = "arn:aws:s3:::backups-logs";
  const mine = "123456789012";
  const policy = logBucketPolicy(logs, { bucketArn: bucket, account: mine }, "access/");
  const deliver = (resource: string, source: string, account: string) =>
    judge(
      ask("s3:PutObject", resource, { "aws:SourceArn": source, "aws:SourceAccount": account }),
      policy,
    );

  it("takes the logs of this bucket of this account, under their prefix", () => {
    assert.equal(deliver(`${logs}/access/2026`, bucket, mine), "allowed");
    assert.equal(deliver(`${logs}/access/2026`, "arn:aws:s3:::other", mine), "no say");
    assert.equal(deliver(`${logs}/access/2026`, bucket, "999999999999"), "no say");
    assert.equal(deliver(`${logs}/elsewhere`, bucket, mine), "no say");
  });

  it("lets nobody delete a log, or the bucket", () => {
    assert.equal(judge(ask("s3:DeleteBucket", logs), policy), "denied");
    assert.equal(judge(ask("s3:DeleteObject", `${logs}/access/1`), policy), "denied");
    assert.equal(judge(ask("s3:DeleteObjectVersion", `${logs}/access/1`), policy), "denied");
  });
});
