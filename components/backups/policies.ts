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

/** S3 puts the access logs of one bucket of this account there; nobody deletes one, or the bucket. */
export function logBucketPolicy(
  bucketArn: string,
  logged: { readonly bucketArn: string; readonly account: string },
  prefix: string,
): PolicyDocument {
  return document(
    {
      Sid: "S3DeliversLogs",
      Effect: "Allow",
      Principal: { Service: "logging.s3.amazonaws.com" },
      Action: ["s3:PutObject"],
      Resource: `${bucketArn}/${prefix}*`,
      // The name of a bucket can become another account's.
      Condition: {
        ArnLike: { "aws:SourceArn": logged.bucketArn },
        StringEquals: { "aws:SourceAccount": logged.account },
      },
    },
    ...onlyHttps(bucketArn),
    {
      Sid: "NobodyDeletes",
      Effect: "Deny",
      Principal: everybody,
      Action: ["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:DeleteBucket"],
      Resource: [bucketArn, `${bucketArn}/*`],
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

/** A bucket of backups, and where it is. */
export interface BackupPlace {
  readonly bucketArn: string;
  readonly keyArn: string;
  readonly region: string;
}

/** Of the role that may only put new backups: it can't list, read or delete one. */
export function writerPolicy({ bucketArn, keyArn, region }: BackupPlace): PolicyDocument {
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

/** Of the role that goes on from the last backup: it reads what is there, and puts the next. */
export function appenderPolicy(place: BackupPlace): PolicyDocument {
  return document(
    ...writerPolicy(place).Statement,
    {
      Sid: "ListBackups",
      Effect: "Allow",
      Action: "s3:ListBucket",
      Resource: place.bucketArn,
    },
    {
      Sid: "ReadBackups",
      Effect: "Allow",
      Action: "s3:GetObject",
      Resource: `${place.bucketArn}/*`,
    },
  );
}

/** Of the role that may only read backups, those of the copy in a second region too. */
export function readerPolicy(place: BackupPlace, copy?: BackupPlace): PolicyDocument {
  return document(
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
      Resource: place.bucketArn,
    },
    ...reads(place, "Backups"),
    ...(copy === undefined ? [] : reads(copy, "Copies")),
  );
}

function reads({ bucketArn, keyArn, region }: BackupPlace, what: string): readonly Statement[] {
  return [
    {
      Sid: `List${what}`,
      Effect: "Allow",
      Action: ["s3:ListBucket", "s3:ListBucketVersions", "s3:GetBucketLocation"],
      Resource: bucketArn,
    },
    {
      Sid: `Read${what}`,
      Effect: "Allow",
      Action: ["s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectRetention"],
      Resource: `${bucketArn}/*`,
    },
    {
      Sid: `Decrypt${what}`,
      Effect: "Allow",
      Action: "kms:Decrypt",
      Resource: keyArn,
      Condition: onlyThroughS3(region),
    },
  ];
}

/** Of the role that reads backups and records what it found: it may add a check, and nothing else. */
export function verifierPolicy(place: BackupPlace, copy?: BackupPlace): PolicyDocument {
  const { bucketArn, keyArn, region } = place;
  return document(
    ...readerPolicy(place, copy).Statement,
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

/** Of the role with which S3 copies backups: it does not copy deletions. */
export function replicationPolicy(from: BackupPlace, to: BackupPlace): PolicyDocument {
  return document(
    {
      Sid: "ReadTheSource",
      Effect: "Allow",
      Action: ["s3:GetReplicationConfiguration", "s3:ListBucket"],
      Resource: from.bucketArn,
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
      Resource: `${from.bucketArn}/*`,
    },
    {
      Sid: "WriteTheCopy",
      Effect: "Allow",
      Action: ["s3:ReplicateObject", "s3:ReplicateTags"],
      Resource: `${to.bucketArn}/*`,
    },
    {
      Sid: "DecryptTheSource",
      Effect: "Allow",
      Action: "kms:Decrypt",
      Resource: from.keyArn,
      Condition: onlyThroughS3(from.region),
    },
    {
      Sid: "EncryptTheCopy",
      Effect: "Allow",
      Action: ["kms:Encrypt", "kms:GenerateDataKey"],
      Resource: to.keyArn,
      Condition: onlyThroughS3(to.region),
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
