import type { KMS } from "@aws-sdk/client-kms";
import { at, type Properties, type ResourceType } from "../server/resource-type.ts";
import { sameJson } from "../server/values.ts";
import { type Client, unlessMissing } from "./client.ts";

type KeyInputs = Properties & {
  description?: string;
  region?: string;
  enableKeyRotation?: boolean;
  deletionWindowInDays?: number;
  policy?: string;
  tags?: Record<string, string>;
};
type KeyOutputs = KeyInputs & { arn: string; keyId: string; region: string };

const gone = "NotFoundException";
const usualDeletionWindow = 30;

export const key: ResourceType<Client, KeyInputs, KeyOutputs> = {
  token: "aws:kms/key:Key",
  replaces: at("region"),
  same: (path, left, right) => path[0] === "policy" && sameJson(left, right),

  async create(client, inputs) {
    const region = inputs.region ?? client.region;
    const kms = await client.kms(region);
    const { KeyMetadata } = await kms.createKey({
      Description: inputs.description,
      Policy: inputs.policy,
      Tags: tagList(inputs.tags),
    });
    const { Arn: arn = "", KeyId: keyId = "" } = KeyMetadata ?? {};
    await rotate(kms, keyId, inputs);
    return { id: keyId, properties: { ...inputs, region, arn, keyId } };
  },

  async read(client, id, known) {
    const [KeyId = id, named] = id.split("@");
    const region = known?.properties.region ?? named ?? client.region;
    const kms = await client.kms(region);
    const found = await unlessMissing(kms.describeKey({ KeyId }), gone);
    const metadata = found?.KeyMetadata;
    if (metadata === undefined || metadata.KeyState === "PendingDeletion") return undefined;
    const { KeyRotationEnabled = false } = await kms.getKeyRotationStatus({ KeyId });
    const { Tags = [] } = await kms.listResourceTags({ KeyId });
    const { Policy } = await kms.getKeyPolicy({ KeyId, PolicyName: "default" });
    const { Description: live = "" } = metadata;
    const { description, deletionWindowInDays, enableKeyRotation } = known?.inputs ?? {};
    const inputs: KeyInputs = {
      ...((live !== "" || description !== undefined) && { description: live }),
      ...((named ?? known?.inputs.region) !== undefined && { region }),
      ...((KeyRotationEnabled || enableKeyRotation !== undefined) && {
        enableKeyRotation: KeyRotationEnabled,
      }),
      // No property of the key, but of how this program deletes it.
      ...(deletionWindowInDays !== undefined && { deletionWindowInDays }),
      ...(known?.inputs.policy !== undefined && Policy !== undefined && { policy: Policy }),
      ...(Tags.length > 0 && {
        tags: Object.fromEntries(Tags.map(({ TagKey = "", TagValue = "" }) => [TagKey, TagValue])),
      }),
    };
    const { Arn: arn = "", KeyId: keyId = KeyId } = metadata;
    return { id: keyId, inputs, properties: { ...inputs, region, arn, keyId } };
  },

  async update(client, inputs, { id: KeyId, inputs: olds, properties }) {
    const { region, arn, keyId } = properties;
    const kms = await client.kms(region);
    if (inputs.description !== olds.description) {
      await kms.updateKeyDescription({ KeyId, Description: inputs.description ?? "" });
    }
    if (inputs.policy !== undefined && inputs.policy !== olds.policy) {
      await kms.putKeyPolicy({ KeyId, PolicyName: "default", Policy: inputs.policy });
    }
    await rotate(kms, KeyId, inputs);
    const removed = Object.keys(olds.tags ?? {}).filter((tag) => !(tag in (inputs.tags ?? {})));
    if (removed.length > 0) await kms.untagResource({ KeyId, TagKeys: removed });
    const Tags = tagList(inputs.tags);
    if (Tags.length > 0) await kms.tagResource({ KeyId, Tags });
    return { ...inputs, region, arn, keyId };
  },

  async delete(client, id, { inputs, properties }) {
    const kms = await client.kms(properties.region);
    const PendingWindowInDays = inputs.deletionWindowInDays ?? usualDeletionWindow;
    await unlessMissing(kms.scheduleKeyDeletion({ KeyId: id, PendingWindowInDays }), gone);
  },
};

async function rotate(kms: KMS, KeyId: string, { enableKeyRotation }: KeyInputs): Promise<void> {
  if (enableKeyRotation === true) await kms.enableKeyRotation({ KeyId });
  if (enableKeyRotation === false) await kms.disableKeyRotation({ KeyId });
}

function tagList(tags: Readonly<Record<string, string>> = {}) {
  return Object.entries(tags).map(([TagKey, TagValue]) => ({ TagKey, TagValue }));
}

type AliasInputs = Properties & { name: string; targetKeyId: string; region?: string };
type AliasOutputs = AliasInputs & { arn: string; region: string };

export const alias: ResourceType<Client, AliasInputs, AliasOutputs> = {
  token: "aws:kms/alias:Alias",
  replaces: at("name", "region"),
  deleteBeforeReplace: (olds, news) => olds.name === news.name,

  async create(client, inputs) {
    const region = inputs.region ?? client.region;
    const kms = await client.kms(region);
    await kms.createAlias({ AliasName: inputs.name, TargetKeyId: inputs.targetKeyId });
    const found = await findAlias(kms, inputs.name);
    return {
      id: inputs.name,
      properties: { ...inputs, region, arn: found?.AliasArn ?? "" },
    };
  },

  async read(client, id, known) {
    const [name = id, named] = id.split("@");
    const region = known?.properties.region ?? named ?? client.region;
    const found = await findAlias(await client.kms(region), name);
    if (found?.TargetKeyId === undefined) return undefined;
    const inputs: AliasInputs = {
      name,
      targetKeyId: found.TargetKeyId,
      ...((named ?? known?.inputs.region) !== undefined && { region }),
    };
    return { id: name, inputs, properties: { ...inputs, region, arn: found.AliasArn ?? "" } };
  },

  async update(client, inputs, { properties: { region, arn } }) {
    const kms = await client.kms(region);
    await kms.updateAlias({ AliasName: inputs.name, TargetKeyId: inputs.targetKeyId });
    return { ...inputs, region, arn };
  },

  async delete(client, id, { properties }) {
    const kms = await client.kms(properties.region);
    await unlessMissing(kms.deleteAlias({ AliasName: id }), gone);
  },
};

async function findAlias(kms: KMS, name: string, Marker?: string) {
  const page = await kms.listAliases(Marker === undefined ? {} : { Marker });
  const found = page.Aliases?.find(({ AliasName }) => AliasName === name);
  if (found !== undefined || page.NextMarker === undefined) return found;
  return findAlias(kms, name, page.NextMarker);
}
