import type { Container, Pod, Wire } from "../wire.ts";
import type { V1EnvVarSource } from "@kubernetes/client-node";
import { expand } from "./expansion.ts";
import { type Capacity, containerResource, podAddress, podField } from "./fields.ts";
import { MissingReference, type Objects } from "./objects.ts";

export type Environment = Readonly<Record<string, string>>;

/**
 * The variables that a container declares, in their order: `envFrom` first, then `env`, whose values
 * may refer to the ones before. A value that means all addresses of the pod is its one address here.
 *
 * @throws MissingReference with the name of a ConfigMap, Secret or key that is not there
 */
export async function declaredEnvironment(
  pod: Pod,
  container: Container,
  objects: Pick<Objects, "data">,
  node: Capacity,
): Promise<Environment> {
  const namespace = pod.metadata?.namespace ?? "";
  const variables: Record<string, string> = {};
  for (const { prefix = "", configMapRef, secretRef } of container.envFrom ?? []) {
    const kind = configMapRef === undefined ? "secrets" : "configmaps";
    const { name = "", optional } = configMapRef ?? secretRef ?? {};
    const data = await objects.data(kind, namespace, name);
    if (data === undefined && optional !== true) throw notFound(kind, name);
    for (const [key, value] of data ?? []) variables[prefix + key] = value.toString();
  }
  const declared: Record<string, string> = {};
  for (const { name, value, valueFrom } of container.env ?? []) {
    const resolved =
      valueFrom === undefined
        ? expand(value ?? "", declared)
        : await fromSource(valueFrom, pod, container, objects, node);
    if (resolved !== undefined) declared[name] = resolved;
  }
  return Object.fromEntries(
    Object.entries({ ...variables, ...declared }).map(([name, value]) => [
      name,
      allAddresses.has(value) ? podAddress(pod) : value,
    ]),
  );
}

/** A pod's own are meant, and here those would be all of this machine's. */
const allAddresses = new Set(["::", "0.0.0.0"]);

/** Undefined for what is optional and not there. */
async function fromSource(
  source: Wire<V1EnvVarSource>,
  pod: Pod,
  container: Container,
  objects: Pick<Objects, "data">,
  node: Capacity,
): Promise<string | undefined> {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = source;
  if (fieldRef !== undefined) {
    return podField(pod, fieldRef.fieldPath) ?? unsupported(`fieldRef ${fieldRef.fieldPath}`);
  }
  if (resourceFieldRef !== undefined) {
    const { resource, divisor } = resourceFieldRef;
    return (
      containerResource(container, resource, divisor, node) ??
      unsupported(`resourceFieldRef ${resource}`)
    );
  }
  const reference = configMapKeyRef ?? secretKeyRef;
  if (reference === undefined) return unsupported(`valueFrom ${Object.keys(source).join(", ")}`);
  const kind = configMapKeyRef === undefined ? "secrets" : "configmaps";
  const { name = "", key, optional } = reference;
  const namespace = pod.metadata?.namespace ?? "";
  const data = await objects.data(kind, namespace, name);
  const value = data?.get(key);
  if (value !== undefined) return value.toString();
  if (optional === true) return undefined;
  if (data === undefined) throw notFound(kind, name);
  throw new MissingReference(
    `couldn't find key ${key} in ${kind === "secrets" ? "Secret" : "ConfigMap"} ${namespace}/${name}`,
  );
}

function notFound(kind: "configmaps" | "secrets", name: string): MissingReference {
  return new MissingReference(`${kind === "secrets" ? "secret" : "configmap"} "${name}" not found`);
}

function unsupported(what: string): never {
  throw new MissingReference(`this node has no ${what}`);
}
