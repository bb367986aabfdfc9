#!/usr/bin/env node
import { Command } from "commander";
import { AleoError } from "../aleo/errors.ts";
import { redact } from "../aleo/keys.ts";
import type { NodeClient } from "../aleo/node/client.ts";
import type { Settings } from "../settings.ts";
import { type ExitCode, exitCode } from "./exit-code.ts";

interface Options {
  readonly network: string;
  readonly json?: boolean;
}

/** What an operation found: as a document for machines and as text for people. */
interface Answer {
  readonly document: unknown;
  readonly text: string;
  readonly code?: ExitCode;
}

const program = new Command("aleo-ops")
  .description("Operations on a network of Aleo programs: each line of a runbook is a command.")
  .showHelpAfterError()
  .exitOverride((error) => {
    process.exit(error.exitCode === 0 ? exitCode.ok : exitCode.wrongUsage);
  });

const look = (name: string, description: string, example: string) =>
  program
    .command(name)
    .description(description)
    .option("--network <name>", "local, testnet or mainnet", process.env.ALEO_NETWORK ?? "local")
    .option("--json", "print one JSON document")
    .addHelpText("after", `\nExample:\n  aleo-ops ${example}`);

look(
  "health",
  "look at every endpoint and declared program; exit code 1 where something is bad",
  "health --network mainnet",
).action((options: Options) =>
  answer(options, async (settings, node) => {
    const { health, healthText } = await import("./health.ts");
    const checks = await health(settings, node);
    const isBad = checks.some(({ verdict }) => verdict === "bad");
    return {
      document: checks,
      text: healthText(checks),
      code: isBad ? exitCode.failed : exitCode.ok,
    };
  }),
);

look(
  "node",
  "show height, lag and latency of every endpoint; exit code 1 where none answers",
  "node --network testnet",
).action((options: Options) =>
  answer(options, async (settings) => {
    const { nodeStatus, nodeText } = await import("./node.ts");
    const statuses = await nodeStatus(settings);
    const noneAnswers = statuses.every(({ problem }) => problem !== undefined);
    return {
      document: statuses,
      text: nodeText(statuses),
      code: noneAnswers ? exitCode.failed : exitCode.ok,
    };
  }),
);

look(
  "program <id>",
  "show a program as it stands on chain",
  "program agent_registry_v2.aleo --network mainnet",
).action((id: string, options: Options) =>
  answer(options, async (settings, node) => {
    const { programStatus, programText } = await import("./program.ts");
    const status = await programStatus(settings, node, id);
    return { document: status, text: programText(status) };
  }),
);

look(
  "balance [address]",
  "show the public balance of an address, else of the account of ALEO_PRIVATE_KEY",
  "balance --network mainnet",
).action((address: string | undefined, options: Options) =>
  answer(options, async (settings, node) => {
    const { balance, balanceText, operatingAddress } = await import("./balance.ts");
    const found = await balance(
      node,
      address ?? (await operatingAddress(settings.network, process.env)),
    );
    return { document: found, text: balanceText(found) };
  }),
);

async function answer(
  options: Options,
  operation: (settings: Settings, node: NodeClient) => Promise<Answer>,
): Promise<void> {
  const { settingsFromFile } = await import("./stack-file.ts");
  const { connectToLook } = await import("./connect.ts");
  const settings = settingsFromFile(options.network, process.cwd(), process.env);
  const node = connectToLook(settings);
  try {
    const { document, text, code = exitCode.ok } = await operation(settings, node);
    const shown = options.json === true ? JSON.stringify(document, undefined, 2) : text;
    process.stdout.write(`${shown}\n`);
    process.exitCode = code;
  } finally {
    await node.close();
  }
}

try {
  await program.parseAsync();
} catch (error) {
  const text =
    error instanceof AleoError
      ? error.explain()
      : String(error instanceof Error ? error.stack : error);
  process.stderr.write(`error: ${redact(text)}\n`);
  process.exitCode = exitCode.failed;
}
