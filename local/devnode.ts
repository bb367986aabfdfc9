import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { developmentKey } from "./development-account.ts";
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
import { type DevnodeCommand, ensureDevnode } from "./tools/devnode.ts";

export interface DevnodeOptions {
  /** Where the ledger is kept; a ledger that is there already goes on. */
  readonly directory: string;
  readonly port: number;
  readonly logFile: string;
  /** Once the devnode is ready, blocks are made only on `POST /testnet/block/create`. */
  readonly manualBlocks?: boolean;
}

export interface Devnode {
  readonly url: string;
  readonly pid: number;
  /** Asks it to shut down and waits until it has ended, so that the ledger is whole. */
  stop(): Promise<void>;
}

export interface DetachedDevnode {
  readonly url: string;
  /** False when it ran already. */
  readonly started: boolean;
}

/**
 * At this height a ledger has the newest consensus version (aleo-devnode 0.2.5). The devnode takes a
 * new one there by itself, unless it makes blocks only when told to.
 */
const readyHeight = 22;
const readyMs = 60_000;
const stopMs = 30_000;

/**
 * Starts a devnode as a child of this process and waits until it takes transactions.
 *
 * @throws LocalError when the port is in use, or the devnode ends or does not become ready
 */
export async function startDevnode(options: DevnodeOptions): Promise<Devnode> {
  const { child, identity } = await launch(options, await ensureDevnode(() => undefined), false);
  const killWithParent = () => {
    child.kill("SIGKILL");
  };
  process.once("exit", killWithParent);
  const stop = async () => {
    await shutDown(identity, options.port);
    process.removeListener("exit", killWithParent);
  };
  try {
    await waitUntilReady(identity, options);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: urlOf(options.port), pid: identity.pid, stop };
}

/**
 * Starts a devnode that goes on after this process, recorded in `recordFile`. One that runs already
 * is left as it is, on the port it has.
 *
 * @throws LocalError as `startDevnode` does
 */
export async function startDetachedDevnode(
  options: DevnodeOptions,
  recordFile: string,
): Promise<DetachedDevnode> {
  return withLock(recordFile, { waiting: () => undefined }, async () => {
    const running = readRecord(recordFile);
    if (running !== undefined) {
      await waitUntilReady(running, { ...options, port: running.port });
      return { url: urlOf(running.port), started: false };
    }
    const command = await ensureDevnode(() => undefined);
    const { child, identity } = await launch(options, command, true, (started) => {
      writeRecord(recordFile, { ...started, port: options.port });
    });
    child.unref();
    await waitUntilReady(identity, options);
    return { url: urlOf(options.port), started: true };
  });
}

/** Where the devnode recorded in `recordFile` is reached; undefined when it does not run. */
export function detachedDevnodeUrl(recordFile: string): string | undefined {
  const running = readRecord(recordFile);
  return running === undefined ? undefined : urlOf(running.port);
}

/** Stops the devnode recorded in `recordFile`, and no other. False when none runs. */
export async function stopDetachedDevnode(recordFile: string): Promise<boolean> {
  const running = readRecord(recordFile);
  if (running === undefined) return false;
  await shutDown(running, running.port);
  await rm(recordFile, { force: true });
  return true;
}

function urlOf(port: number): string {
  return `http://127.0.0.1:${port}`;
}

async function launch(
  options: DevnodeOptions,
  command: DevnodeCommand,
  detached: boolean,
  started?: (identity: ProcessIdentity) => void,
): Promise<{ child: ChildProcess; identity: ProcessIdentity }> {
  await requireFreePort(options.port);
  mkdirSync(options.directory, { recursive: true });
  mkdirSync(dirname(options.logFile), { recursive: true });
  // With this file of the last run the devnode takes minutes to start; it makes it anew without.
  await rm(join(options.directory, "block_tree"), { force: true });
  const log = openSync(options.logFile, "w");
  const child = spawn(
    command.file,
    [
      ...command.leading,
      "start",
      ...["--socket-addr", `127.0.0.1:${options.port}`],
      ...["--storage", options.directory],
      ...["--verbosity", "0"],
      ...(options.manualBlocks === true ? ["--manual-block-creation"] : []),
    ],
    {
      detached,
      // By environment and not as an argument, which every user of the machine could read.
      env: { ...process.env, PRIVATE_KEY: developmentKey },
      stdio: ["ignore", log, log],
    },
  );
  closeSync(log);
  const identity = child.pid === undefined ? undefined : identify(child.pid);
  if (identity === undefined) {
    const reason = await new Promise<string>((resolve) => {
      child.once("error", (error) => {
        resolve(error.message);
      });
      child.once("exit", () => {
        resolve(tailOf(options.logFile));
      });
    });
    throw new LocalError(`The devnode could not be started: ${reason}`, {
      remedy: "Run `make doctor` to see what is missing.",
    });
  }
  started?.(identity);
  return { child, identity };
}

async function waitUntilReady(identity: ProcessIdentity, options: DevnodeOptions): Promise<void> {
  const deadline = Date.now() + readyMs;
  for (;;) {
    const height = await heightOf(options.port);
    if (height !== undefined && height >= readyHeight) return;
    if (height !== undefined && options.manualBlocks === true) {
      await makeBlocks(options.port, readyHeight - height);
    }
    if (!isRunning(identity)) {
      throw new LocalError(`The devnode ended while it started:\n${tailOf(options.logFile)}`, {
        remedy: `Read ${options.logFile}. A ledger that is broken is cleared by \`make reset\`.`,
      });
    }
    if (Date.now() > deadline) {
      throw new LocalError(
        `The devnode (process ${identity.pid}, port ${options.port}) was not ready after ${readyMs / 1000} s.`,
        { remedy: `Read ${options.logFile}; then \`make down\` and \`make up\`.` },
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function heightOf(port: number): Promise<number | undefined> {
  try {
    const response = await fetch(`${urlOf(port)}/testnet/block/height/latest`, {
      signal: AbortSignal.timeout(2_000),
    });
    return response.ok ? Number(await response.text()) : undefined;
  } catch {
    return undefined;
  }
}

async function makeBlocks(port: number, count: number): Promise<void> {
  await fetch(`${urlOf(port)}/testnet/block/create`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ num_blocks: count }),
    signal: AbortSignal.timeout(readyMs),
  });
}

async function shutDown(identity: ProcessIdentity, port: number): Promise<void> {
  if (!isRunning(identity)) return;
  try {
    await fetch(`${urlOf(port)}/testnet/shutdown`, {
      method: "POST",
      signal: AbortSignal.timeout(5_000),
    });
  } catch {
    // Not listening any more, or not yet: the signals below end it.
    signal(identity, "SIGTERM");
  }
  if (await waitForEnd(identity, stopMs)) return;
  signal(identity, "SIGKILL");
  if (await waitForEnd(identity, stopMs)) return;
  throw new LocalError(`The devnode (process ${identity.pid}) does not end.`, {
    remedy: `End it by hand: kill -9 ${identity.pid}.`,
  });
}

function tailOf(file: string): string {
  return readFileSync(file, "utf8").trimEnd().split("\n").slice(-10).join("\n");
}
