import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, openSync, closeSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PrivateKey } from "../../aleo/keys.ts";
import { connect, type NodeClient } from "../../aleo/node/client.ts";
import type { Imports } from "../../aleo/transaction/builder.ts";
import { devnodeKey } from "../../aleo/transaction/devnode.ts";
import { Journal } from "../../aleo/transaction/journal.ts";
import { send } from "../../aleo/transaction/send.ts";
import { unprovenBuilder } from "../../aleo/transaction/unproven-builder.ts";
import type { Settings } from "../../settings.ts";
import type { Account } from "../account.ts";
import { until } from "../until.ts";
import { devnodeCommand } from "./devnode-command.ts";
import { DrillError } from "./drill-error.ts";

/** A ledger of its own on this machine, which is gone when it is stopped. */
export interface ScratchChain {
  readonly url: string;
  readonly node: NodeClient;
  /** Holds more credits than a drill needs, and is the admin of what it deploys. */
  readonly account: Account;
  /** Where the chain and its journal are kept until it is stopped. */
  readonly directory: string;
  /** When the devnode ends, by whatever. */
  readonly ended: Promise<unknown>;
  /** Deploys a program as its first edition, and returns when it is on chain. */
  deploy(program: string, source: string, imports?: Imports): Promise<void>;
  stop(): Promise<void>;
}

/** At this height a devnode has the newest consensus version, and takes every program. */
const readyHeight = 22;
const readyWithinMs = 60_000;
const endsWithinMs = 10_000;
const confirmedWithinMs = 60_000;
/** More than any transaction of a drill costs, in microcredits: nothing is paid for in earnest. */
const maxFee = 1_000_000_000n;

/**
 * Starts a devnode in a temporary folder, on a free port of 127.0.0.1.
 * @throws DrillError where there is none, or it does not become ready
 */
export async function startScratchChain(
  settings: Settings,
  environment: NodeJS.ProcessEnv,
): Promise<ScratchChain> {
  const { file, leading } = devnodeCommand(environment);
  const directory = mkdtempSync(join(tmpdir(), "aleo-ops-scratch-"));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const logFile = join(directory, "devnode.log");
  const log = openSync(logFile, "a");
  const child = spawn(
    file,
    [
      ...leading,
      ...["start", "--socket-addr", `127.0.0.1:${port}`],
      ...["--storage", join(directory, "ledger"), "--verbosity", "0"],
    ],
    { env: { PATH: environment.PATH, PRIVATE_KEY: devnodeKey }, stdio: ["ignore", log, log] },
  );
  closeSync(log);
  const ended = once(child, "exit");
  ended.catch(() => undefined);
  const takeBack = endWithProcess(child, directory);
  const node = connect({ network: "local", endpoints: [url] });
  const stop = async () => {
    await node.close();
    await end(child, url);
    takeBack();
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    await becomesReady(child, url, logFile);
  } catch (error) {
    await stop();
    throw error;
  }
  const account = accountOn(node, { ...settings, network: "local", endpoints: [url] }, directory);
  return {
    ...{ url, node, account, directory, ended, stop },
    deploy: async (program, source, imports = {}) => {
      const request = { programId: program, source, edition: 0, imports, priorityFee: 0n };
      const transaction = await account.builder.deployment(request);
      await send(account, program, `deployment of ${program}`, transaction);
    },
  };
}

function accountOn(node: NodeClient, settings: Settings, directory: string): Account {
  return {
    settings: { ...settings, maxFee, priorityFee: 0n },
    node,
    journal: new Journal(join(directory, "journal"), "local"),
    confirmationTimeoutMs: confirmedWithinMs,
    builder: unprovenBuilder(node, new PrivateKey(devnodeKey, "devnode.ts"), { devnode: true }),
  };
}

async function becomesReady(child: ChildProcess, url: string, logFile: string): Promise<void> {
  let failure: Error | undefined;
  child.once("error", (error) => {
    failure = error;
  });
  const isReady = async () => {
    if (failure !== undefined || child.exitCode !== null || child.signalCode !== null) {
      throw new DrillError(
        `The devnode ended before it was ready: ${failure?.message ?? endOf(child, logFile)}`,
        {
          remedy: "Set ALEO_DEVNODE to an aleo-devnode that runs on this machine.",
        },
      );
    }
    return (await heightOf(url)) >= readyHeight;
  };
  if (await until(isReady, readyWithinMs, 200)) return;
  throw new DrillError(`The devnode was not ready within ${readyWithinMs / 1_000} s.`, {
    remedy: "Run again when this machine has less to do.",
  });
}

async function heightOf(url: string): Promise<number> {
  try {
    const response = await fetch(`${url}/testnet/block/height/latest`, {
      signal: AbortSignal.timeout(2_000),
    });
    return response.ok ? Number(await response.text()) : -1;
  } catch {
    return -1;
  }
}

function endOf({ exitCode, signalCode }: ChildProcess, logFile: string): string {
  const last = readFileSync(logFile, "utf8").trim().split("\n").at(-1) ?? "";
  return last === "" ? `it ended with ${String(exitCode ?? signalCode)} and said nothing.` : last;
}

const signals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/**
 * Nothing is left behind where this process ends or is told to. The signal's code is the exit code,
 * unless there is one already.
 * @returns what takes this back
 */
function endWithProcess(child: ChildProcess, directory: string): () => void {
  const end = () => {
    child.kill("SIGKILL");
    rmSync(directory, { recursive: true, force: true });
  };
  const handlers = Object.entries(signals).map(([signal, code]) => ({
    signal,
    heed: () => {
      end();
      process.exit(process.exitCode ?? code);
    },
  }));
  process.once("exit", end);
  for (const { signal, heed } of handlers) process.once(signal, heed);
  return () => {
    process.removeListener("exit", end);
    for (const { signal, heed } of handlers) process.removeListener(signal, heed);
  };
}

/** Asks it to end, so that it does not spoil its own files, and kills it where it does not. */
async function end(child: ChildProcess, url: string): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = once(child, "exit");
  await fetch(`${url}/testnet/shutdown`, {
    method: "POST",
    signal: AbortSignal.timeout(5_000),
  }).catch(() => undefined);
  const timer = setTimeout(() => child.kill("SIGKILL"), endsWithinMs);
  await ended;
  clearTimeout(timer);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (address !== null && typeof address === "object") return address.port;
  throw new DrillError("The system gave no free port.", { remedy: "Run again." });
}
