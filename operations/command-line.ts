import type { Command } from "commander";
import { AleoError } from "../aleo/errors.ts";
import { redact } from "../aleo/keys.ts";
import type { NodeClient } from "../aleo/node/client.ts";
import type { Settings } from "../settings.ts";
import { exitCode, type ExitCode } from "./exit-code.ts";

/** What every command takes. */
export interface Options {
  readonly network: string;
  readonly json?: boolean;
}

/** What an operation found: as a document for machines and as text for people. */
export interface Answer {
  readonly document: unknown;
  readonly text: string;
  readonly code?: ExitCode;
}

/** Adds a command that looks at a network or works on it. */
export function operation(
  parent: Command,
  name: string,
  description: string,
  example: string,
): Command {
  return parent
    .command(name)
    .description(description)
    .option("--network <name>", "local, testnet or mainnet", process.env.ALEO_NETWORK ?? "local")
    .option("--json", "print one JSON document")
    .addHelpText("after", `\nExample:\n  aleo-ops ${example}`);
}

/** Runs what only looks, with a client that does not wait for a slow node. */
export async function look(
  options: Options,
  work: (settings: Settings, node: NodeClient) => Promise<Answer>,
): Promise<void> {
  const { connectToLook } = await import("./connect.ts");
  await answer(options, connectToLook, work);
}

/** Runs what is urgent, with a client that says soon that no node answers. */
export async function act(
  options: Options,
  work: (settings: Settings, node: NodeClient) => Promise<Answer>,
): Promise<void> {
  const { connectToAct } = await import("./connect.ts");
  await answer(options, connectToAct, work);
}

/** Runs what takes its time, with a client that bears a slow node. */
export async function work(
  options: Options,
  work: (settings: Settings, node: NodeClient) => Promise<Answer>,
): Promise<void> {
  const { connectToWork } = await import("./connect.ts");
  await answer(options, connectToWork, work);
}

async function answer(
  options: Options,
  connectTo: (settings: Settings) => NodeClient,
  operate: (settings: Settings, node: NodeClient) => Promise<Answer>,
): Promise<void> {
  const { settingsFromFile } = await import("./stack-file.ts");
  const settings = settingsFromFile(options.network, process.cwd(), process.env);
  const node = connectTo(settings);
  try {
    report(options, await operate(settings, node));
  } finally {
    await node.close();
  }
}

/** Prints what an operation found, and takes over its exit code. */
export function report(options: Options, { document, text, code = exitCode.ok }: Answer): void {
  const shown = options.json === true ? JSON.stringify(document, undefined, 2) : text;
  process.stdout.write(`${shown}\n`);
  process.exitCode = code;
}

/** An error as a person should see it; nothing that looks like a key is in it. */
export function shownError(error: unknown): string {
  const text =
    error instanceof AleoError
      ? error.explain()
      : String(error instanceof Error ? error.stack : error);
  return redact(text);
}
