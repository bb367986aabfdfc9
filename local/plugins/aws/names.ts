import type { CheckContext } from "../server/resource-type.ts";
import { isObject } from "../server/values.ts";

/** Where the API's spelling of a property is not that of the provider with a capital. */
const special: Readonly<Record<string, string>> = {
  id: "ID",
  kmsMasterKeyId: "KMSMasterKeyID",
  replicaKmsKeyId: "ReplicaKmsKeyID",
  sseAlgorithm: "SSEAlgorithm",
};
const specialBack = Object.fromEntries(
  Object.entries(special).map(([ours, theirs]) => [theirs, ours]),
);

/** Properties as the API of S3 spells them. */
export function toApi(value: unknown): unknown {
  return renamed(value, (key) => special[key] ?? key.charAt(0).toUpperCase() + key.slice(1));
}

/** An answer of the API of S3 as the provider spells it. */
export function fromApi(value: unknown): unknown {
  return renamed(value, (key) => specialBack[key] ?? key.charAt(0).toLowerCase() + key.slice(1));
}

function renamed(value: unknown, rename: (key: string) => string): unknown {
  if (Array.isArray(value)) return value.map((child) => renamed(child, rename));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, child]) =>
      child === undefined || child === null ? [] : [[rename(key), renamed(child, rename)]],
    ),
  );
}

type TagList = readonly { Key?: string | undefined; Value?: string | undefined }[];

export function tagList(tags: Readonly<Record<string, string>> = {}) {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

/** Undefined for none, as in a program that sets none. */
export function tagsOf(list: TagList = []): Record<string, string> | undefined {
  if (list.length === 0) return undefined;
  return Object.fromEntries(list.map(({ Key = "", Value = "" }) => [Key, Value]));
}

/** A name that the program leaves open is made of the resource's, and kept. */
export function withName<Inputs extends object>(
  property: keyof Inputs & string,
  inputs: Inputs,
  { name, olds, suffix }: CheckContext<Inputs>,
): Inputs {
  if (property in inputs) return inputs;
  return { ...inputs, [property]: olds?.[property] ?? `${name}-${suffix}` };
}
