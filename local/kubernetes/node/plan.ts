import type { Container, Pod } from "../wire.ts";
import type { RunState } from "./run.ts";

/** What is known of one container of a pod. */
export interface ContainerView {
  /** Its last run; undefined before its first. */
  readonly state: RunState | undefined;
  /** It runs and its startup probe, if it has one, has passed. */
  readonly started: boolean;
  readonly ready: boolean;
}

export type Views = ReadonlyMap<string, ContainerView>;

/** What is to be done for a pod next. */
export interface Plan {
  /** Containers to start, or to start again. */
  readonly start: readonly Container[];
  /** All containers that come before the main ones have done their part. */
  readonly initialized: boolean;
  /** The pod has ended: what still runs of it is to be ended. */
  readonly finished: "Succeeded" | "Failed" | undefined;
}

/** A container that comes before the main ones and goes on beside them. */
export function isSidecar(container: Container): boolean {
  return container.restartPolicy === "Always";
}

/** By Kubernetes' rules: init containers in their order, then all others at once. */
export function plan(pod: Pod, views: Views): Plan {
  const { initContainers = [], containers = [], restartPolicy = "Always" } = pod.spec ?? {};
  const begun = containers.some(({ name }) => views.get(name)?.state !== undefined);
  const start: Container[] = [];
  if (!begun) {
    for (const container of initContainers) {
      const view = views.get(container.name);
      const step = initStep(container, view, restartPolicy);
      if (step === "start") start.push(container);
      if (step === "failed") return { start: [], initialized: false, finished: "Failed" };
      if (step !== "done") return { start, initialized: false, finished: undefined };
    }
  }
  const states = containers.map(({ name }) => views.get(name)?.state);
  if (
    states.every((state) => state?.kind === "ended" && !restarts(restartPolicy, state.exitCode))
  ) {
    const allWell = states.every((state) => state?.kind === "ended" && state.exitCode === 0);
    return { start: [], initialized: true, finished: allWell ? "Succeeded" : "Failed" };
  }
  start.push(
    ...initContainers.filter(
      (container) => isSidecar(container) && !runs(views.get(container.name)?.state),
    ),
    ...containers.filter(({ name }) => {
      const state = views.get(name)?.state;
      return (
        state === undefined || (state.kind === "ended" && restarts(restartPolicy, state.exitCode))
      );
    }),
  );
  return { start, initialized: true, finished: undefined };
}

function initStep(
  container: Container,
  view: ContainerView | undefined,
  restartPolicy: string,
): "start" | "wait" | "done" | "failed" {
  const state = view?.state;
  if (state === undefined) return "start";
  if (isSidecar(container)) {
    if (!runs(state)) return "start";
    return view?.started === true ? "done" : "wait";
  }
  if (state.kind !== "ended") return "wait";
  if (state.exitCode === 0) return "done";
  return restartPolicy === "Never" ? "failed" : "start";
}

function runs(state: RunState | undefined): boolean {
  return state?.kind === "starting" || state?.kind === "running";
}

function restarts(policy: string, exitCode: number): boolean {
  return policy === "Always" || (policy === "OnFailure" && exitCode !== 0);
}
