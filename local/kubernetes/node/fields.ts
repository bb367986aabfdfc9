import { createHash } from "node:crypto";
import type { Container, Pod } from "../wire.ts";
import { parseQuantity } from "../quantity.ts";

/** The address of the node. */
export const nodeAddress = "127.0.0.1";

/**
 * The address of a pod. Pods share the network of this machine; on Linux each has a loopback address of
 * its own, so that two can listen on the same port. It follows from the pod's id.
 */
export function podAddress({ metadata }: Pod): string {
  if (process.platform !== "linux") return nodeAddress;
  const [first = 0, second = 0, third = 0] = createHash("sha256")
    .update(metadata?.uid ?? "")
    .digest();
  return `127.${64 + (first % 64)}.${second}.${1 + (third % 254)}`;
}

/** What the downward API calls `fieldRef`; undefined for a field that it does not know. */
export function podField(pod: Pod, path: string): string | undefined {
  const { metadata, spec } = pod;
  const keyed = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path);
  if (keyed !== null) {
    const of = keyed[1] === "labels" ? metadata?.labels : metadata?.annotations;
    return of?.[keyed[2] ?? ""] ?? "";
  }
  switch (path) {
    case "metadata.name":
      return metadata?.name;
    case "metadata.namespace":
      return metadata?.namespace;
    case "metadata.uid":
      return metadata?.uid;
    case "metadata.labels":
      return lines(metadata?.labels);
    case "metadata.annotations":
      return lines(metadata?.annotations);
    case "spec.nodeName":
      return spec?.nodeName;
    case "spec.serviceAccountName":
      return spec?.serviceAccountName;
    case "status.hostIP":
    case "status.hostIPs":
      return nodeAddress;
    case "status.podIP":
    case "status.podIPs":
      return podAddress(pod);
    default:
      return undefined;
  }
}

function lines(map: Readonly<Record<string, string>> | undefined): string {
  return Object.entries(map ?? {})
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join("\n");
}

export interface Capacity {
  readonly cpu: string;
  readonly memory: string;
}

/** What the downward API calls `resourceFieldRef`: a whole number of `divisor`, rounded up. */
export function containerResource(
  container: Container,
  resource: string,
  divisor: string | undefined,
  node: Capacity,
): string | undefined {
  const [list, name = ""] = resource.split(".");
  const { limits, requests } = container.resources ?? {};
  const ofNode = name === "cpu" || name === "memory" ? node[name] : undefined;
  const declared = list === "limits" ? limits?.[name] : (requests?.[name] ?? limits?.[name]);
  const quantity = declared ?? (list === "limits" ? ofNode : "0");
  if (quantity === undefined) return undefined;
  const unit = divisor === undefined || divisor === "0" ? 1 : parseQuantity(divisor);
  return String(Math.ceil(parseQuantity(quantity) / unit));
}
