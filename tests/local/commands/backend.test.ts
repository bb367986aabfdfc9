import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DescribeKeyCommand, GetKeyRotationStatusCommand, KMSClient } from "@aws-sdk/client-kms";
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetBucketEncryptionCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { type Aws, awsEnvironment, startAws } from "../../../local/aws/aws.ts";
import { backendText, makeBackend } from "../../../local/commands/backend.ts";
import { LocalError } from "../../../local/errors.ts";
import { freePort } from "../../../local/ports.ts";
import { createLocalProject, type LocalProject } from "../../support/local-project.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../../support/temporary-directory.ts";

describe("the backend of a public network's stack", function () {
  this.timeout(240_000);
  let scratch: TemporaryDirectory;
  let aws: Aws;
  let project: LocalProject;
  let s3: S3Client;
  let kms: KMSClient;
  const saved = { ...process.env };

  before(async () => {
    scratch = temporaryDirectory("backend");
    const directory = join(scratch.path, "aws");
    mkdirSync(directory);
    aws = await startAws({
      directory,
      port: await freePort(),
      logFile: join(scratch.path, "aws.log"),
    });
    // The AWS SDK reads its credentials from the environment of this process.
    for (const [name, value] of Object.entries(awsEnvironment(aws.url))) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
    s3 = new S3Client({ forcePathStyle: true });
    kms = new KMSClient({});
    project = await createLocalProject(`export const word = "hello";`, {
      get PULUMI_HOME() {
        return join(scratch.path, "home");
      },
    });
  });
  after(async () => {
    await project.dispose();
    s3.destroy();
    kms.destroy();
    await aws.stop();
    scratch.remove();
    for (const name of Object.keys(process.env)) {
      if (!(name in saved)) Reflect.deleteProperty(process.env, name);
    }
    Object.assign(process.env, saved);
  });

  const make = (stack = "testnet", bucket = "state-of-testnet") =>
    makeBackend({ stack, bucket }, process.env);

  it("is a bucket with versions, encrypted, closed to the public and to plain HTTP, and a key", async () => {
    const { made, keyArn, bucket: Bucket } = await make();
    assert.deepEqual(made, ["bucket", "key"]);
    const { Status } = await s3.send(new GetBucketVersioningCommand({ Bucket }));
    assert.equal(Status, "Enabled");
    const encryption = await s3.send(new GetBucketEncryptionCommand({ Bucket }));
    const [rule] = encryption.ServerSideEncryptionConfiguration?.Rules ?? [];
    assert.deepEqual(rule?.ApplyServerSideEncryptionByDefault, {
      SSEAlgorithm: "aws:kms",
      KMSMasterKeyID: keyArn,
    });
    const access = await s3.send(new GetPublicAccessBlockCommand({ Bucket }));
    assert.deepEqual(Object.values(access.PublicAccessBlockConfiguration ?? {}), [
      true,
      true,
      true,
      true,
    ]);
    const { Policy = "" } = await s3.send(new GetBucketPolicyCommand({ Bucket }));
    assert.match(Policy, /"aws:SecureTransport":"false"/);
    const key = await kms.send(new DescribeKeyCommand({ KeyId: "alias/aleo-ops-state-testnet" }));
    assert.equal(key.KeyMetadata?.Arn, keyArn);
    const rotation = await kms.send(new GetKeyRotationStatusCommand({ KeyId: keyArn }));
    assert.equal(rotation.KeyRotationEnabled, true);
  });

  it("is made once, and set again as it should be", async () => {
    const first = await make();
    const { bucket: Bucket } = first;
    await s3.send(
      new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Suspended" } }),
    );
    const again = await make();
    assert.deepEqual(again.made, []);
    assert.equal(again.keyArn, first.keyArn);
    const { Status } = await s3.send(new GetBucketVersioningCommand({ Bucket }));
    assert.equal(Status, "Enabled");
  });

  it("has a name of its account where none is given, and says what to do next", async () => {
    const backend = await makeBackend({ stack: "mainnet" }, process.env);
    assert.match(backend.bucket, /^aleo-ops-state-mainnet-\d{12}$/);
    const text = backendText("mainnet", backend);
    assert.match(text, /export PULUMI_BACKEND_URL='s3:\/\/aleo-ops-state-mainnet-\d+\?region=/);
    assert.match(
      text,
      /stack init mainnet --secrets-provider='awskms:\/\/alias\/aleo-ops-state-mainnet/,
    );
  });

  const run = (...args: string[]) => project.run("pulumi", "--stack", "testnet", "--", ...args);
  const pulumi = async (...args: string[]) => {
    const { code, stdout, stderr } = await run(...args);
    assert.equal(code, 0, stdout + stderr);
    return stdout;
  };

  it("keeps a stack and its secrets by the real CLI", async () => {
    const { bucket: Bucket, backendUrl, secretsProvider } = await make();
    // The stand-in has no host name a bucket, as S3 has.
    process.env.PULUMI_BACKEND_URL = `${backendUrl}&use_path_style=true`;
    writeFileSync(join(project.directory, "Pulumi.testnet.yaml"), "config: {}\n");
    await pulumi("stack", "init", "testnet", "--secrets-provider", secretsProvider);
    await pulumi("config", "set", "--secret", "aleo-ops:word", "hush-hush", "--stack", "testnet");
    const stacks = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: ".pulumi/stacks/" }));
    assert.match(stacks.Contents?.map(({ Key }) => Key).join() ?? "", /aleo-ops\/testnet\.json/);
    assert.doesNotMatch(await pulumi("config", "--stack", "testnet"), /hush-hush/);
    const shown = await pulumi("config", "get", "aleo-ops:word", "--stack", "testnet");
    assert.match(shown, /hush-hush/);
    await pulumi("up", "--yes", "--skip-preview", "--stack", "testnet");
    assert.match(await pulumi("stack", "output", "word", "--stack", "testnet"), /hello/);
  });

  it("gives a state that is lost or overwritten back from an earlier version of it", async () => {
    const { bucket: Bucket } = await make();
    const Key = ".pulumi/stacks/aleo-ops/testnet.json";
    const { Versions = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: Key }));
    const good = Versions.find(({ Key: key, IsLatest }) => key === Key && IsLatest === true);
    assert.ok(good?.VersionId !== undefined && Versions.length > 1);
    const output = ["stack", "output", "word", "--stack", "testnet"] as const;
    for (const lose of [
      () => s3.send(new DeleteObjectCommand({ Bucket, Key })),
      () => s3.send(new PutObjectCommand({ Bucket, Key, Body: "{}" })),
    ]) {
      await lose();
      const { code, stdout } = await run(...output);
      assert.ok(code !== 0 || !stdout.includes("hello"), stdout);
      const CopySource = `${Bucket}/${Key}?versionId=${good.VersionId}`;
      await s3.send(new CopyObjectCommand({ Bucket, Key, CopySource }));
      assert.match(await pulumi(...output), /hello/);
      await pulumi("stack", "export", "--stack", "testnet");
    }
  });

  it("is refused where it makes no sense, with a way out", async () => {
    await assert.rejects(make("local"), /keeps its state in \.state\/local/);
    await assert.rejects(
      makeBackend({ stack: "testnet" }, { ...process.env, AWS_REGION: undefined }),
      /AWS_REGION is not set/,
    );
    const AWS_ENDPOINT_URL = `http://127.0.0.1:${await freePort()}`;
    await assert.rejects(
      makeBackend({ stack: "testnet" }, { ...process.env, AWS_ENDPOINT_URL }),
      (error: LocalError) => {
        assert.ok(error instanceof LocalError);
        assert.match(error.message, /AWS in eu-central-1 refused/);
        assert.match(error.remedy, /get-caller-identity/);
        return true;
      },
    );
  });
});
