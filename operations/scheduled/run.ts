import { spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { exitCode } from "../exit-code.ts";

/** How an operation ended that was run by the clock, after its last try. */
export interface ScheduledRun {
  /** Null where something else than itself ended it. */
  readonly code: number | null;
  /** In words: `exit code 3`, `SIGABRT`, `not within 119 min`. */
  readonly end: string;
  readonly tries: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Somebody ended it from outside, as a machine that is emptied: it is run again elsewhere. */
  readonly interruptedBy: NodeJS.Signals | undefined;
}

export interface ScheduledCommand {
  /** What follows `aleo-ops`. */
  readonly words: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  /** How long all tries may take together, in ms. */
  readonly withinMs: number;
  readonly retries: number;
  /** Before the second try, in ms; doubled before each further one. */
  readonly firstWaitMs: number;
}

const cli = join(import.meta.dirname, "..", "cli.ts");
const graceMs = 10_000;
const mostKept = 200_000;
const signals = ["SIGTERM", "SIGINT"] as const;

/** Another try is not needed, or gives the same: wrong usage, something that is not as it should be. */
const final: readonly (number | null)[] = [
  exitCode.ok,
  exitCode.wrongUsage,
  exitCode.verificationFailed,
];

/**
 * Runs an operation as a process of its own, whose end is known however it comes, and again where it
 * failed. What it says on standard error is passed on at once.
 */
export async function runScheduled(command: ScheduledCommand): Promise<ScheduledRun> {
  const interrupted = new AbortController();
  let interruptedBy: NodeJS.Signals | undefined;
  const interrupt = (signal: NodeJS.Signals) => {
    interruptedBy = signal;
    interrupted.abort();
  };
  for (const signal of signals) process.on(signal, interrupt);
  try {
    const until = Date.now() + command.withinMs;
    for (let tries = 1; ; tries += 1) {
      const run = await runOnce(command, until, interrupted.signal);
      const waitMs = command.firstWaitMs * 2 ** (tries - 1);
      const isLast = tries > command.retries || Date.now() + waitMs >= until;
      if (isLast || interrupted.signal.aborted || final.includes(run.code)) {
        return { ...run, tries, interruptedBy };
      }
      process.stderr.write(`${run.end}; tried again in ${waitMs / 1_000} s\n`);
      await sleep(waitMs, undefined, { signal: interrupted.signal }).catch(() => undefined);
    }
  } finally {
    for (const signal of signals) process.off(signal, interrupt);
  }
}

function runOnce(
  { words, environment }: ScheduledCommand,
  until: number,
  interrupted: AbortSignal,
): Promise<Omit<ScheduledRun, "tries" | "interruptedBy">> {
  const begun = Date.now();
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [cli, ...words], {
      env: environment,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [stdout, stderr] = ["", ""];
    let isLate = false;
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout = (stdout + text).slice(0, mostKept);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr = (stderr + text).slice(-mostKept);
      process.stderr.write(text);
    });
    let kill: NodeJS.Timeout | undefined;
    const end = () => {
      child.kill("SIGTERM");
      kill = setTimeout(() => child.kill("SIGKILL"), graceMs);
    };
    const late = setTimeout(
      () => {
        isLate = true;
        end();
      },
      Math.max(0, until - begun),
    );
    interrupted.addEventListener("abort", end);
    if (interrupted.aborted) end();
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearTimeout(late);
      clearTimeout(kill);
      interrupted.removeEventListener("abort", end);
      const minutes = Math.round((Date.now() - begun) / 60_000);
      resolve({
        code: isLate ? null : code,
        end: isLate
          ? `not done after ${minutes} min`
          : code === null
            ? String(signal)
            : `exit code ${code}`,
        stdout,
        stderr,
      });
    });
  });
}
