import type { BucketLocationConstraint, S3 } from "@aws-sdk/client-s3";
import { LocalError } from "../../errors.ts";
import { at, type Properties, type ResourceType } from "../server/resource-type.ts";
import { type Client, unlessMissing } from "./client.ts";
import { tagList, tagsOf, withName } from "./names.ts";

type Inputs = Properties & {
  bucket: string;
  region?: string;
  objectLockEnabled?: boolean;
  forceDestroy?: boolean;
  tags?: Record<string, string>;
};
type Outputs = Inputs & {
  arn: string;
  region: string;
  bucketDomainName: string;
  bucketRegionalDomainName: string;
};

const gone = ["NotFound", "NoSuchBucket"] as const;

export const bucket: ResourceType<Client, Inputs, Outputs> = {
  token: "aws:s3/bucket:Bucket",

  check: (inputs, context) => ({ inputs: withName("bucket", inputs, context) }),
  replaces: at("bucket", "region", "objectLockEnabled"),
  deleteBeforeReplace: (olds, news) => olds.bucket === news.bucket,

  async create(client, inputs) {
    const region = inputs.region ?? client.region;
    const s3 = await client.s3(region);
    await s3.createBucket({
      Bucket: inputs.bucket,
      ObjectLockEnabledForBucket: inputs.objectLockEnabled ?? false,
      // S3 takes every region but this one here.
      ...(region !== "us-east-1" && {
        CreateBucketConfiguration: { LocationConstraint: region as BucketLocationConstraint },
      }),
    });
    await putTags(s3, inputs);
    return { id: inputs.bucket, properties: outputsOf(inputs, region) };
  },

  async read(client, id, known) {
    const [name = id, named] = id.split("@");
    const region = known?.properties.region ?? named ?? client.region;
    const s3 = await client.s3(region);
    if ((await unlessMissing(s3.headBucket({ Bucket: name }), ...gone)) === undefined) {
      return undefined;
    }
    const lock = await unlessMissing(
      s3.getObjectLockConfiguration({ Bucket: name }),
      "ObjectLockConfigurationNotFoundError",
    );
    const tagging = await unlessMissing(s3.getBucketTagging({ Bucket: name }), "NoSuchTagSet");
    const tags = tagsOf(tagging?.TagSet);
    const isLocked = lock?.ObjectLockConfiguration?.ObjectLockEnabled === "Enabled";
    const inputs: Inputs = {
      bucket: name,
      ...((named ?? known?.inputs.region) !== undefined && { region }),
      ...((isLocked || known?.inputs.objectLockEnabled !== undefined) && {
        objectLockEnabled: isLocked,
      }),
      // No property of the bucket, but of how this program deletes it.
      ...(known?.inputs.forceDestroy !== undefined && {
        forceDestroy: known.inputs.forceDestroy,
      }),
      ...(tags !== undefined && { tags }),
    };
    return { id: name, inputs, properties: outputsOf(inputs, region) };
  },

  async update(client, inputs, { properties }) {
    await putTags(await client.s3(properties.region), inputs);
    return outputsOf(inputs, properties.region);
  },

  async delete(client, id, { inputs, properties }) {
    const s3 = await client.s3(properties.region);
    if (inputs.forceDestroy === true) await empty(s3, id);
    try {
      await unlessMissing(s3.deleteBucket({ Bucket: id }), ...gone);
    } catch (error) {
      if (!(error instanceof Error) || error.name !== "BucketNotEmpty") throw error;
      throw new LocalError(`The bucket ${id} is not empty, so it can't be deleted.`, {
        remedy: "Delete its objects first, or set forceDestroy where they may go.",
        cause: error,
      });
    }
  },
};

function outputsOf(inputs: Inputs, region: string): Outputs {
  return {
    ...inputs,
    region,
    arn: `arn:aws:s3:::${inputs.bucket}`,
    bucketDomainName: `${inputs.bucket}.s3.amazonaws.com`,
    bucketRegionalDomainName: `${inputs.bucket}.s3.${region}.amazonaws.com`,
  };
}

async function putTags(s3: S3, { bucket: Bucket, tags = {} }: Inputs): Promise<void> {
  if (Object.keys(tags).length === 0) await s3.deleteBucketTagging({ Bucket });
  else await s3.putBucketTagging({ Bucket, Tagging: { TagSet: tagList(tags) } });
}

async function empty(s3: S3, Bucket: string): Promise<void> {
  const list = await unlessMissing(s3.listObjectVersions({ Bucket }), ...gone);
  if (list === undefined) return;
  const Objects = [...(list.Versions ?? []), ...(list.DeleteMarkers ?? [])].map(
    ({ Key, VersionId }) => ({ Key, VersionId }),
  );
  if (Objects.length === 0) return;
  const { Errors = [] } = await s3.deleteObjects({ Bucket, Delete: { Objects, Quiet: true } });
  const [first] = Errors;
  if (first !== undefined) {
    throw new LocalError(
      `${first.Key ?? "An object"} of the bucket ${Bucket} can't be deleted: ${first.Message ?? first.Code ?? "refused"}.`,
      { remedy: "A locked object goes when its lock has ended." },
    );
  }
  await empty(s3, Bucket);
}
