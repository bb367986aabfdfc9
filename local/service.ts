import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname } from "node:path";
import { LocalError } from "./errors.ts";
import { withLock } from "./lock.ts";
import { requireFreePort } from "./ports.ts";
import {
  identify,
  isRunning,
  type ProcessIdentity,
  readRecord,
  signal,
  waitForEnd,
  writeRecord,
} from "./processes.ts";

/** A process of the network `local` that listens on one port of this machine. */
export interface Service {
  /** As people call it: `devnode`. */
  readonly name: string;
  /** The port on 127.0.0.1. */
  readonly port: number;
  readonly logFile: string;
  /** How to start it; asked for only when it is to be started. */
  readonly command: () => Promise<ServiceCommand>;
  /** Whether the one on that port does its work already; an error counts as no. */
  readonly isReady: (port: number) => Promise<boolean>;
  /** Asks the one on that port to end; without it, or when it throws, SIGTERM does. */
  readonly askToEnd?: (port: number) => Promise<void>;
}

export interface ServiceCommand {
  readonly file: string;
  readonly args: readonly string[];
  /** The whole environment: secrets go here and not into the arguments, which everybody can read. */
  readonly env: NodeJS.ProcessEnv;
}

export interface RunningService {
  readonly port: number;
  /** False when it ran already. */
  readonly started: boolean;
}

const readyMs = 60_000;
const stopMs = 30_000;

/**
 * Starts the service as a child of this process and waits until it is ready.
 *
 * @throws LocalError when the port is in use, or the process ends or does not become ready
 */
export async function startChild(service: Service): Promise<{
  readonly pid: number;
  /** Ends it and waits until it has ended. */
  stop(): Promise<void>;
}> {
  const { child, identity } = await launch(service, false);
  const killWithParent = () => {
    child.kill("SIGKILL");
  };
  process.once("exit", killWithParent);
  const stop = async () => {
    await end(service, identity, service.port);
    process.removeListener("exit", killWithParent);
  };
  try {
    await waitUntilReady(service, identity, service.port);
  } catch (error) {
    await stop();
    throw error;
  }
  return { pid: identity.pid, stop };
}

/**
 * Starts the service so that it goes on after this process, recorded in `recordFile`. One that runs
 * already is left as it is, on the port it has.
 *
 * @throws LocalError as `startChild` does
 */
export async function startDetached(service: Service, recordFile: string): Promise<RunningService> {
  return withLock(recordFile, { waiting: () => undefined }, async () => {
    const running = readRecord(recordFile);
    if (running !== undefined) {
      await waitUntilReady(service, running, running.port);
      return { port: running.port, started: false };
    }
    const { child, identity } = await launch(service, true, (started) => {
      writeRecord(recordFile, { ...started, port: service.port });
    });
    child.unref();
    await waitUntilReady(service, identity, service.port);
    return { port: service.port, started: true };
  });
}

/** Ends the service recorded in `recordFile`, and no other process. False when it does not run. */
export async function stopDetached(
  service: Pick<Service, "name" | "askToEnd">,
  recordFile: string,
): Promise<boolean> {
  const running = readRecord(recordFile);
  if (running === undefined) return false;
  await end(service, running, running.port);
  await rm(recordFile, { force: true });
  return true;
}

async function launch(
  service: Service,
  detached: boolean,
  started?: (identity: ProcessIdentity) => void,
): Promise<{ child: ChildProcess; identity: ProcessIdentity }> {
  const { name, port, logFile } = service;
  await requireFreePort(port);
  const { file, args, env } = await service.command();
  mkdirSync(dirname(logFile), { recursive: true });
  const log = openSync(logFile, "w");
  const child = spawn(file, args, { detached, env, stdio: ["ignore", log, log] });
  closeSync(log);
  const identity = child.pid === undefined ? undefined : identify(child.pid);
  if (identity === undefined) {
    const reason = await new Promise<string>((resolve) => {
      child.once("error", (error) => {
        resolve(error.message);
      });
      child.once("exit", () => {
        resolve(tailOf(logFile));
      });
    });
    throw new LocalError(`The ${name} could not be started: ${reason}`, {
      remedy: "Run `make doctor` to see what is missing.",
    });
  }
  started?.(identity);
  return { child, identity };
}

async function waitUntilReady(
  service: Service,
  identity: ProcessIdentity,
  port: number,
): Promise<void> {
  const { name, logFile } = service;
  const deadline = Date.now() + readyMs;
  while (!(await service.isReady(port).catch(() => false))) {
    if (!isRunning(identity)) {
      throw new LocalError(`The ${name} ended while it started:\n${tailOf(logFile)}`, {
        remedy: `Read ${logFile}. What is broken on its disk is cleared by \`make reset\`.`,
      });
    }
    if (Date.now() > deadline) {
      throw new LocalError(
        `The ${name} (process ${identity.pid}, port ${port}) was not ready after ${readyMs / 1000} s.`,
        { remedy: `Read ${logFile}; then \`make down\` and \`make up\`.` },
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function end(
  service: Pick<Service, "name" | "askToEnd">,
  identity: ProcessIdentity,
  port: number,
): Promise<void> {
  if (!isRunning(identity)) return;
  try {
    if (service.askToEnd === undefined) signal(identity, "SIGTERM");
    else await service.askToEnd(port);
  } catch {
    // Not listening any more, or not yet.
    signal(identity, "SIGTERM");
  }
  if (await waitForEnd(identity, stopMs)) return;
  signal(identity, "SIGKILL");
  if (await waitForEnd(identity, stopMs)) return;
  throw new LocalError(`The ${service.name} (process ${identity.pid}) does not end.`, {
    remedy: `End it by hand: kill -9 ${identity.pid}.`,
  });
}

function tailOf(file: string): string {
  return readFileSync(file, "utf8").trimEnd().split("\n").slice(-10).join("\n");
}
