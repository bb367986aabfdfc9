import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { GetRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { DescribeKeyCommand, DisableKeyRotationCommand, KMSClient } from "@aws-sdk/client-kms";
import {
  CreateBucketCommand,
  DeletePublicAccessBlockCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketPolicyCommand,
  GetBucketReplicationCommand,
  GetBucketVersioningCommand,
  GetObjectLockConfigurationCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectLockConfigurationCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { awsEnvironment, localRegion } from "../../../local/aws/aws.ts";
import { type AwsProject, createAwsProject } from "./aws-project.ts";

const program = (args: string) => `
import { BackupStore } from "./components/backup-store.ts";
const store = new BackupStore("backups", { network: "testnet", ${args} });
export const bucket = store.bucketName;
export const key = store.keyArn;
export const url = store.url;
export const writer = store.writerRoleArn;
export const replica = store.replicaBucketName;
`;
const lock = (days: number) => `lock: { mode: "governance", days: ${days} },`;
const accounts = `serviceAccounts: {
  oidcProviderArn: "arn:aws:iam::123456789012:oidc-provider/oidc.example.org/id/1A",
  writers: ["aleo-ops/uploader"],
  appenders: ["aleo-ops/backup-appender"],
  readers: ["aleo-ops/backup-reader"],
  verifiers: ["aleo-ops/backup-verifier"],
},`;
const replicated = `replicaRegion: "eu-west-1",`;

const Bucket = "aleo-contract-backups-testnet";

describe("BackupStore, brought up by the CLI on the local AWS", function () {
  this.timeout(300_000);
  let on: AwsProject;
  let s3: S3Client;
  let kms: KMSClient;
  let elsewhere: KMSClient;
  let iam: IAMClient;

  before(async () => {
    on = await createAwsProject(program(lock(30) + accounts));
    const { AWS_ACCESS_KEY_ID = "", AWS_SECRET_ACCESS_KEY = "" } = awsEnvironment(on.aws.url);
    const options = {
      endpoint: on.aws.url,
      region: localRegion,
      credentials: { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY },
    };
    s3 = new S3Client(options);
    kms = new KMSClient(options);
    elsewhere = new KMSClient({ ...options, region: "eu-west-1" });
    iam = new IAMClient(options);
  });
  after(async () => {
    await on.dispose();
  });

  const run = async (...args: string[]) => {
    const { code, stdout, stderr } = await on.project.pulumi([...args, "--yes", "--skip-preview"]);
    assert.equal(code, 0, stdout + stderr);
    return stdout;
  };
  const up = (args: string, ...more: string[]) => {
    on.project.write(program(args));
    return run("up", ...more);
  };
  /** What a drift run says of each resource that differs, by its name in the program. */
  const drift = async () => {
    const { code, stdout } = await on.project.refreshCheck();
    const lines = stdout
      .split("\n")
      .filter((line) => /^ [~-] {2}aws:.*(\[diff:| delete)/.test(line));
    const names = lines.map((line) => line.trim().split(/\s+/)[2] ?? "");
    return { code, found: [...new Set(names)].sort() };
  };
  const lockDays = async () => {
    const found = await s3.send(new GetObjectLockConfigurationCommand({ Bucket }));
    return found.ObjectLockConfiguration?.Rule?.DefaultRetention?.Days;
  };

  it("makes a bucket whose objects are locked and encrypted with its own key", async () => {
    await up(lock(30) + accounts);
    const outputs = await on.project.outputs();
    assert.equal(outputs.bucket, Bucket);
    assert.equal(outputs.url, `s3://${Bucket}`);
    await s3.send(new PutObjectCommand({ Bucket, Key: "a", Body: "b", IfNoneMatch: "*" }));
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key: "a" }));
    assert.deepEqual(
      [head.ObjectLockMode, head.ServerSideEncryption, head.SSEKMSKeyId],
      ["GOVERNANCE", "aws:kms", outputs.key],
    );
  });

  it("finds nothing to do the second time, and no drift", async () => {
    const { code, stdout, stderr } = await on.project.pulumi(["preview", "--expect-no-changes"]);
    assert.equal(code, 0, stdout + stderr);
    assert.deepEqual(await drift(), { code: 0, found: [] });
  });

  it("shows a longer lock as an update of the lock and of the lifecycle, and makes it", async () => {
    on.project.write(program(lock(60) + accounts));
    const { stdout } = await on.project.preview();
    assert.match(stdout, /~ days: 30 => 60/);
    assert.match(stdout, /~ noncurrentDays: 30 => 60/);
    assert.match(stdout, /~ 2 to update/);
    await run("up");
    assert.equal(await lockDays(), 60);
    assert.deepEqual(await drift(), { code: 0, found: [] });
  });

  it("finds what was changed by hand, each by its name, and mends it", async () => {
    const { Rules = [] } = await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }));
    const { Policy = "" } = await s3.send(new GetBucketPolicyCommand({ Bucket }));
    const policy = JSON.parse(Policy) as { Statement: { Sid: string }[] };
    const logs = `${Bucket}-logs`;
    await s3.send(
      new PutBucketVersioningCommand({
        Bucket: logs,
        VersioningConfiguration: { Status: "Suspended" },
      }),
    );
    await s3.send(
      new PutBucketLifecycleConfigurationCommand({
        Bucket,
        LifecycleConfiguration: { Rules: Rules.filter(({ ID }) => ID !== "abandoned-uploads") },
      }),
    );
    await s3.send(
      new PutBucketPolicyCommand({
        Bucket,
        Policy: JSON.stringify({
          ...policy,
          Statement: policy.Statement.filter(({ Sid }) => Sid !== "NobodyDeletes"),
        }),
      }),
    );
    await s3.send(
      new PutObjectLockConfigurationCommand({
        Bucket,
        ObjectLockConfiguration: {
          ObjectLockEnabled: "Enabled",
          Rule: { DefaultRetention: { Mode: "GOVERNANCE", Days: 1 } },
        },
      }),
    );
    await s3.send(new DeletePublicAccessBlockCommand({ Bucket }));
    await kms.send(new DisableKeyRotationCommand({ KeyId: await keyId() }));
    const role =
      String((await on.project.outputs()).writer)
        .split("/")
        .at(-1) ?? "";
    const { PolicyName = "" } = await rolePolicyOf("backups-writer-role-policy");
    await iam.send(
      new PutRolePolicyCommand({
        RoleName: role,
        PolicyName,
        PolicyDocument: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`,
      }),
    );
    assert.deepEqual(await drift(), {
      code: 7,
      found: [
        "backups-key",
        "backups-lifecycle",
        "backups-lock",
        "backups-logs-versioning",
        "backups-policy",
        "backups-public-access",
        "backups-writer-role-policy",
      ],
    });
    await run("up", "--refresh");
    assert.deepEqual(await drift(), { code: 0, found: [] });
    const versioning = await s3.send(new GetBucketVersioningCommand({ Bucket: logs }));
    assert.equal(versioning.Status, "Enabled");
    assert.equal(await lockDays(), 60);
  });

  const keyId = async () =>
    String((await on.project.outputs()).key)
      .split("/")
      .at(-1) ?? "";
  const rolePolicyOf = async (name: string) => {
    const { deployment } = await on.project.exportState();
    const found = deployment.resources?.find(({ urn }) => urn.endsWith(`::${name}`));
    return { PolicyName: found?.id?.split(":")[1] };
  };

  it("takes a policy that is written otherwise for the same", async () => {
    const { Policy = "" } = await s3.send(new GetBucketPolicyCommand({ Bucket }));
    const { Statement, Version } = JSON.parse(Policy) as Record<string, unknown>;
    await s3.send(
      new PutBucketPolicyCommand({
        Bucket,
        Policy: JSON.stringify({ Statement, Version }, undefined, 2),
      }),
    );
    assert.deepEqual(await drift(), { code: 0, found: [] });
  });

  it("adds a copy in a second region with a key and a lock of its own", async () => {
    await up(lock(60) + accounts + replicated);
    const { replica } = await on.project.outputs();
    const head = await s3.send(new HeadBucketCommand({ Bucket: String(replica) }));
    assert.equal(head.BucketRegion, "eu-west-1");
    const { ReplicationConfiguration } = await s3.send(new GetBucketReplicationCommand({ Bucket }));
    const [rule] = ReplicationConfiguration?.Rules ?? [];
    assert.equal(rule?.Destination?.Bucket, `arn:aws:s3:::${String(replica)}`);
    assert.match(rule.Destination.EncryptionConfiguration?.ReplicaKmsKeyID ?? "", /:eu-west-1:/);
    assert.equal(rule.DeleteMarkerReplication?.Status, "Disabled");
    assert.equal(rule.SourceSelectionCriteria?.SseKmsEncryptedObjects?.Status, "Enabled");
    assert.deepEqual(await drift(), { code: 0, found: [] });
  });

  it("takes the roles away with the accounts, and nothing else", async () => {
    const role =
      String((await on.project.outputs()).writer)
        .split("/")
        .at(-1) ?? "";
    const said = await up(lock(60) + replicated);
    assert.match(said, /- 8 deleted/);
    await assert.rejects(iam.send(new GetRoleCommand({ RoleName: role })), /not found/);
  });

  it("refuses a replacement of the bucket by another name", async () => {
    on.project.write(program(`${lock(60)}${replicated} bucketName: "another-name",`));
    const { code, stderr } = await on.project.preview();
    assert.notEqual(code, 0);
    assert.match(stderr, /unable to replace resource "[^"]*::backups-bucket"/);
  });

  it("leaves the buckets and all that guards them in a destroy", async () => {
    await up(lock(60) + accounts + replicated);
    const said = await run("destroy", "--exclude-protected");
    assert.match(said, /- 8 deleted/);
    assert.match(said, /still 34 protected resources/);
    assert.equal(await lockDays(), 60);
    const { Status } = await s3.send(new GetBucketVersioningCommand({ Bucket }));
    assert.equal(Status, "Enabled");
    await s3.send(new HeadObjectCommand({ Bucket, Key: "a" }));
  });

  it("comes back from a state that is lost by an import of what is there", async () => {
    const again = await createAwsProject(program(lock(60) + accounts + replicated), on.aws);
    try {
      const pulumi = async (...args: string[]) => {
        const { code, stdout, stderr } = await again.project.pulumi(args);
        assert.equal(code, 0, stdout + stderr);
        return stdout;
      };
      const refused = await again.project.up();
      assert.match(refused.stdout + refused.stderr, /BucketAlreadyOwnedByYou|already own it/);
      await pulumi("stack", "rm", "--yes", "--force", "--preserve-config");
      await pulumi("stack", "init", again.project.stack);

      const file = join(again.project.directory, "import.json");
      await pulumi("preview", "--import-file", file);
      const { resources, ...rest } = JSON.parse(readFileSync(file, "utf8")) as {
        resources: { type: string; name: string; component?: true; id?: string }[];
      };
      // docs/lost-state.md: roles are made anew, the rest has these ids.
      const found = [];
      for (const one of resources.filter(({ type }) => !type.startsWith("aws:iam/"))) {
        const [, which = ""] = /^backups(-logs|-replica)?-/.exec(one.name) ?? [];
        const region = which === "-replica" ? "@eu-west-1" : "";
        const alias = `alias/${Bucket}${which}`;
        const place = which === "-replica" ? elsewhere : kms;
        if (one.component === true) found.push(one);
        else if (one.type === "aws:kms/key:Key") {
          const { KeyMetadata } = await place.send(new DescribeKeyCommand({ KeyId: alias }));
          found.push({ ...one, id: `${KeyMetadata?.KeyId ?? ""}${region}` });
        } else if (one.type === "aws:kms/alias:Alias") {
          found.push({ ...one, id: `${alias}${region}` });
        } else found.push({ ...one, id: `${Bucket}${which}${region}` });
      }
      writeFileSync(file, JSON.stringify({ ...rest, resources: found }));
      await pulumi("import", "--file", file, "--yes", "--generate-code=false");
      const said = await pulumi("up", "--yes", "--skip-preview");
      // Five roles and their policies. The replication has a new one; what a key is deleted after is no property of it.
      assert.match(said, /\+ 10 created/);
      assert.match(said, /~ 3 updated/);
      assert.doesNotMatch(said, /replaced|deleted/);
      assert.equal((await again.project.refreshCheck()).code, 0);
      await s3.send(new HeadObjectCommand({ Bucket, Key: "a" }));
    } finally {
      await again.dispose();
    }
  });

  it("takes over a bucket that is there, and deletes it with what it holds where that is wanted", async () => {
    const found = "made-by-hand";
    await s3.send(
      new CreateBucketCommand({
        Bucket: found,
        CreateBucketConfiguration: { LocationConstraint: localRegion },
      }),
    );
    await s3.send(
      new PutBucketVersioningCommand({
        Bucket: found,
        VersioningConfiguration: { Status: "Enabled" },
      }),
    );
    for (const Body of ["one", "two"]) {
      await s3.send(new PutObjectCommand({ Bucket: found, Key: "a", Body }));
    }
    const declared = (options: string, more = "") => `
      import { Bucket } from "@pulumi/aws/s3/bucket.js";
      import { BucketVersioning } from "@pulumi/aws/s3/bucketVersioning.js";
      const bucket = new Bucket("found", { bucket: "${found}"${more} }, ${options});
      new BucketVersioning("versioning", { bucket: "${found}", versioningConfiguration: { status: "Enabled" } }, ${options});
    `;
    const own = await createAwsProject(declared(`{ import: "${found}" }`), on.aws);
    try {
      const imported = await own.project.up();
      assert.equal(imported.code, 0, imported.stdout + imported.stderr);
      assert.match(imported.stdout, /= 2 imported/);
      own.project.write(declared("{}", ", forceDestroy: true"));
      assert.equal((await own.project.up()).code, 0);
      const { code, stdout, stderr } = await own.project.pulumi(["destroy", "--yes"]);
      assert.equal(code, 0, stdout + stderr);
      await assert.rejects(s3.send(new HeadBucketCommand({ Bucket: found })), /NotFound/);
    } finally {
      await own.dispose();
    }
  });

  it("says what to do without AWS_ENDPOINT_URL, and never reaches for AWS", async () => {
    const { code, stdout, stderr } = await on.project.pulumi(
      ["refresh", "--yes", "--skip-preview"],
      { env: { AWS_ENDPOINT_URL: "" } },
    );
    assert.notEqual(code, 0);
    assert.match(stdout + stderr, /works against the local AWS only/);
    assert.match(stdout + stderr, /pulumi plugin install resource aws 7\.48\.0/);
  });
});
