/**
 * Who may do what, as AWS policy documents: plain values, so that tests can judge them. ARNs come in as
 * they are. docs/backup-store.md says what they prevent and what not.
 */
export interface Statement {
  readonly Sid: string;
  readonly Effect: "Allow" | "Deny";
  readonly Principal?: Readonly<Record<string, string>>;
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Condition?: Readonly<
    Record<string, Readonly<Record<string, string | readonly string[]>>>
  >;
}

export interface PolicyDocument {
  readonly Version: "2012-10-17";
  readonly Statement: readonly Statement[];
}

const everybody = { AWS: "*" } as const;

function document(...statements: readonly Statement[]): PolicyDocument {
  return { Version: "2012-10-17", Statement: statements };
}

/** The bucket's own policy. A `Deny` holds against everybody, administrators of the account included. */
export function backupBucketPolicy(bucketArn: string, keyArn: string): PolicyDocument {
  const objects = `${bucketArn}/*`;
  return document(
    ...onlyHttps(bucketArn),
    {
      Sid: "NobodyDeletes",
      Effect: "Deny",
      Principal: everybody,
      Action: ["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:BypassGovernanceRetention"],
      Resource: objects,
    },
    {
      Sid: "NobodyDeletesTheBucket",
      Effect: "Deny",
      Principal: everybody,
      Action: "s3:DeleteBucket",
      Resource: bucketArn,
    },
    {
      // Creating a multipart upload and its parts take no such header; completing it does.
      Sid: "NothingIsOverwritten",
      Effect: "Deny",
      Principal: everybody,
      Action: "s3:PutObject",
      Resource: objects,
      Condition: {
        Null: { "s3:if-none-match": "true" },
        Bool: { "s3:ObjectCreationOperation": "true" },
      },
    },
    {
      // A write that names no encryption gets the bucket's own, which is this key.
      Sid: "NoOtherEncryption",
      Effect: "Deny",
      Principal: everybody,
      Action: "s3:PutObject",
      Resource: objects,
      Condition: {
        Null: { "s3:x-amz-server-side-encryption": "false" },
        StringNotEquals: { "s3:x-amz-server-side-encryption-aws-kms-key-id": keyArn },
      },
    },
    {
      Sid: "NoKeysOfCustomers",
      Effect: "Deny",
      Principal: everybody,
      Action: "s3:PutObject",
      Resource: objects,
      Condition: { Null: { "s3:x-amz-server-side-encryption-customer-algorithm": "false" } },
    },
  );
}

/** The copy in the second region: only S3's replication, which is not `PutObject`, writes there. */
export function replicaBucketPolicy(bucketArn: string): PolicyDocument {
  return document(...onlyHttps(bucketArn), {
    Sid: "OnlyReplicationWrites",
    Effect: "Deny",
    Principal: everybody,
    Action: [
      "s3:PutObject",
      "s3:DeleteObject",
      "s3:DeleteObjectVersion",
      "s3:BypassGovernanceRetention",
      "s3:DeleteBucket",
    ],
    Resource: [bucketArn, `${bucketArn}/*`],
  });
}

/** S3 puts the access logs of one bucket there; nobody deletes one. */
export function logBucketPolicy(
  bucketArn: string,
  loggedBucketArn: string,
  prefix: string,
): PolicyDocument {
  return document(
    {
      Sid: "S3DeliversLogs",
      Effect: "Allow",
      Principal: { Service: "logging.s3.amazonaws.com" },
      Action: ["s3:PutObject"],
      Resource: `${bucketArn}/${prefix}*`,
      Condition: { ArnLike: { "aws:SourceArn": loggedBucketArn } },
    },
    ...onlyHttps(bucketArn),
    {
      Sid: "NobodyDeletes",
      Effect: "Deny",
      Principal: everybody,
      Action: ["s3:DeleteObject", "s3:DeleteObjectVersion"],
      Resource: `${bucketArn}/*`,
    },
  );
}

function onlyHttps(bucketArn: string): readonly Statement[] {
  const all = {
    Effect: "Deny",
    Principal: everybody,
    Action: "s3:*",
    Resource: [bucketArn, `${bucketArn}/*`],
  } as const;
  return [
    { ...all, Sid: "OnlyHttps", Condition: { Bool: { "aws:SecureTransport": "false" } } },
    { ...all, Sid: "OnlyTls12", Condition: { NumericLessThan: { "s3:TlsVersion": "1.2" } } },
  ];
}

/** Of the role that may only put new backups: it can't list, read or delete one. */
export function writerPolicy(bucketArn: string, keyArn: string, region: string): PolicyDocument {
  return document(
    {
      Sid: "PutBackups",
      Effect: "Allow",
      Action: ["s3:PutObject", "s3:AbortMultipartUpload"],
      Resource: `${bucketArn}/*`,
    },
    {
      // S3 asks for both when an upload in parts is put together.
      Sid: "EncryptThem",
      Effect: "Allow",
      Action: ["kms:GenerateDataKey", "kms:Decrypt"],
      Resource: keyArn,
      Condition: onlyThroughS3(region),
    },
  );
}

