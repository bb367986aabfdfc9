import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { execaSync } from "execa";

/** A process that this project started, told apart from a later one that got the same id. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startedAt: string;
}

/** What is kept of a process that outlives the command that started it. */
export interface ProcessRecord extends ProcessIdentity {
  readonly port: number;
}

/** The process of that id, or undefined when there is none (or a dead one not yet waited for). */
export function identify(pid: number): ProcessIdentity | undefined {
  const startedAt = process.platform === "linux" ? startFromProc(pid) : startFromPs(pid);
  return startedAt === undefined ? undefined : { pid, startedAt };
}

export function isRunning(identity: ProcessIdentity): boolean {
  return identify(identity.pid)?.startedAt === identity.startedAt;
}

/** Waits until the process is gone; false when it still is there after `timeoutMs`. */
export async function waitForEnd(identity: ProcessIdentity, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (isRunning(identity)) {
    if (Date.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return true;
}

/** Sends a signal, unless the process is gone or its id belongs to another one by now. */
export function signal(identity: ProcessIdentity, name: NodeJS.Signals): void {
  if (!isRunning(identity)) return;
  try {
    process.kill(identity.pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** Written in one go right after the start, so that an interrupt leaves no unknown process. */
export function writeRecord(file: string, record: ProcessRecord): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(record)}\n`);
}

/** The recorded process if it still runs; a record of one that ended is removed. */
export function readRecord(file: string): ProcessRecord | undefined {
  if (!existsSync(file)) return undefined;
  let record: ProcessRecord;
  try {
    record = JSON.parse(readFileSync(file, "utf8")) as ProcessRecord;
  } catch {
    rmSync(file, { force: true });
    return undefined;
  }
  if (isRunning(record)) return record;
  rmSync(file, { force: true });
  return undefined;
}

/** Field 22 of /proc/<pid>/stat, in clock ticks since the machine's start (proc(5)). */
function startFromProc(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [state, ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return state === "Z" ? undefined : rest[18];
  } catch {
    return undefined;
  }
}

function startFromPs(pid: number): string | undefined {
  const { stdout, failed } = execaSync("ps", ["-o", "stat=,lstart=", "-p", String(pid)], {
    reject: false,
  });
  const line = stdout.trim();
  return failed || line === "" || line.startsWith("Z") ? undefined : line.replace(/^\S+\s+/, "");
}
