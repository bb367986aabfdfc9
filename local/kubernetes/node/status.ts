import type {
  Container,
  ContainerState,
  ContainerStatus,
  Pod,
  PodCondition,
  PodStatus,
} from "../wire.ts";
import { nodeAddress, podAddress } from "./fields.ts";
import { isSidecar, type Plan } from "./plan.ts";
import { now, type RunState } from "./run.ts";

export interface Waiting {
  readonly reason: string;
  readonly message?: string;
}

/** All that a container's status is made of. */
export interface ContainerFacts {
  /** Its last run; undefined before its first. */
  readonly state: RunState | undefined;
  /** The run before that one, where it is still known. */
  readonly previous: RunState | undefined;
  readonly attempt: number;
  readonly started: boolean;
  readonly ready: boolean;
  /** Why it does not run, where it should. */
  readonly waiting: Waiting | undefined;
  readonly id: string;
}

type Facts = (container: Container) => ContainerFacts;

/** The status of a pod as a kubelet would report it. */
export function podStatus(
  pod: Pod,
  factsOf: Facts,
  { initialized, finished }: Pick<Plan, "initialized" | "finished">,
  startTime: string,
): PodStatus {
  const { initContainers = [], containers = [] } = pod.spec ?? {};
  const facts = containers.map((container) => factsOf(container));
  // What still runs of a pod that has ended is ended first.
  const runs = [...initContainers, ...containers].some(
    (container) => factsOf(container).state?.kind === "running",
  );
  const phase =
    finished !== undefined && !runs
      ? finished
      : initialized && begun(facts)
        ? "Running"
        : "Pending";
  const done = phase === "Succeeded" || phase === "Failed";
  const unready = containers.filter((_, index) => facts[index]?.ready !== true);
  const sidecars = initContainers.filter(isSidecar);
  const notReady = [...unready, ...sidecars.filter((container) => !factsOf(container).ready)];
  const reason = done ? "PodCompleted" : "ContainersNotReady";
  const message = `containers with unready status: [${notReady.map(({ name }) => name).join(" ")}]`;
  const ready = !done && notReady.length === 0;
  const why = ready ? {} : done ? { reason } : { reason, message };
  const gates = (pod.spec?.readinessGates ?? []).every(({ conditionType }) =>
    pod.status?.conditions?.some(({ type, status }) => type === conditionType && status === "True"),
  );
  return {
    phase,
    conditions: [
      condition(pod, "PodReadyToStartContainers", !done, {}),
      condition(
        pod,
        "Initialized",
        initialized,
        initialized
          ? phase === "Succeeded"
            ? { reason: "PodCompleted" }
            : {}
          : { reason: "ContainersNotInitialized" },
      ),
      condition(pod, "ContainersReady", ready, why),
      condition(
        pod,
        "Ready",
        ready && gates,
        ready && !gates ? { reason: "ReadinessGatesNotReady" } : why,
      ),
    ],
    hostIP: nodeAddress,
    hostIPs: [{ ip: nodeAddress }],
    podIP: podAddress(pod),
    podIPs: [{ ip: podAddress(pod) }],
    startTime: pod.status?.startTime ?? startTime,
    ...(initContainers.length > 0 && {
      initContainerStatuses: initContainers.map((container) =>
        containerStatus(container, factsOf(container), !initialized, !isSidecar(container)),
      ),
    }),
    containerStatuses: containers.map((container) =>
      containerStatus(container, factsOf(container), initialized, false),
    ),
  };
}

function begun(facts: readonly ContainerFacts[]): boolean {
  return facts.some(({ state }) => state !== undefined && state.kind !== "starting");
}

function condition(
  pod: Pod,
  type: string,
  holds: boolean,
  why: { readonly reason?: string; readonly message?: string },
): PodCondition {
  const status = holds ? "True" : "False";
  const before = pod.status?.conditions?.find((other) => other.type === type);
  const lastTransitionTime =
    before?.status === status && before.lastTransitionTime !== undefined
      ? before.lastTransitionTime
      : now();
  return { type, status, lastTransitionTime, ...why };
}

function containerStatus(
  container: Container,
  facts: ContainerFacts,
  mayStart: boolean,
  readyWhenDone: boolean,
): ContainerStatus {
  const { state, previous, attempt, waiting, id } = facts;
  // A container that waits to be started again shows why, and how it ended before.
  const current: ContainerState =
    waiting !== undefined
      ? { waiting }
      : state === undefined || state.kind === "starting"
        ? { waiting: { reason: mayStart ? "ContainerCreating" : "PodInitializing" } }
        : ofRun(state, id);
  const last = waiting === undefined ? previous : state;
  return {
    name: container.name,
    image: container.image ?? "",
    imageID: state === undefined ? "" : (container.image ?? ""),
    ...(state !== undefined && { containerID: id }),
    restartCount: Math.max(attempt, 0),
    started: facts.started,
    // An init container that has done its part counts as ready.
    ready: readyWhenDone ? state?.kind === "ended" && state.exitCode === 0 : facts.ready,
    state: current,
    ...(last?.kind === "ended" && { lastState: ofRun(last, id) }),
  };
}

function ofRun(state: RunState, id: string): ContainerState {
  if (state.kind !== "ended") return { running: { startedAt: state.startedAt } };
  const { exitCode, signal, startedAt, finishedAt, error } = state;
  return {
    terminated: {
      exitCode,
      ...(signal > 0 && { signal }),
      reason: error !== undefined ? "ContainerCannotRun" : exitCode === 0 ? "Completed" : "Error",
      ...(error !== undefined && { message: error }),
      startedAt,
      finishedAt,
      containerID: id,
    },
  };
}
