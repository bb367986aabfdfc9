import type { Declared } from "./declared.ts";
import { at, isProperties, objectsOf, type Properties } from "./known.ts";

/** Where each kind of workload keeps its pod. */
const podPaths: Readonly<Record<string, readonly string[]>> = {
  Pod: ["spec"],
  PodTemplate: ["template", "spec"],
  Deployment: ["spec", "template", "spec"],
  StatefulSet: ["spec", "template", "spec"],
  DaemonSet: ["spec", "template", "spec"],
  ReplicaSet: ["spec", "template", "spec"],
  ReplicationController: ["spec", "template", "spec"],
  Job: ["spec", "template", "spec"],
  CronJob: ["spec", "jobTemplate", "spec", "template", "spec"],
};

const containerLists = ["containers", "initContainers", "ephemeralContainers"] as const;

/** A container that a workload runs. */
export interface Container {
  readonly name: string;
  readonly properties: Properties;
  /** The pod that it belongs to: what it says of security holds where the container says nothing. */
  readonly pod: Properties;
}

/** Every container of a Kubernetes workload, init containers included; none of any other resource. */
export function containersOf(resource: Declared): readonly Container[] {
  const kind = /^kubernetes:(?:core|apps|batch)\/[^:]+:(\w+?)(?:Patch)?$/.exec(resource.type)?.[1];
  const path = kind === undefined ? undefined : podPaths[kind];
  if (path === undefined) return [];
  const pod = at(resource.properties, ...path);
  if (!isProperties(pod)) return [];
  return containerLists.flatMap((list) =>
    objectsOf(pod[list]).map((properties) => ({
      name: typeof properties.name === "string" ? properties.name : "(no name)",
      properties,
      pod,
    })),
  );
}
