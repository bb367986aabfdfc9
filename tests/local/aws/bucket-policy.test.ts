import assert from "node:assert/strict";
import { join } from "node:path";
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { backupBucketPolicy } from "../../../components/backups/policies.ts";
import { type Aws, awsEnvironment, localRegion, startAws } from "../../../local/aws/aws.ts";
import { freePort } from "../../../local/ports.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../../support/temporary-directory.ts";

const Bucket = "backups";
const arn = `arn:aws:s3:::${Bucket}`;
const key = "arn:aws:kms:eu-central-1:123456789012:key/ours";
const otherKey = "arn:aws:kms:eu-central-1:123456789012:key/other";

describe("the local S3 under the backup store's policy", function () {
  this.timeout(60_000);
  let scratch: TemporaryDirectory;
  let aws: Aws;
  let s3: S3Client;

  before(async () => {
    scratch = temporaryDirectory("policy");
    aws = await startAws({
      directory: join(scratch.path, "account"),
      port: await freePort(),
      logFile: join(scratch.path, "log"),
    });
    const { AWS_ACCESS_KEY_ID = "", AWS_SECRET_ACCESS_KEY = "" } = awsEnvironment(aws.url);
    s3 = new S3Client({
      endpoint: aws.url,
      region: localRegion,
      forcePathStyle: true,
      credentials: { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY },
    });
    await s3.send(
      new CreateBucketCommand({
        Bucket,
        CreateBucketConfiguration: { LocationConstraint: localRegion },
      }),
    );
    const Policy = JSON.stringify(backupBucketPolicy(arn, key));
    await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
  });
  after(async () => {
    s3.destroy();
    await aws.stop();
    scratch.remove();
  });

  const put = (Key: string, more: object) =>
    s3.send(new PutObjectCommand({ Bucket, Key, Body: "one", ...more }));
  const refused = (work: Promise<unknown>, status: number) =>
    assert.rejects(work, (error: { $metadata?: { httpStatusCode?: number } }) => {
      assert.equal(error.$metadata?.httpStatusCode, status);
      return true;
    });

  it("takes a new object, and nothing in its place", async () => {
    await put("new", { IfNoneMatch: "*" });
    await refused(put("new", { IfNoneMatch: "*" }), 412);
    await refused(put("new", {}), 403);
    await refused(put("another", {}), 403);
  });

  it("takes no other encryption than its own", async () => {
    const encrypted = (SSEKMSKeyId: string) => ({
      IfNoneMatch: "*",
      ServerSideEncryption: "aws:kms",
      SSEKMSKeyId,
    });
    await put("ours", encrypted(key));
    await refused(put("other", encrypted(otherKey)), 403);
    await refused(put("plain", { IfNoneMatch: "*", ServerSideEncryption: "AES256" }), 403);
  });

  it("takes an upload in parts, which says in its end that it is new", async () => {
    const begin = async (Key: string) => {
      const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key }));
      const part = { Bucket, Key, UploadId, PartNumber: 1 };
      const { ETag } = await s3.send(new UploadPartCommand({ ...part, Body: "one" }));
      const Parts = [{ PartNumber: 1, ETag }];
      return (more: object) =>
        s3.send(
          new CompleteMultipartUploadCommand({
            ...{ Bucket, Key, UploadId, MultipartUpload: { Parts } },
            ...more,
          }),
        );
    };
    await refused((await begin("parts"))({}), 403);
    await (
      await begin("parts")
    )({ IfNoneMatch: "*" });
    await s3.send(new GetObjectCommand({ Bucket, Key: "parts" }));
  });

  it("deletes nothing", async () => {
    await refused(s3.send(new DeleteObjectCommand({ Bucket, Key: "new" })), 403);
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: "new" }));
    assert.equal(await Body?.transformToString(), "one");
  });
});
