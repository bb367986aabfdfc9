import { readFileSync } from "node:fs";
import PQueue from "p-queue";
import { z } from "zod";
import { AleoError } from "../errors.ts";
import { redact } from "../keys.ts";

export type Sdk = typeof import("@provablehq/sdk/testnet.js");

export class SdkError extends AleoError {}

const loaded = new Map<string, Promise<Sdk>>();

/**
 * Loads the SDK of a ledger once in a process: 20 MB of wasm and up to 375 MB of memory, so only
 * code that builds a transaction calls this.
 */
export function loadSdk(ledger: "testnet" | "mainnet"): Promise<Sdk> {
  let sdk = loaded.get(ledger);
  if (sdk === undefined) {
    sdk = importSdk(ledger);
    loaded.set(ledger, sdk);
  }
  return sdk;
}

async function importSdk(ledger: "testnet" | "mainnet"): Promise<Sdk> {
  const sdk =
    ledger === "mainnet"
      ? ((await import("@provablehq/sdk/mainnet.js")) as unknown as Sdk)
      : await import("@provablehq/sdk/testnet.js");
  sdk.setLogLevel("silent");
  return sdk;
}

const oneAtATime = new PQueue({ concurrency: 1 });

/** Gives work the loaded SDK; all work in a process runs one after the other, as the wasm needs. */
export function sdkQueue(
  ledger: "testnet" | "mainnet",
  prepare: (sdk: Sdk) => void = () => undefined,
): <Result>(work: (sdk: Sdk) => Promise<Result>) => Promise<Result> {
  return (work) =>
    oneAtATime.add(async () => {
      const sdk = await loadSdk(ledger);
      prepare(sdk);
      return work(sdk);
    });
}

/** Of the SDK that is installed. */
export function sdkVersion(): string {
  const manifest = new URL("../../package.json", import.meta.resolve("@provablehq/sdk/testnet.js"));
  return z.object({ version: z.string() }).parse(JSON.parse(readFileSync(manifest, "utf8")))
    .version;
}

/** How many consensus versions the SDK's ledger knows; a wrong count makes its wasm panic. */
export const consensusVersions = 19;
let devnodeHeightsSet = false;

/** Tells the SDK that every consensus version is in force from the first blocks on, as on a devnode. */
export function useDevnodeConsensusHeights(sdk: Sdk): void {
  if (devnodeHeightsSet) return;
  sdk.getOrInitConsensusVersionTestHeights([...Array(consensusVersions).keys()].join(","));
  devnodeHeightsSet = true;
}

/**
 * Runs one call into the SDK. The SDK throws strings as well as errors, and its wasm may panic.
 * @throws SdkError naming what was attempted; a key in the SDK's message is blotted out
 */
export async function callSdk<Result>(
  what: string,
  call: () => Result | Promise<Result>,
): Promise<Result> {
  try {
    return await call();
  } catch (cause) {
    const reason = redact(cause instanceof Error ? cause.message : String(cause));
    throw new SdkError(`${what} failed: ${reason}`, { remedy: remedyFor(reason), cause });
  }
}

function remedyFor(reason: string): string {
  if (/download|XMLHttpRequest|failed to fetch/i.test(reason)) {
    return "Proving needs files from Provable's parameter host: check that this machine reaches it, then run again. Nothing was sent.";
  }
  if (/unreachable|recursive use/i.test(reason)) {
    return "The SDK's wasm stopped. Run again in a new process; if it stays, report the program and the SDK's version. Nothing was sent.";
  }
  return "Nothing was sent. Correct what the message names, then run again.";
}