/** Of the role that may only read backups. */
export function readerPolicy(bucketArn: string, keyArn: string, region: string): PolicyDocument {
  return document(
    {
      Sid: "ListBackups",
      Effect: "Allow",
      Action: ["s3:ListBucket", "s3:ListBucketVersions", "s3:GetBucketLocation"],
      Resource: bucketArn,
    },
    {
      // The audit compares how the bucket is guarded with what it should be.
      Sid: "SeeHowTheyAreGuarded",
      Effect: "Allow",
      Action: [
        "s3:GetBucketObjectLockConfiguration",
        "s3:GetBucketVersioning",
        "s3:GetBucketPublicAccessBlock",
        "s3:GetEncryptionConfiguration",
      ],
      Resource: bucketArn,
    },
    {
      Sid: "ReadBackups",
      Effect: "Allow",
      Action: ["s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectRetention"],
      Resource: `${bucketArn}/*`,
    },
    {
      Sid: "DecryptThem",
      Effect: "Allow",
      Action: "kms:Decrypt",
      Resource: keyArn,
      Condition: onlyThroughS3(region),
    },
  );
}

/** Of the role that reads backups and records what it found: it may add a check, and nothing else. */
export function verifierPolicy(bucketArn: string, keyArn: string, region: string): PolicyDocument {
  return document(
    ...readerPolicy(bucketArn, keyArn, region).Statement,
    {
      Sid: "PutChecks",
      Effect: "Allow",
      Action: "s3:PutObject",
      Resource: `${bucketArn}/*/checks/*.json`,
    },
    {
      Sid: "EncryptThem",
      Effect: "Allow",
      Action: "kms:GenerateDataKey",
      Resource: keyArn,
      Condition: onlyThroughS3(region),
    },
  );
}

export interface Replication {
  readonly bucketArn: string;
  readonly keyArn: string;
  readonly region: string;
  readonly replicaArn: string;
  readonly replicaKeyArn: string;
  readonly replicaRegion: string;
}

/** Of the role with which S3 copies backups: it does not copy deletions. */
export function replicationPolicy(copy: Replication): PolicyDocument {
  return document(
    {
      Sid: "ReadTheSource",
      Effect: "Allow",
      Action: ["s3:GetReplicationConfiguration", "s3:ListBucket"],
      Resource: copy.bucketArn,
    },
    {
      Sid: "ReadItsVersions",
      Effect: "Allow",
      Action: [
        "s3:GetObjectVersionForReplication",
        "s3:GetObjectVersionAcl",
        "s3:GetObjectVersionTagging",
        "s3:GetObjectRetention",
        "s3:GetObjectLegalHold",
      ],
      Resource: `${copy.bucketArn}/*`,
    },
    {
      Sid: "WriteTheCopy",
      Effect: "Allow",
      Action: ["s3:ReplicateObject", "s3:ReplicateTags"],
      Resource: `${copy.replicaArn}/*`,
    },
    {
      Sid: "DecryptTheSource",
      Effect: "Allow",
      Action: "kms:Decrypt",
      Resource: copy.keyArn,
      Condition: onlyThroughS3(copy.region),
    },
    {
      Sid: "EncryptTheCopy",
      Effect: "Allow",
      Action: ["kms:Encrypt", "kms:GenerateDataKey"],
      Resource: copy.replicaKeyArn,
      Condition: onlyThroughS3(copy.replicaRegion),
    },
  );
}

export const s3MayAssume: PolicyDocument = document({
  Sid: "S3Replicates",
  Effect: "Allow",
  Principal: { Service: "s3.amazonaws.com" },
  Action: "sts:AssumeRole",
});

/**
 * Lets pods with one of the service accounts (`namespace/name`) take on the role, and no other pod of
 * the cluster.
 */
export function serviceAccountsMayAssume(
  oidcProviderArn: string,
  serviceAccounts: readonly string[],
): PolicyDocument {
  const issuer = oidcProviderArn.slice(oidcProviderArn.indexOf("/") + 1);
  return document({
    Sid: "ServiceAccounts",
    Effect: "Allow",
    Principal: { Federated: oidcProviderArn },
    Action: "sts:AssumeRoleWithWebIdentity",
    Condition: {
      StringEquals: {
        [`${issuer}:aud`]: "sts.amazonaws.com",
        [`${issuer}:sub`]: serviceAccounts.map(
          (account) => `system:serviceaccount:${account.replace("/", ":")}`,
        ),
      },
    },
  });
}

function onlyThroughS3(region: string) {
  return { StringEquals: { "kms:ViaService": `s3.${region}.amazonaws.com` } };
}
