import { existsSync, readdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "../../errors.ts";
import type { Container, ContainerStatus } from "../wire.ts";
import { crashesAfter } from "./backoff.ts";
import type { ContainerView } from "./plan.ts";
import { type Access, type Action, ask, ProbeLoop, type Verdicts } from "./probes.ts";
import { type Command, Run, type RunState } from "./run.ts";
import type { ContainerFacts, Waiting } from "./status.ts";

/** One container of a pod: its runs, one after the other, and what its probes say. */
export class ContainerSlot implements ContainerView {
  readonly container: Container;
  started = false;
  ready = false;
  /** Why it does not run, where it should. */
  waiting: Waiting | undefined;
  readonly #directory: string;
  readonly #changed: () => void;
  #current: Run | undefined;
  #previous: Run | undefined;
  #access: Access | undefined;
  #probes: ProbeLoop | undefined;
  #ending: Promise<void> | undefined;

  constructor(container: Container, directory: string, changed: () => void) {
    this.container = container;
    this.#directory = directory;
    this.#changed = changed;
    const [last, before] = this.#attempts();
    this.#current = last === undefined ? undefined : Run.restore(join(directory, `${last}`), last);
    this.#previous =
      before === undefined ? undefined : Run.restore(join(directory, `${before}`), before);
    // Prepared, but never begun.
    if (this.#current === undefined && this.#previous !== undefined) {
      this.#current = this.#previous;
      this.#previous = undefined;
    }
    this.#current?.watch(changed);
  }

  get state(): RunState | undefined {
    return this.#current?.state;
  }

  get isRunning(): boolean {
    const kind = this.state?.kind;
    return kind === "starting" || kind === "running";
  }

  /** Whether its probes are asked, or it has none to ask. */
  get isObserved(): boolean {
    return this.#probes !== undefined;
  }

  facts(podUid: string): ContainerFacts {
    const { state, started, ready, waiting } = this;
    const attempt = this.#current?.attempt ?? 0;
    return {
      state,
      previous: this.#previous?.state,
      attempt,
      started: started && state?.kind === "running",
      ready: ready && state?.kind === "running",
      waiting,
      id: `process://${podUid}/${this.container.name}/${attempt}`,
    };
  }

  /** How many times in a row it has ended by now. */
  get crashes(): number {
    const run = this.#current;
    const state = run?.state;
    if (run === undefined || state?.kind !== "ended") return 0;
    if (run.endedByShutdown) return run.crashes;
    return crashesAfter(run.crashes, Date.parse(state.finishedAt) - Date.parse(state.startedAt));
  }

  get endedByShutdown(): boolean {
    return this.#current?.endedByShutdown === true;
  }

  async start(shim: string, command: Command): Promise<void> {
    const last = this.#current;
    const crashes = this.crashes;
    const attempt = (this.#attempts()[0] ?? -1) + 1;
    this.#release();
    const directory = join(this.#directory, `${attempt}`);
    this.#current = Run.start(shim, directory, attempt, crashes, command);
    this.#previous = last;
    this.waiting = undefined;
    this.#current.watch(this.#changed);
    for (const old of this.#attempts().slice(2)) {
      await rm(join(this.#directory, `${old}`), { recursive: true, force: true });
    }
  }

  /** Begins to ask the probes of a container that runs; `reported` is what was known before. */
  observe(access: Access, verdicts: Verdicts, reported: ContainerStatus | undefined): void {
    if (reported?.restartCount === this.#current?.attempt) {
      this.started = reported?.started === true;
      this.ready = reported?.ready === true;
    }
    this.#access = access;
    const probes = new ProbeLoop(this.container, access, {
      ...verdicts,
      started: () => {
        this.started = true;
        verdicts.started();
      },
      ready: (ready) => {
        if (this.ready === ready) return;
        this.ready = ready;
        verdicts.ready(ready);
      },
    });
    this.#probes = probes;
    probes.begin(this.started);
  }

  /** To be called when the container has ended: nobody asks it any more. */
  settle(): void {
    this.#probes?.stop();
    this.#probes = undefined;
    this.started = false;
    this.ready = false;
  }

  /**
   * Ends what runs: the hook, SIGTERM, and after `graceMs` SIGKILL to all that the container started.
   * Resolves when it has ended.
   */
  end(graceMs: number, shutdown = false): Promise<void> {
    if (!this.isRunning) return Promise.resolve();
    this.#ending ??= this.#end(graceMs, shutdown).finally(() => {
      this.#ending = undefined;
    });
    return this.#ending;
  }

  get isEnding(): boolean {
    return this.#ending !== undefined;
  }

  kill(): void {
    this.#current?.signal("SIGKILL");
  }

  /** Runs the hook of that name, if the container has one; gives the reason where it fails. */
  async hook(name: "postStart" | "preStop", timeoutMs: number): Promise<string | undefined> {
    const hook = this.container.lifecycle?.[name];
    if (hook === undefined || this.#access === undefined) return undefined;
    if (hook.sleep !== undefined) {
      await sleep(Math.min(hook.sleep.seconds * 1_000, timeoutMs));
      return undefined;
    }
    const { exec, httpGet } = hook;
    const action: Action = {
      ...(exec !== undefined && { exec }),
      ...(httpGet !== undefined && { httpGet }),
    };
    return ask(action, this.container, this.#access, timeoutMs).catch(messageOf);
  }

  /** Looks no more after what runs, and leaves it running. */
  release(): void {
    this.#probes?.stop();
    this.#release();
  }

  #release(): void {
    this.#current?.unwatch();
    this.settle();
  }

  async #end(graceMs: number, shutdown: boolean): Promise<void> {
    const run = this.#current;
    if (run === undefined) return;
    const deadline = Date.now() + graceMs;
    this.#probes?.stop();
    if (shutdown) run.markShutdown();
    if (graceMs > 0) {
      await this.hook("preStop", graceMs);
      run.signal("SIGTERM");
      if (await ended(run, deadline)) return;
    }
    run.signal("SIGKILL");
    await ended(run, Date.now() + 5_000);
  }

  /** The attempts on disk, the last one first. */
  #attempts(): number[] {
    if (!existsSync(this.#directory)) return [];
    return readdirSync(this.#directory)
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .sort((a, b) => b - a);
  }
}

/** Whether the run has ended by the deadline. */
async function ended(run: Run, deadline: number): Promise<boolean> {
  while (run.state.kind !== "ended") {
    if (Date.now() >= deadline) return false;
    await sleep(Math.min(100, Math.max(deadline - Date.now(), 1)));
  }
  return true;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
