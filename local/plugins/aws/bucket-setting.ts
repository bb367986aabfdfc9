import type { S3 } from "@aws-sdk/client-s3";
import {
  at,
  type Properties,
  type PropertyPath,
  type ResourceType,
} from "../server/resource-type.ts";
import { type Client, unlessMissing } from "./client.ts";

type Inputs = Properties & { bucket: string; region?: string };
type Outputs = Inputs & { region: string };

export interface BucketSetting {
  readonly token: string;
  /** Other inputs that S3 does not let change. */
  readonly fixed?: readonly string[];
  readonly same?: (path: PropertyPath, left: unknown, right: unknown) => boolean;
  readonly put: (s3: S3, inputs: Inputs) => Promise<unknown>;
  /** The inputs besides bucket and region as they are now; undefined where S3 has none. */
  readonly get: (s3: S3, bucket: string) => Promise<Properties | undefined>;
  readonly remove: (s3: S3, bucket: string) => Promise<unknown>;
}

/** In version 7 of the provider each setting of a bucket is a resource, with the bucket's name as id. */
export function bucketSetting(setting: BucketSetting): ResourceType<Client, Inputs, Outputs> {
  return {
    token: setting.token,
    replaces: at("bucket", "region", ...(setting.fixed ?? [])),
    deleteBeforeReplace: (olds, news) => olds.bucket === news.bucket,
    ...(setting.same !== undefined && { same: setting.same }),

    async create(client, inputs) {
      const region = inputs.region ?? client.region;
      await setting.put(await client.s3(region), inputs);
      return { id: inputs.bucket, properties: { ...inputs, region } };
    },

    async read(client, id, known) {
      const [bucket = id, named] = id.split("@");
      const region = known?.properties.region ?? named ?? client.region;
      const found = await unlessMissing(
        setting.get(await client.s3(region), bucket),
        "NoSuchBucket",
      );
      if (found === undefined) return undefined;
      const inputs = {
        bucket,
        ...((named ?? known?.inputs.region) !== undefined && { region }),
        ...found,
      };
      return { id: bucket, inputs, properties: { ...inputs, region } };
    },

    async update(client, inputs, { properties: { region } }) {
      await setting.put(await client.s3(region), inputs);
      return { ...inputs, region };
    },

    async delete(client, id, { properties }) {
      await unlessMissing(setting.remove(await client.s3(properties.region), id), "NoSuchBucket");
    },
  };
}
