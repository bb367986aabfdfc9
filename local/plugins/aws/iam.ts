import { at, type Properties, type ResourceType } from "../server/resource-type.ts";
import { sameJson } from "../server/values.ts";
import { type Client, unlessMissing } from "./client.ts";
import { tagList, tagsOf, withName } from "./names.ts";

type RoleInputs = Properties & {
  name: string;
  assumeRolePolicy: string;
  description?: string;
  maxSessionDuration?: number;
  path?: string;
  tags?: Record<string, string>;
};
type RoleOutputs = RoleInputs & { arn: string; uniqueId: string };

const gone = "NoSuchEntityException";
const usual = { path: "/", maxSessionDuration: 3_600 };

export const role: ResourceType<Client, RoleInputs, RoleOutputs> = {
  token: "aws:iam/role:Role",
  check: (inputs, context) => ({ inputs: withName("name", inputs, context) }),
  replaces: at("name", "path"),
  deleteBeforeReplace: (olds, news) => olds.name === news.name,
  same: (path, left, right) => path[0] === "assumeRolePolicy" && sameJson(left, right),

  async create(client, inputs) {
    const iam = await client.iam();
    const { Role } = await iam.createRole({
      RoleName: inputs.name,
      AssumeRolePolicyDocument: inputs.assumeRolePolicy,
      Description: inputs.description,
      MaxSessionDuration: inputs.maxSessionDuration ?? usual.maxSessionDuration,
      Path: inputs.path ?? usual.path,
      Tags: tagList(inputs.tags),
    });
    const properties = { ...inputs, arn: Role?.Arn ?? "", uniqueId: Role?.RoleId ?? "" };
    return { id: inputs.name, properties };
  },

  async read(client, id, known) {
    const iam = await client.iam();
    const found = await unlessMissing(iam.getRole({ RoleName: id }), gone);
    const live = found?.Role;
    if (live === undefined) return undefined;
    const tags = tagsOf(live.Tags);
    const inputs: RoleInputs = {
      name: id,
      assumeRolePolicy: decodeURIComponent(live.AssumeRolePolicyDocument ?? ""),
      ...(live.Description !== undefined &&
        live.Description !== "" && { description: live.Description }),
      ...((live.MaxSessionDuration !== usual.maxSessionDuration ||
        known?.inputs.maxSessionDuration !== undefined) && {
        maxSessionDuration: live.MaxSessionDuration ?? usual.maxSessionDuration,
      }),
      ...((live.Path !== usual.path || known?.inputs.path !== undefined) && {
        path: live.Path ?? usual.path,
      }),
      ...(tags !== undefined && { tags }),
    };
    const properties = { ...inputs, arn: live.Arn ?? "", uniqueId: live.RoleId ?? "" };
    return { inputs, properties };
  },

  async update(client, inputs, { inputs: olds, properties: { arn, uniqueId } }) {
    const iam = await client.iam();
    const RoleName = inputs.name;
    await iam.updateAssumeRolePolicy({ RoleName, PolicyDocument: inputs.assumeRolePolicy });
    await iam.updateRole({
      RoleName,
      Description: inputs.description ?? "",
      MaxSessionDuration: inputs.maxSessionDuration ?? usual.maxSessionDuration,
    });
    const removed = Object.keys(olds.tags ?? {}).filter((tag) => !(tag in (inputs.tags ?? {})));
    if (removed.length > 0) await iam.untagRole({ RoleName, TagKeys: removed });
    const Tags = tagList(inputs.tags);
    if (Tags.length > 0) await iam.tagRole({ RoleName, Tags });
    return { ...inputs, arn, uniqueId };
  },

  async delete(client, id) {
    const iam = await client.iam();
    await unlessMissing(iam.deleteRole({ RoleName: id }), gone);
  },
};

type RolePolicyInputs = Properties & { name: string; role: string; policy: string };

export const rolePolicy: ResourceType<Client, RolePolicyInputs, RolePolicyInputs> = {
  token: "aws:iam/rolePolicy:RolePolicy",
  check: (inputs, context) => ({ inputs: withName("name", inputs, context) }),
  replaces: at("name", "role"),
  deleteBeforeReplace: (olds, news) => olds.name === news.name && olds.role === news.role,
  same: (path, left, right) => path[0] === "policy" && sameJson(left, right),

  async create(client, inputs) {
    await put(client, inputs);
    return { id: `${inputs.role}:${inputs.name}`, properties: inputs };
  },

  async read(client, id) {
    const [roleName = "", name = ""] = id.split(":");
    const iam = await client.iam();
    const found = await unlessMissing(
      iam.getRolePolicy({ RoleName: roleName, PolicyName: name }),
      gone,
    );
    if (found?.PolicyDocument === undefined) return undefined;
    const policy = decodeURIComponent(found.PolicyDocument);
    const inputs = { name, role: roleName, policy };
    return { inputs, properties: inputs };
  },

  async update(client, inputs) {
    await put(client, inputs);
    return inputs;
  },

  async delete(client, _id, { inputs }) {
    const iam = await client.iam();
    await unlessMissing(
      iam.deleteRolePolicy({ RoleName: inputs.role, PolicyName: inputs.name }),
      gone,
    );
  },
};

async function put(client: Client, inputs: RolePolicyInputs): Promise<void> {
  const iam = await client.iam();
  await iam.putRolePolicy({
    RoleName: inputs.role,
    PolicyName: inputs.name,
    PolicyDocument: inputs.policy,
  });
}
