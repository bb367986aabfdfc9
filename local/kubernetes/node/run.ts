import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, type FSWatcher, mkdirSync, readFileSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import { identify, isRunning, type ProcessIdentity } from "../../processes.ts";

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
}

/** How one run of a container stands. Times are as Kubernetes writes them, to the second. */
export type RunState =
  | { readonly kind: "starting"; readonly startedAt: string }
  | { readonly kind: "running"; readonly startedAt: string; readonly pid: number }
  | {
      readonly kind: "ended";
      readonly startedAt: string;
      readonly finishedAt: string;
      readonly exitCode: number;
      readonly signal: number;
      /** Why it could not run, or is not known to have ended well. */
      readonly error?: string;
    };

interface Noted {
  readonly shim: ProcessIdentity;
  readonly startedAt: string;
  readonly crashes: number;
}

interface Ended {
  readonly exitCode: number;
  readonly signal: number;
  readonly finishedAt: string;
  readonly error?: string;
}

/**
 * One run of a container: a process under a shim that outlives this one. All that is known of it is
 * in its directory, so that a node that is started anew finds it.
 */
export class Run {
  readonly attempt: number;
  readonly directory: string;
  /** How many times in a row the container had ended before this run. */
  readonly crashes: number;
  readonly #noted: Noted;
  /** The shim, where this process has started it. */
  readonly #child: ChildProcess | undefined;
  #watcher: FSWatcher | undefined;

  private constructor(attempt: number, directory: string, noted: Noted, child?: ChildProcess) {
    this.attempt = attempt;
    this.#child = child;
    this.directory = directory;
    this.crashes = noted.crashes;
    this.#noted = noted;
  }

  /** Starts a container once: the shim begins only after it is noted down. */
  static start(
    shim: string,
    directory: string,
    attempt: number,
    crashes: number,
    command: Command,
  ): Run {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const child = spawn(shim, [directory, command.file, ...command.args], {
      cwd: command.directory,
      env: command.env,
      detached: true,
      stdio: ["pipe", "ignore", "ignore"],
    });
    child.once("error", () => undefined);
    child.stdin.once("error", () => undefined);
    const identity = child.pid === undefined ? undefined : identify(child.pid);
    if (identity === undefined) throw new Error(`${shim} could not be started`);
    const noted: Noted = { shim: identity, startedAt: now(), crashes };
    writeFileSync(join(directory, "shim.json"), JSON.stringify(noted), { mode: 0o600 });
    child.stdin.end("!");
    child.unref();
    return new Run(attempt, directory, noted, child);
  }

  /** The run that an earlier node has started there; undefined where it got no further. */
  static restore(directory: string, attempt: number): Run | undefined {
    const noted = readJson(join(directory, "shim.json")) as Noted | undefined;
    return noted === undefined ? undefined : new Run(attempt, directory, noted);
  }

  get state(): RunState {
    const { shim, startedAt } = this.#noted;
    // In this order: a shim that ends in between has written how.
    const alive = isRunning(shim);
    const ended =
      (readJson(join(this.directory, "ended.json")) as Ended | undefined) ??
      (alive ? undefined : this.#lost());
    if (ended !== undefined) {
      return { ...ended, kind: "ended", startedAt, finishedAt: toSeconds(ended.finishedAt) };
    }
    const running = readJson(join(this.directory, "running.json")) as { pid: number } | undefined;
    return running === undefined
      ? { kind: "starting", startedAt }
      : { kind: "running", startedAt, pid: running.pid };
  }

  /** The shim is gone without a word, as after a loss of power. */
  #lost(): Ended {
    const error = "The process is gone, and how it ended is not known.";
    const ended: Ended = { exitCode: 137, signal: 0, finishedAt: now(), error };
    if (existsSync(this.directory)) {
      writeFileSync(join(this.directory, "ended.json"), JSON.stringify(ended), { mode: 0o600 });
    }
    return ended;
  }

  /** Calls `changed` when the container has started and when it has ended. */
  watch(changed: () => void): void {
    try {
      this.#watcher ??= watch(this.directory, (_, name) => {
        if (name === "running.json" || name === "ended.json") changed();
      }).on("error", () => undefined);
    } catch {
      // No watches left on this machine: the node looks after each pod now and then all the same.
    }
    this.#child?.once("exit", changed);
  }

  unwatch(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
  }

  /** Sends SIGTERM to the container's process, or SIGKILL to it and all that it started. */
  signal(name: "SIGTERM" | "SIGKILL"): void {
    const { state } = this;
    if (state.kind !== "running") return;
    try {
      process.kill(name === "SIGKILL" ? -state.pid : state.pid, name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }

  /** Notes that the node ended it in order to end itself: it is no crash. */
  markShutdown(): void {
    writeFileSync(join(this.directory, "shutdown"), "");
  }

  get endedByShutdown(): boolean {
    return existsSync(join(this.directory, "shutdown"));
  }
}

/** The time as Kubernetes writes it. */
export function now(): string {
  return toSeconds(new Date().toISOString());
}

function toSeconds(time: string): string {
  return time.replace(/\.\d+Z$/, "Z");
}

/** Undefined where the file is not there, or was cut off by a loss of power. */
function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}
