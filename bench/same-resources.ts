/**
 * A Pulumi program that registers the resources of an exported state and knows nothing else: no
 * settings, no components' code, no input that is worked out. What such a stack costs at least.
 */
import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";

interface Exported {
  readonly urn: string;
  readonly type: string;
  readonly custom?: boolean;
  readonly protect?: boolean;
  readonly parent?: string;
  readonly provider?: string;
  readonly inputs?: pulumi.Inputs;
}

class Provider extends pulumi.ProviderResource {}
class Custom extends pulumi.CustomResource {}

/** How an export with `--show-secrets` writes a secret. */
const secretMark = "4dabf18193072939515e22adb298388d";
const providerType = "pulumi:providers:";

const resources = JSON.parse(readFileSync("resources.json", "utf8")) as readonly Exported[];
const versions = new Map(
  resources.map(({ urn, inputs }) => [urn, inputs?.version as string | undefined]),
);
const registered = new Map<string, pulumi.Resource>();
for (const resource of resources) {
  if (resource.type === "pulumi:pulumi:Stack" || isDefaultProvider(resource.urn)) continue;
  registered.set(resource.urn, register(resource));
}

function register(resource: Exported): pulumi.Resource {
  const { type, custom, protect } = resource;
  const name = nameOf(resource.urn);
  const inputs = plain(resource.inputs ?? {});
  const parent = registered.get(resource.parent ?? "");
  const providerUrn = resource.provider?.split("::").slice(0, -1).join("::") ?? "";
  const provider = registered.get(providerUrn) as pulumi.ProviderResource | undefined;
  const version = versions.get(providerUrn);
  const options: pulumi.CustomResourceOptions = {
    ...(parent && { parent }),
    ...(provider && { provider }),
    ...(protect !== undefined && { protect }),
    ...(version !== undefined && { version }),
  };
  if (type.startsWith(providerType)) {
    return new Provider(type.slice(providerType.length), name, inputs, options);
  }
  if (custom !== true) return new pulumi.ComponentResource(type, name, {}, options);
  return new Custom(type, name, inputs, options);
}

function nameOf(urn: string): string {
  return urn.split("::").at(-1) ?? "";
}

function isDefaultProvider(urn: string): boolean {
  return urn.includes(providerType) && nameOf(urn).startsWith("default");
}

function plain<Value>(value: Value): Value {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(plain) as Value;
  if (secretMark in value) {
    return pulumi.secret(
      JSON.parse((value as unknown as { plaintext: string }).plaintext),
    ) as Value;
  }
  const entries = Object.entries(value).map(([key, each]) => [key, plain(each) as unknown]);
  return Object.fromEntries(entries) as Value;
}
