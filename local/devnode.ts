import { mkdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { developmentKey } from "./development-account.ts";
import { readRecord } from "./processes.ts";
import {
  type RunningService,
  type Service,
  startChild,
  startDetached,
  stopDetached,
} from "./service.ts";
import { ensureDevnode } from "./tools/devnode.ts";

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

/**
 * Starts a devnode as a child of this process and waits until it takes transactions.
 *
 * @throws LocalError when the port is in use, or the devnode ends or does not become ready
 */
export async function startDevnode(options: DevnodeOptions): Promise<Devnode> {
  return { url: urlOf(options.port), ...(await startChild(serviceOf(options))) };
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
  const { port, started }: RunningService = await startDetached(serviceOf(options), recordFile);
  return { url: urlOf(port), started };
}

/** Where the devnode recorded in `recordFile` is reached; undefined when it does not run. */
export function detachedDevnodeUrl(recordFile: string): string | undefined {
  const running = readRecord(recordFile);
  return running === undefined ? undefined : urlOf(running.port);
}

/** Stops the devnode recorded in `recordFile`, and no other. False when none runs. */
export function stopDetachedDevnode(recordFile: string): Promise<boolean> {
  return stopDetached({ name, askToEnd: shutDown }, recordFile);
}

const name = "devnode";

function serviceOf(options: DevnodeOptions): Service {
  const { directory, port, logFile, manualBlocks = false } = options;
  return {
    name,
    port,
    logFile,
    askToEnd: shutDown,
    command: async () => {
      const { file, leading } = await ensureDevnode(() => undefined);
      mkdirSync(directory, { recursive: true });
      // With this file of the last run the devnode takes minutes to start; it makes it anew without.
      await rm(join(directory, "block_tree"), { force: true });
      return {
        file,
        args: [
          ...leading,
          "start",
          ...["--socket-addr", `127.0.0.1:${port}`],
          ...["--storage", directory],
          ...["--verbosity", "0"],
          ...(manualBlocks ? ["--manual-block-creation"] : []),
        ],
        env: { ...process.env, PRIVATE_KEY: developmentKey },
      };
    },
    isReady: async (at) => {
      const height = await heightOf(at);
      if (height < readyHeight && manualBlocks) await makeBlocks(at, readyHeight - height);
      return height >= readyHeight;
    },
  };
}

function urlOf(port: number): string {
  return `http://127.0.0.1:${port}`;
}

async function heightOf(port: number): Promise<number> {
  const response = await fetch(`${urlOf(port)}/testnet/block/height/latest`, {
    signal: AbortSignal.timeout(2_000),
  });
  if (!response.ok) throw new Error(`the devnode answered ${response.status}`);
  return Number(await response.text());
}

async function makeBlocks(port: number, count: number): Promise<void> {
  await fetch(`${urlOf(port)}/testnet/block/create`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ num_blocks: count }),
    signal: AbortSignal.timeout(60_000),
  });
}

async function shutDown(port: number): Promise<void> {
  await fetch(`${urlOf(port)}/testnet/shutdown`, {
    method: "POST",
    signal: AbortSignal.timeout(5_000),
  });
}
