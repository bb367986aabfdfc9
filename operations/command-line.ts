import type { Command } from "commander";
import { given } from "../aleo/environment.ts";
import { AleoError } from "../aleo/errors.ts";
import { fileError } from "../aleo/file-error.ts";
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
    .option(
      "--network <name>",
      "local, testnet or mainnet",
      given(process.env, "ALEO_NETWORK") ?? "local",
    )
    .option("--json", "print one JSON document")
    .addHelpText("after", `\nExample:\n  aleo-ops ${example}`);
}

/** Runs what only looks, with a client that does not wait for a slow node. */
export async function look(options: Options, work: Work): Promise<void> {
  await answer(options, "connectToLook", connected(work));
}

/** Runs what only looks and may need no node: a client is loaded when it is asked for. */
export async function lookLocally(options: Options, work: LocalWork): Promise<void> {
  await answer(options, "connectToLook", work);
}

/** Runs what is urgent, with a client that says soon that no node answers; not on a devnode by another network's name. */
export async function act(options: Options, work: Work): Promise<void> {
  await answer(options, "connectToAct", async (settings, connect) => {
    const { refuseDevnode } = await import("./devnode-elsewhere.ts");
    const node = await connect();
    await refuseDevnode(settings.network, node);
    return work(settings, node);
  });
}

/** Runs what takes its time, with a client that bears a slow node. */
export async function work(options: Options, work: Work): Promise<void> {
  await answer(options, "connectToWork", connected(work));
}

type Work = (settings: Settings, node: NodeClient) => Promise<Answer>;
type LocalWork = (settings: Settings, connect: () => Promise<NodeClient>) => Promise<Answer>;

function connected(work: Work): LocalWork {
  return async (settings, connect) => work(settings, await connect());
}

async function answer(
  options: Options,
  connectTo: "connectToLook" | "connectToAct" | "connectToWork",
  operate: LocalWork,
): Promise<void> {
  const { settingsFromFile } = await import("./stack-file.ts");
  const settings = settingsFromFile(options.network, process.cwd(), process.env);
  let node: NodeClient | undefined;
  const connect = async () => {
    const clients = await import("./connect.ts");
    return (node ??= clients[connectTo](settings));
  };
  try {
    report(options, await operate(settings, connect));
  } finally {
    await node?.close();
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
  const known = error instanceof AleoError ? error : fileError(error);
  const text = known?.explain() ?? String(error instanceof Error ? error.stack : error);
  return redact(text);
}
