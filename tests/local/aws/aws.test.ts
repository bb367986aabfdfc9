import assert from "node:assert/strict";
import { appendFileSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import {
  CreateRoleCommand,
  GetRoleCommand,
  IAMClient,
  PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import {
  CreateAliasCommand,
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  KMSClient,
} from "@aws-sdk/client-kms";
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectLockConfigurationCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { Upload } from "@aws-sdk/lib-storage";
import { type Aws, awsEnvironment, startAws } from "../../../local/aws/aws.ts";
import { freePort } from "../../../local/ports.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../../support/temporary-directory.ts";

const trust = JSON.stringify({
  Version: "2012-10-17",
  Statement: [
    { Effect: "Allow", Principal: { Service: "s3.amazonaws.com" }, Action: "sts:AssumeRole" },
  ],
});
const permissions = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "s3:GetObject", Resource: "*" }],
});
const megabyte = 1024 * 1024;

describe("the local AWS", function () {
  this.timeout(300_000);
  let scratch: TemporaryDirectory;
  let aws: Aws | undefined;

  before(() => {
    scratch = temporaryDirectory("aws");
  });
  after(async () => {
    await aws?.stop();
    scratch.remove();
  });

  const journal = () => join(scratch.path, "account", "journal");

  const start = async () => {
    aws = await startAws({
      directory: join(scratch.path, "account"),
      port: await freePort(),
      logFile: join(scratch.path, "log"),
    });
    const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION } = awsEnvironment(aws.url);
    const options = {
      endpoint: aws.url,
      region: AWS_REGION ?? "",
      credentials: {
        accessKeyId: AWS_ACCESS_KEY_ID ?? "",
        secretAccessKey: AWS_SECRET_ACCESS_KEY ?? "",
      },
    };
    return {
      s3: new S3Client(options),
      kms: new KMSClient(options),
      iam: new IAMClient(options),
      sts: new STSClient(options),
    };
  };

  const killAndStart = async () => {
    assert.ok(aws);
    process.kill(aws.pid, "SIGKILL");
    await aws.stop();
    return start();
  };

  type Clients = Awaited<ReturnType<typeof start>>;

  /** Everything that a client can see. */
  const seen = async ({ s3, kms, iam, sts }: Clients, ciphertext: Uint8Array) => {
    const Bucket = "kept";
    const { Versions = [], DeleteMarkers = [] } = await s3.send(
      new ListObjectVersionsCommand({ Bucket }),
    );
    const objects = await Promise.all(
      Versions.map(async ({ Key, VersionId }) => {
        const head = await s3.send(new HeadObjectCommand({ Bucket, Key, VersionId }));
        const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key, VersionId }));
        const body = await Body?.transformToByteArray();
        return { ...head, $metadata: undefined, body: Buffer.from(body ?? []).toString("hex") };
      }),
    );
    const { Buckets } = await s3.send(new ListBucketsCommand({}));
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: "alias/kept" }));
    const { Plaintext } = await kms.send(new DecryptCommand({ CiphertextBlob: ciphertext }));
    const { Role } = await iam.send(new GetRoleCommand({ RoleName: "kept" }));
    const { Account } = await sts.send(new GetCallerIdentityCommand({}));
    const decrypted = Buffer.from(Plaintext ?? []).toString();
    return { Versions, DeleteMarkers, objects, Buckets, KeyMetadata, decrypted, Role, Account };
  };

  it("has everything as it was after each kill: versions, locks, keys, ids and dates", async () => {
    const clients = await start();
    const { s3, kms, iam } = clients;
    const Bucket = "kept";
    await s3.send(
      new CreateBucketCommand({
        Bucket,
        ObjectLockEnabledForBucket: true,
        CreateBucketConfiguration: { LocationConstraint: "eu-central-1" },
      }),
    );
    await s3.send(
      new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }),
    );
    await s3.send(
      new PutObjectLockConfigurationCommand({
        Bucket,
        ObjectLockConfiguration: {
          ObjectLockEnabled: "Enabled",
          Rule: { DefaultRetention: { Mode: "GOVERNANCE", Days: 30 } },
        },
      }),
    );
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    const KeyId = KeyMetadata?.KeyId;
    await kms.send(new CreateAliasCommand({ AliasName: "alias/kept", TargetKeyId: KeyId }));
    const { CiphertextBlob } = await kms.send(
      new EncryptCommand({ KeyId, Plaintext: Buffer.from("hush") }),
    );
    assert.ok(CiphertextBlob);
    await iam.send(new CreateRoleCommand({ RoleName: "kept", AssumeRolePolicyDocument: trust }));
    await iam.send(
      new PutRolePolicyCommand({ RoleName: "kept", PolicyName: "p", PolicyDocument: permissions }),
    );
    const put = (Key: string, Body: string | Buffer) =>
      s3.send(new PutObjectCommand({ Bucket, Key, Body, Metadata: { from_height: "22" } }));
    await put("a folder/ä b.json", "one");
    await put("a folder/ä b.json", "two");
    // Every byte, and what ends a line or looks like a record.
    await put("bytes", Buffer.from(Array.from({ length: 512 }, (_, index) => index % 256)));
    await put("gone", "{}\n");
    await s3.send(new DeleteObjectCommand({ Bucket, Key: "gone" }));
    await new Upload({
      client: s3,
      params: { Bucket, Key: "large", Body: Buffer.alloc(11 * megabyte, "0123456789") },
      partSize: 5 * megabyte,
    }).done();

    const before = await seen(clients, CiphertextBlob);
    assert.equal(before.decrypted, "hush");
    assert.equal(before.objects.length, 5);
    const body = Buffer.from("two").toString("hex");
    assert.equal(before.objects.filter((one) => one.body === body).length, 1);
    for (const { ObjectLockMode } of before.objects) assert.equal(ObjectLockMode, "GOVERNANCE");
    const again = await killAndStart();
    assert.deepEqual(await seen(again, CiphertextBlob), before);
    await again.s3.send(new PutObjectCommand({ Bucket, Key: "later", Body: "after the kill" }));
    const later = await seen(again, CiphertextBlob);
    assert.equal(later.objects.length, 6);
    assert.deepEqual(await seen(await killAndStart(), CiphertextBlob), later);
  });

  it("cuts off what a kill left of a request that was never answered", async () => {
    const size = statSync(journal()).size;
    await aws?.stop();
    appendFileSync(journal(), '{"seed": 1, "at": 1, "environ": {}, "length": 9}\nhalf');
    const { s3 } = await start();
    assert.equal(statSync(journal()).size, size);
    await s3.send(new PutObjectCommand({ Bucket: "kept", Key: "next", Body: "x" }));
    const next = await killAndStart();
    await next.s3.send(new HeadObjectCommand({ Bucket: "kept", Key: "next" }));
  });

  it("keeps only what changed something, readable by its owner alone", async () => {
    const clients = await killAndStart();
    const size = statSync(journal()).size;
    await clients.s3.send(new ListBucketsCommand({}));
    await clients.kms.send(new DescribeKeyCommand({ KeyId: "alias/kept" }));
    await clients.iam.send(new GetRoleCommand({ RoleName: "kept" }));
    await assert.rejects(
      clients.s3.send(new PutObjectCommand({ Bucket: "not-there", Key: "a", Body: "b" })),
    );
    assert.equal(statSync(journal()).size, size);
    assert.equal(statSync(journal()).mode & 0o777, 0o600);
  });

  it("has three hundred requests again in seconds", async () => {
    const { s3 } = await killAndStart();
    for (let index = 0; index < 300; index += 20) {
      await Promise.all(
        Array.from({ length: 20 }, (_, offset) =>
          s3.send(
            new PutObjectCommand({ Bucket: "kept", Key: `many/${index + offset}`, Body: "{}" }),
          ),
        ),
      );
    }
    await killAndStart();
    const [, count, seconds] =
      /replayed (\d+) requests in ([\d.]+) s/.exec(
        readFileSync(join(scratch.path, "log"), "utf8"),
      ) ?? [];
    assert.ok(Number(count) > 300);
    assert.ok(Number(seconds) < 10, `${seconds ?? "?"} s for ${count ?? "?"} requests`);
  });
});

describe("the environment of the local AWS", () => {
  it("takes away what could lead to a real account", () => {
    const env = awsEnvironment("http://127.0.0.1:1");
    for (const name of ["AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_S3"]) {
      assert.ok(name in env);
      assert.equal(env[name], undefined);
    }
  });
});
