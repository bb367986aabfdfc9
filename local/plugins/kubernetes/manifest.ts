import { isObject, isUnknown } from "../server/values.ts";

/** An object of Kubernetes as it is on the wire. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Metadata;
  readonly [key: string]: unknown;
}

interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly generation?: number;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly [key: string]: unknown;
}

/** What a program declares: parts may be left out, or unknown while it is previewed. */
export interface Declared extends Record<string, unknown> {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: unknown;
}

/** The annotation by which Pulumi's provider knows a name that it gave itself. */
const autonamed = "pulumi.com/autonamed";

const setByTheServer = [
  "creationTimestamp",
  "deletionGracePeriodSeconds",
  "deletionTimestamp",
  "generation",
  "managedFields",
  "resourceVersion",
  "selfLink",
  "uid",
];

/**
 * The manifest with its kind and a name: that of the program, else the one that the old inputs were
 * given, else a new one.
 */
export function named(
  declared: Declared,
  context: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly name: string;
    readonly suffix: string;
    readonly olds: Declared | undefined;
  },
): Declared {
  const { apiVersion, kind, name, suffix, olds } = context;
  const given = { ...declared, apiVersion, kind };
  if (isUnknown(declared.metadata)) return given;
  const metadata = withoutServersOwn(metadataOf(declared));
  if (metadata.name !== undefined) return { ...given, metadata };
  const oldMetadata = olds === undefined ? {} : metadataOf(olds);
  const kept = isAutonamed(oldMetadata) ? oldMetadata.name : undefined;
  const annotations = { ...objectOf(metadata.annotations), [autonamed]: "true" };
  return { ...given, metadata: { ...metadata, name: kept ?? `${name}-${suffix}`, annotations } };
}

/** Whether the new object takes the old one's name, so that they can't be there together. */
export function takesTheName(olds: Declared, news: Declared): boolean {
  const [old, wanted] = [metadataOf(olds), metadataOf(news)];
  return !isAutonamed(wanted) && old.name === wanted.name && old.namespace === wanted.namespace;
}

/** `namespace/name`, or `name` of what is in no namespace. */
export function idOf({ metadata }: Manifest): string {
  return metadata.namespace === undefined
    ? metadata.name
    : `${metadata.namespace}/${metadata.name}`;
}

export function placeOf(id: string): { readonly name: string; readonly namespace?: string } {
  const [first = "", second] = id.split("/");
  return second === undefined ? { name: first } : { namespace: first, name: second };
}

/** What can be declared of an object that nothing is known of yet. */
export function declarable(live: Manifest): Declared {
  return { ...without(live, ["status"]), metadata: withoutServersOwn(live.metadata) };
}

/** What the state keeps of an object: all but who owns which field. */
export function outputsOf(live: Manifest): Record<string, unknown> {
  return { ...live, metadata: without(live.metadata, ["managedFields"]) };
}

export function annotationOf(declared: Declared, name: string): unknown {
  return objectOf(metadataOf(declared).annotations)[name];
}

export function metadataOf(declared: Declared): Record<string, unknown> {
  return objectOf(declared.metadata);
}

function isAutonamed(metadata: Record<string, unknown>): boolean {
  return objectOf(metadata.annotations)[autonamed] === "true";
}

function withoutServersOwn(metadata: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return without(metadata, setByTheServer);
}

function without(
  object: Readonly<Record<string, unknown>>,
  names: readonly string[],
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !names.includes(key)));
}

function objectOf(value: unknown): Record<string, unknown> {
  return isObject(value) ? value : {};
}
