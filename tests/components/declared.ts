import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";

/** A resource as it was declared, its inputs resolved. */
interface Declared {
  readonly type: string;
  readonly name: string;
  readonly parent: string | undefined;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- manifests are read in depth
  readonly inputs: any;
  /** Input properties that are secret in whole or in part, as a JSON text of the marked inputs. */
  readonly marked: string;
}

export interface Declaration {
  /** In the order of their names. */
  readonly all: readonly Declared[];
  find(name: string): Declared;
  names(): string[];
}

const resolved = new Map<string, { inputs: unknown; marked: string }>();

/** Call it once in a file, in `before`. Names that are left open are made of the resource's name. */
export async function mockResources(): Promise<void> {
  await pulumi.runtime.setMocks({
    newResource: ({ type, name, inputs }) => {
      const declared = inputs as Record<string, unknown>;
      resolved.set(name, { inputs: plain(declared), marked: JSON.stringify(declared) });
      const metadata = (declared.metadata ?? {}) as Record<string, unknown>;
      return {
        id: name,
        state: {
          ...declared,
          ...(type.startsWith("aws:") && { arn: `arn:aws:any:eu-central-1:123456789012:${name}` }),
          metadata: { ...metadata, name: metadata.name ?? `${name}-1a2b3c4` },
        },
      };
    },
    call: () => ({}),
  });
}

/** Declares what `declare` makes, and waits until all of it is registered. */
export async function declaredBy(
  declare: (options: pulumi.ComponentResourceOptions) => pulumi.ComponentResource,
): Promise<Declaration> {
  resolved.clear();
  const registered = new Map<string, { type: string; parent: string | undefined }>();
  const names = new Map<unknown, string>();
  const urns: pulumi.Output<string>[] = [];
  const record: pulumi.ResourceTransformation = ({ resource, type, name, opts }) => {
    names.set(resource, name);
    registered.set(name, { type, parent: names.get(opts.parent) });
    // Its urn is not there yet while it is constructed.
    queueMicrotask(() => urns.push(resource.urn));
    return undefined;
  };
  declare({ transformations: [record] });
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => pulumi.all(urns).apply(resolve));
  const all = [...registered]
    .map(([name, { type, parent }]) => ({
      name,
      type,
      parent,
      inputs: resolved.get(name)?.inputs,
      marked: resolved.get(name)?.marked ?? "",
    }))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
  return {
    all,
    find: (name) => all.find((one) => one.name === name) ?? assert.fail(`${name} is not declared`),
    names: () => all.map(({ name }) => name),
  };
}

/** That it refuses before it declares anything, with a text that Pulumi shows without a stack. */
export async function refuses(
  declare: (options: pulumi.ComponentResourceOptions) => pulumi.ComponentResource,
  text: RegExp,
): Promise<void> {
  let count = 0;
  const record: pulumi.ResourceTransformation = () => {
    count += 1;
    return undefined;
  };
  await assert.rejects(
    async () => Promise.resolve(declare({ transformations: [record] })),
    (error: Error) => {
      assert.ok(pulumi.RunError.isInstance(error), error.stack);
      assert.match(error.message, text);
      assert.match(error.message, /\n {2}What to do: /);
      return true;
    },
  );
  assert.equal(count, 0);
}

export function valueOf<Value>(output: pulumi.Output<Value>): Promise<Value> {
  return new Promise((resolve) => {
    output.apply((value) => {
      resolve(value);
    });
  });
}

const secretMark = "4dabf18193072939515e22adb298388d";

/** Without the marks by which the engine tells a secret. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const record = value as Record<string, unknown>;
  if (secretMark in record) return plain(record.value);
  return Object.fromEntries(Object.entries(record).map(([key, inner]) => [key, plain(inner)]));
}
