import { isObject } from "../server/values.ts";
import { annotationOf, type Manifest } from "./manifest.ts";

/** What an object still waits for, in words; undefined once it is ready. */
export function missing(live: Manifest): string | undefined {
  if (annotationOf(live, "pulumi.com/skipAwait") === "true") return undefined;
  switch (live.kind) {
    case "StatefulSet":
      return missingOfStatefulSet(live);
    case "Ingress":
      return missingOfIngress(live);
    default:
      return undefined;
  }
}

function missingOfStatefulSet(live: Manifest): string | undefined {
  const status = part(live.status);
  const wanted = Number(part(live.spec).replicas ?? 1);
  const ready = Number(status.readyReplicas ?? 0);
  if (Number(status.observedGeneration ?? 0) < (live.metadata.generation ?? 1)) {
    return "the controller to see the change";
  }
  if (status.replicas !== wanted || ready !== wanted) {
    return `its pods (${ready} of ${wanted} ready)`;
  }
  return status.updateRevision === status.currentRevision
    ? undefined
    : `its pods to be of the new revision (${Number(status.updatedReplicas ?? 0)} of ${wanted})`;
}

function missingOfIngress(live: Manifest): string | undefined {
  const { ingress } = part(part(live.status).loadBalancer);
  return Array.isArray(ingress) && ingress.length > 0
    ? undefined
    : "an ingress controller to give it an address";
}

/** Why a pod does not run or is not ready, one sentence a reason. */
export function troubleOf(pod: Manifest): string[] {
  const status = part(pod.status);
  const name = `pod ${pod.metadata.name}`;
  const unscheduled = list(status.conditions)
    .filter(({ type, status: holds }) => type === "PodScheduled" && holds === "False")
    .map(({ message }) => `${name} finds no node: ${text(message)}`);
  const statuses = [...list(status.initContainerStatuses), ...list(status.containerStatuses)];
  const troubled = statuses.flatMap((container) => {
    const { waiting, terminated } = part(container.state);
    const where = `${name}, container ${text(container.name)}`;
    if (isObject(waiting)) return [`${where}: ${saying(waiting)}`];
    if (isObject(terminated)) return [`${where} ended: ${saying(terminated)}`];
    return container.ready === true ? [] : [`${where} runs and is not ready`];
  });
  return [...unscheduled, ...troubled];
}

function saying({ reason, message, exitCode }: Record<string, unknown>): string {
  const code = exitCode === undefined ? "" : ` (exit code ${text(exitCode)})`;
  return [`${text(reason)}${code}`, ...(message === undefined ? [] : [text(message)])].join(": ");
}

function part(value: unknown): Record<string, unknown> {
  return isObject(value) ? value : {};
}

function list(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function text(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
