import {
  CreateAliasCommand,
  CreateKeyCommand,
  DescribeKeyCommand,
  EnableKeyRotationCommand,
  KMSClient,
  NotFoundException,
} from "@aws-sdk/client-kms";
import {
  CreateBucketCommand,
  HeadBucketCommand,
  PutBucketEncryptionCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutPublicAccessBlockCommand,
  S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { LocalError, messageOf } from "../errors.ts";

export interface BackendOptions {
  readonly stack: string;
  /** Name of the bucket; `aleo-ops-state-<stack>-<account>` where it is left out. */
  readonly bucket?: string;
}

/** Where a stack's state and secrets are kept. */
export interface Backend {
  readonly bucket: string;
  readonly keyArn: string;
  /** What was not there before. */
  readonly made: readonly ("bucket" | "key")[];
  /** For PULUMI_BACKEND_URL. */
  readonly backendUrl: string;
  /** For `pulumi stack init --secrets-provider`. */
  readonly secretsProvider: string;
}

/**
 * Makes what a public network's stack keeps its state in: an S3 bucket with versions, encrypted, closed
 * to the public and to plain HTTP, and the KMS key that encrypts it and the stack's secrets. What is
 * there already is kept, and set as it should be. AWS is the one of the environment (AWS_REGION, and
 * credentials by any of the ways of the AWS CLI).
 *
 * @throws LocalError for stack `local`, without a region, when AWS refuses or the bucket is another account's
 */
export async function makeBackend(
  options: BackendOptions,
  env: NodeJS.ProcessEnv,
): Promise<Backend> {
  const { stack } = options;
  if (stack === "local") {
    throw new LocalError("Stack local keeps its state in .state/local of this project.", {
      remedy: "Name another stack: --stack testnet.",
    });
  }
  const region = env.AWS_REGION ?? "";
  if (region === "") {
    throw new LocalError("AWS_REGION is not set: it says where the bucket and the key are made.", {
      remedy: "export AWS_REGION=eu-central-1, or the region that you want.",
    });
  }
  const endpoint = env.AWS_ENDPOINT_URL;
  const place = { region, ...(endpoint !== undefined && { endpoint }) };
  const s3 = new S3Client({ ...place, forcePathStyle: endpoint !== undefined });
  const kms = new KMSClient(place);
  const sts = new STSClient(place);
  try {
    const bucket = options.bucket ?? `aleo-ops-state-${stack}-${await accountOf(sts)}`;
    const alias = `alias/aleo-ops-state-${stack}`;
    const key = await ensureKey(kms, alias, stack);
    const isNewBucket = await ensureBucket(s3, bucket, region, key.arn);
    return {
      bucket,
      keyArn: key.arn,
      made: [
        ...(isNewBucket ? (["bucket"] as const) : []),
        ...(key.isNew ? (["key"] as const) : []),
      ],
      backendUrl: `s3://${bucket}?region=${region}&awssdk=v2`,
      secretsProvider: `awskms://${alias}?region=${region}&awssdk=v2`,
    };
  } catch (error) {
    if (error instanceof LocalError) throw error;
    throw new LocalError(`AWS in ${region} refused: ${messageOf(error)}`, {
      remedy:
        "Look at `aws sts get-caller-identity`: who makes the backend needs s3:CreateBucket, s3:Put*, kms:CreateKey and kms:CreateAlias.",
      cause: error,
    });
  } finally {
    for (const client of [s3, kms, sts]) client.destroy();
  }
}

async function accountOf(sts: STSClient): Promise<string> {
  return (await sts.send(new GetCallerIdentityCommand({}))).Account ?? "";
}

async function ensureKey(
  kms: KMSClient,
  alias: string,
  stack: string,
): Promise<{ readonly arn: string; readonly isNew: boolean }> {
  const found = await keyArn(kms, alias);
  if (found !== undefined) return { arn: found, isNew: false };
  const { KeyMetadata } = await kms.send(
    new CreateKeyCommand({
      Description: `State and secrets of Pulumi's stack ${stack} of aleo-ops`,
      Tags: [{ TagKey: "aleo-ops:stack", TagValue: stack }],
    }),
  );
  const KeyId = KeyMetadata?.KeyId ?? "";
  await kms.send(new EnableKeyRotationCommand({ KeyId }));
  await kms.send(new CreateAliasCommand({ AliasName: alias, TargetKeyId: KeyId }));
  return { arn: KeyMetadata?.Arn ?? "", isNew: true };
}

async function keyArn(kms: KMSClient, alias: string): Promise<string | undefined> {
  try {
    return (await kms.send(new DescribeKeyCommand({ KeyId: alias }))).KeyMetadata?.Arn;
  } catch (error) {
    if (error instanceof NotFoundException) return undefined;
    throw error;
  }
}

/** Whether it was made now. */
async function ensureBucket(
  s3: S3Client,
  Bucket: string,
  region: string,
  keyArn: string,
): Promise<boolean> {
  const isNew = !(await isThere(s3, Bucket));
  if (isNew) {
    // The oldest region is the one that may not be named.
    const place = region === "us-east-1" ? {} : { LocationConstraint: region as "eu-central-1" };
    await s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: place }));
  }
  await s3.send(
    new PutPublicAccessBlockCommand({
      Bucket,
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    }),
  );
  await s3.send(
    new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }),
  );
  await s3.send(
    new PutBucketEncryptionCommand({
      Bucket,
      ServerSideEncryptionConfiguration: {
        Rules: [
          {
            ApplyServerSideEncryptionByDefault: {
              SSEAlgorithm: "aws:kms",
              KMSMasterKeyID: keyArn,
            },
            BucketKeyEnabled: true,
          },
        ],
      },
    }),
  );
  await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: onlyTls(Bucket) }));
  return isNew;
}

async function isThere(s3: S3Client, Bucket: string): Promise<boolean> {
  try {
    await s3.send(new HeadBucketCommand({ Bucket }));
    return true;
  } catch (error) {
    const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
    if (status === 404) return false;
    if (status === 301 || status === 403) {
      throw new LocalError(
        `The bucket ${Bucket} is there already, in another region or of another account.`,
        { remedy: "Choose another name with --bucket, or set AWS_REGION to the bucket's region." },
      );
    }
    throw error;
  }
}

function onlyTls(bucket: string): string {
  const arn = `arn:aws:s3:::${bucket}`;
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "OnlyTls",
        Effect: "Deny",
        Principal: "*",
        Action: "s3:*",
        Resource: [arn, `${arn}/*`],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ],
  });
}

/** What was made, and what to do with it. */
export function backendText(stack: string, backend: Backend): string {
  const { bucket, keyArn, made, backendUrl, secretsProvider } = backend;
  const state = (part: "bucket" | "key") => (made.includes(part) ? "made" : "was there, set again");
  return `Bucket  ${bucket} (${state("bucket")}): versions, encrypted, not public, TLS only
Key     ${keyArn} (${state("key")})

Next:   export PULUMI_BACKEND_URL='${backendUrl}'
        make pulumi STACK=${stack} ARGS="stack init ${stack} --secrets-provider='${secretsProvider}'"`;
}
