import { existsSync, mkdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "../../errors.ts";
import type { Api } from "../api.ts";
import { ApiError } from "../api-error.ts";
import { type ImageProgram, imageName, type Images } from "../images.ts";
import type { Container, Pod, PodStatus } from "../wire.ts";
import { backoffMs } from "./backoff.ts";
import { ContainerSlot } from "./container-slot.ts";
import { declaredEnvironment, type Environment } from "./environment.ts";
import type { Events } from "./events.ts";
import { expand } from "./expansion.ts";
import { type Capacity, podAddress } from "./fields.ts";
import { visible } from "./mounts.ts";
import { MissingReference, type Objects } from "./objects.ts";
import { plan } from "./plan.ts";
import type { Access } from "./probes.ts";
import { type Command, now } from "./run.ts";
import { podStatus } from "./status.ts";
import { mountedObjects, mountsOf, prepareVolumes, tokenRefreshMs } from "./volumes.ts";

export interface WorkerContext {
  readonly api: Api;
  readonly objects: Objects;
  readonly events: Events;
  readonly capacity: Capacity;
  /** What the node can run, as it is now. */
  readonly images: () => Images;
  readonly shim: string;
  /** Where the pods are, by id. */
  readonly directory: string;
  readonly log: (line: string) => void;
}

const imageBackoffMs = 10_000;
const firstRetryMs = 1_000;
const longestRetryMs = 30_000;
const defaultGraceSeconds = 30;

/**
 * Brings one pod to what is declared and reports how it stands. It does one thing at a time: whatever
 * happens meanwhile makes it look again.
 */
export class PodWorker {
  readonly #context: WorkerContext;
  readonly #uid: string;
  readonly #directory: string;
  readonly #slots: ReadonlyMap<string, ContainerSlot>;
  readonly #watches = new AbortController();
  readonly #startTime = now();
  #pod: Pod;
  #folders: ReadonlyMap<string, string> | undefined;
  #volumesAreFresh = false;
  #reported = "";
  #retryMs = firstRetryMs;
  #badImageSince = 0;
  /** `leaving`: the node ends its containers, `gone`: the pod is no more. */
  #stage: "working" | "leaving" | "gone" = "working";
  #deletionSent = false;
  #running = false;
  #again = false;
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Infinity;

  constructor(pod: Pod, context: WorkerContext) {
    this.#pod = pod;
    this.#context = context;
    this.#uid = pod.metadata?.uid ?? "";
    this.#directory = join(context.directory, this.#uid);
    mkdirSync(join(this.#directory, "home"), { recursive: true, mode: 0o700 });
    const containers = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])];
    this.#slots = new Map(
      containers.map((container) => [
        container.name,
        new ContainerSlot(container, join(this.#directory, "containers", container.name), () => {
          this.look();
        }),
      ]),
    );
    this.#watchMounted();
  }

  /** The pod as the API has it now. */
  update(pod: Pod): void {
    if (versionOf(pod) < versionOf(this.#pod)) return;
    if (JSON.stringify(pod.metadata?.labels) !== JSON.stringify(this.#pod.metadata?.labels)) {
      this.#volumesAreFresh = false;
    }
    this.#pod = pod;
    this.look();
  }

  /** The pod is no longer in the API: what is left of it ends at once. */
  async remove(): Promise<void> {
    this.#stage = "gone";
    this.#watches.abort();
    clearTimeout(this.#timer);
    for (const slot of this.#slots.values()) slot.kill();
    await Promise.all([...this.#slots.values()].map((slot) => slot.end(0)));
    for (const slot of this.#slots.values()) slot.release();
    await rm(this.#directory, { recursive: true, force: true, maxRetries: 3 });
  }

  /** Ends the containers because the node ends; they are started again with it. */
  async leave(longestGraceMs: number): Promise<void> {
    this.#stage = "leaving";
    clearTimeout(this.#timer);
    this.#watches.abort();
    await this.#endAll(Math.min(this.#graceMs(), longestGraceMs), true);
  }

  /** Looks soon whether something is to be done. */
  look(): void {
    if (this.#running) {
      this.#again = true;
      return;
    }
    this.#running = true;
    void this.#work().finally(() => {
      this.#running = false;
    });
  }

  async #work(): Promise<void> {
    do {
      this.#again = false;
      if (this.#stage !== "working") return;
      try {
        await this.#sync();
      } catch (error) {
        if (!isPassing(error)) this.#context.log(`${this.#name}: ${describe(error)}`);
        this.#retryLater();
      }
    } while (this.#wantsAgain());
  }

  /** As a function of its own, because it changes while the work is waited for. */
  #wantsAgain(): boolean {
    return this.#again;
  }

  get #name(): string {
    return `${this.#pod.metadata?.namespace ?? ""}/${this.#pod.metadata?.name ?? ""}`;
  }

  async #sync(): Promise<void> {
    for (const slot of this.#slots.values()) {
      if (slot.state?.kind === "ended") slot.settle();
    }
    if (this.#pod.metadata?.deletionTimestamp !== undefined) {
      await this.#finishDeletion();
      return;
    }
    const { phase } = this.#pod.status ?? {};
    if (phase === "Succeeded" || phase === "Failed") {
      await this.#endAll(this.#graceMs());
      return;
    }
    await this.#prepare();
    const late = this.#isLate();
    const planned = plan(this.#pod, this.#slots);
    const next = late ? { ...planned, start: [], finished: "Failed" as const } : planned;
    if (next.finished !== undefined) await this.#endAll(this.#graceMs());
    else if (this.#folders !== undefined) {
      for (const container of next.start) await this.#start(container);
    }
    for (const slot of this.#slots.values()) await this.#observe(slot);
    await this.#report(
      podStatus(this.#pod, ({ name }) => this.#slot(name).facts(this.#uid), next, this.#startTime),
      late,
    );
  }

  #slot(name: string): ContainerSlot {
    const slot = this.#slots.get(name);
    if (slot === undefined) throw new Error(`pod ${this.#name} has no container ${name}`);
    return slot;
  }

  #graceMs(): number {
    const { metadata, spec } = this.#pod;
    const seconds = metadata?.deletionGracePeriodSeconds ?? spec?.terminationGracePeriodSeconds;
    return (seconds ?? defaultGraceSeconds) * 1_000;
  }

  /** Whether the pod has run longer than it may. */
  #isLate(): boolean {
    const { activeDeadlineSeconds } = this.#pod.spec ?? {};
    if (activeDeadlineSeconds === undefined) return false;
    const begun = Date.parse(this.#pod.status?.startTime ?? this.#startTime);
    const leftMs = begun + activeDeadlineSeconds * 1_000 - Date.now();
    if (leftMs > 0) this.#lookIn(leftMs);
    return leftMs <= 0;
  }

  async #prepare(): Promise<void> {
    if (this.#volumesAreFresh) return;
    const { api, objects, capacity, events } = this.#context;
    this.#volumesAreFresh = true;
    try {
      this.#folders = await prepareVolumes(this.#pod, {
        api,
        objects,
        capacity,
        directory: join(this.#directory, "volumes"),
      });
      const refreshMs = tokenRefreshMs(this.#pod);
      if (refreshMs !== undefined) this.#refreshIn(refreshMs);
    } catch (error) {
      this.#volumesAreFresh = false;
      if (!(error instanceof MissingReference)) throw error;
      events.record(this.#pod, "Warning", "FailedMount", error.message);
      this.#retryLater();
    }
  }

  #watchMounted(): void {
    const { objects } = this.#context;
    const { signal } = this.#watches;
    for (const { kind, name } of mountedObjects(this.#pod)) {
      const changed = () => {
        this.#volumesAreFresh = false;
        this.look();
      };
      objects.watch(kind, this.#pod.metadata?.namespace ?? "", name, changed, signal);
    }
  }

  #refreshIn(ms: number): void {
    const timer = setTimeout(() => {
      this.#volumesAreFresh = false;
      this.look();
    }, ms);
    timer.unref();
    this.#watches.signal.addEventListener("abort", () => {
      clearTimeout(timer);
    });
  }

  async #start(container: Container): Promise<void> {
    const { events, shim } = this.#context;
    const slot = this.#slot(container.name);
    if (slot.isEnding) return;
    const waitMs = this.#backoff(slot);
    if (waitMs > 0) {
      this.#lookIn(waitMs);
      return;
    }
    const program = this.#program(container);
    if (program === undefined) {
      this.#refuseImage(slot);
      return;
    }
    this.#badImageSince = 0;
    let command: Command;
    try {
      command = await this.#command(container, program);
    } catch (error) {
      if (!(error instanceof MissingReference)) throw error;
      slot.waiting = { reason: "CreateContainerConfigError", message: error.message };
      events.record(this.#pod, "Warning", "Failed", `Error: ${error.message}`);
      this.#retryLater();
      return;
    }
    if (!existsSync(command.directory)) {
      const message = `the working directory ${command.directory} is not there`;
      slot.waiting = { reason: "CreateContainerError", message };
      this.#retryLater();
      return;
    }
    await slot.start(shim, command);
    this.#retryMs = firstRetryMs;
    events.record(this.#pod, "Normal", "Started", `Started container ${container.name}`);
  }

  /** How long the container has to wait before it is started again. */
  #backoff(slot: ContainerSlot): number {
    const { state } = slot;
    if (state?.kind !== "ended" || slot.endedByShutdown) return 0;
    const ms = backoffMs(slot.crashes);
    const left = Date.parse(state.finishedAt) + ms - Date.now();
    if (left <= 0) return 0;
    const { name } = slot.container;
    const message = `back-off ${ms / 1_000}s restarting failed container=${name} pod=${this.#name}`;
    slot.waiting = { reason: "CrashLoopBackOff", message };
    this.#context.events.record(this.#pod, "Warning", "BackOff", message);
    return left;
  }

  #program(container: Container): ImageProgram | undefined {
    return this.#context.images()[imageName(container.image ?? "")];
  }

  #refuseImage(slot: ContainerSlot): void {
    const known = Object.keys(this.#context.images()).join(", ");
    const message = `No program stands for the image "${slot.container.image ?? ""}" here: this node runs containers as processes of this machine, and knows only ${known}.`;
    this.#badImageSince ||= Date.now();
    const isNew = Date.now() - this.#badImageSince < imageBackoffMs;
    slot.waiting = { reason: isNew ? "ErrImagePull" : "ImagePullBackOff", message };
    this.#context.events.record(this.#pod, "Warning", "Failed", message);
    if (isNew) this.#lookIn(imageBackoffMs);
  }

  async #command(container: Container, program: ImageProgram): Promise<Command> {
    const env = await this.#environment(container, program);
    const mounts = mountsOf(container, this.#folders ?? new Map());
    const words = [...(container.command ?? program.entrypoint), ...(container.args ?? [])];
    const declared = container.command === undefined ? program.entrypoint.length : 0;
    const [file = "", ...args] = words.map((word, index) =>
      // The image's own words are paths of this machine already.
      index < declared ? word : visible(expand(word, env), mounts),
    );
    const directory =
      container.workingDir === undefined
        ? program.directory
        : visible(container.workingDir, mounts);
    return { file, args, directory, env };
  }

  async #environment(container: Container, program: ImageProgram): Promise<Environment> {
    const { objects, capacity } = this.#context;
    const mounts = mountsOf(container, this.#folders ?? new Map());
    const own = { HOME: join(this.#directory, "home"), TMPDIR: visible("/tmp", mounts) };
    const declared = await declaredEnvironment(this.#pod, container, objects, capacity);
    const shown = Object.entries(declared).map(([name, value]) => [name, visible(value, mounts)]);
    return {
      HOSTNAME: this.#pod.metadata?.name ?? "",
      ...own,
      ...program.env,
      ...(Object.fromEntries(shown) as Environment),
    };
  }

  /** Has the probes of a container asked that runs and is not asked yet. */
  async #observe(slot: ContainerSlot): Promise<void> {
    if (slot.state?.kind !== "running" || slot.isObserved || slot.isEnding) return;
    const { container } = slot;
    const { events } = this.#context;
    const statuses = [
      ...(this.#pod.status?.initContainerStatuses ?? []),
      ...(this.#pod.status?.containerStatuses ?? []),
    ];
    const look = () => {
      this.look();
    };
    slot.observe(
      await this.#accessTo(container),
      {
        started: look,
        ready: look,
        failed: (probe, reason) => {
          events.record(this.#pod, "Warning", "Unhealthy", `${probe} probe failed: ${reason}`);
        },
        unhealthy: (reason) => {
          const what = `Container ${container.name} failed: ${reason}, will be restarted`;
          events.record(this.#pod, "Normal", "Killing", what);
          const probe = reason.startsWith("startup")
            ? container.startupProbe
            : container.livenessProbe;
          const seconds = probe?.terminationGracePeriodSeconds;
          void slot.end(seconds === undefined ? this.#graceMs() : seconds * 1_000);
        },
      },
      statuses.find(({ name }) => name === container.name),
    );
    const reason = await slot.hook("postStart", this.#graceMs());
    if (reason === undefined) return;
    events.record(this.#pod, "Warning", "FailedPostStartHook", reason);
    void slot.end(this.#graceMs());
  }

  /** How the container is reached: of what is not there any more, the node does without. */
  async #accessTo(container: Container): Promise<Access> {
    const program = this.#program(container);
    const directory = program?.directory ?? this.#directory;
    const env =
      program === undefined
        ? {}
        : await this.#environment(container, program).catch((): Environment => program.env);
    const mounts = mountsOf(container, this.#folders ?? new Map());
    return {
      address: podAddress(this.#pod),
      exec: (command) => {
        const [file = "", ...args] = command.map((word) => visible(word, mounts));
        return { file, args, directory, env };
      },
    };
  }

  /** Ends what runs: the main containers, then those that came before them, the last one first. */
  async #endAll(graceMs: number, shutdown = false): Promise<void> {
    const deadline = Date.now() + graceMs;
    const { containers = [], initContainers = [] } = this.#pod.spec ?? {};
    const left = () => Math.max(deadline - Date.now(), Math.min(graceMs, 1_000));
    await Promise.all(containers.map(({ name }) => this.#slot(name).end(graceMs, shutdown)));
    for (const { name } of initContainers.toReversed()) {
      await this.#slot(name).end(left(), shutdown);
    }
  }

  /** Ends a pod that is being deleted, says how it ended, and lets the API forget it. */
  async #finishDeletion(): Promise<void> {
    if (this.#deletionSent) return;
    const { name = "", namespace = "", uid } = this.#pod.metadata ?? {};
    if ([...this.#slots.values()].some((slot) => slot.isRunning)) {
      this.#context.events.record(this.#pod, "Normal", "Killing", `Stopping pod ${name}`);
    }
    await this.#endAll(this.#graceMs());
    if (this.#isGone()) return;
    const { initialized, finished } = plan(this.#pod, this.#slots);
    const facts = ({ name: container }: Container) => this.#slot(container).facts(this.#uid);
    await this.#report(
      podStatus(this.#pod, facts, { initialized, finished }, this.#startTime),
      false,
    );
    await this.#context.api.remove(`/api/v1/namespaces/${namespace}/pods/${name}`, {
      apiVersion: "v1",
      kind: "DeleteOptions",
      gracePeriodSeconds: 0,
      preconditions: { uid },
    });
    this.#deletionSent = true;
  }

  #isGone(): boolean {
    return this.#stage === "gone";
  }

  async #report(status: PodStatus, late: boolean): Promise<void> {
    const reason = late ? { reason: "DeadlineExceeded", message: "It ran for too long." } : {};
    const { name = "", namespace = "", uid } = this.#pod.metadata ?? {};
    const body = { metadata: { uid }, status: { ...status, ...reason } };
    const text = JSON.stringify(body);
    if (text === this.#reported) return;
    const path = `/api/v1/namespaces/${namespace}/pods/${name}/status`;
    const pod = await this.#context.api.patch<Pod>(path, "strategic-merge", body);
    this.#reported = text;
    if (versionOf(pod) >= versionOf(this.#pod)) this.#pod = pod;
  }

  #retryLater(): void {
    this.#lookIn(this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, longestRetryMs);
  }

  #lookIn(ms: number): void {
    const at = Date.now() + ms;
    if (at >= this.#timerAt) return;
    clearTimeout(this.#timer);
    this.#timerAt = at;
    // Longer than a timer can wait: it looks early and waits again.
    const timer = setTimeout(
      () => {
        this.#timerAt = Infinity;
        this.look();
      },
      Math.min(ms, 2 ** 31 - 1),
    );
    this.#timer = timer;
  }
}

/** Versions of one kind of object are numbers that grow. */
function versionOf(pod: Pod): number {
  return Number(pod.metadata?.resourceVersion ?? 0);
}

/** The pod is gone or has changed meanwhile: its watch tells of it. */
function isPassing(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 404 || error.status === 409);
}

function describe(error: unknown): string {
  return error instanceof ApiError ? error.message : messageOf(error);
}
