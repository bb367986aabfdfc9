import type { Command } from "commander";
import { look, operation, type Options } from "../command-line.ts";
import { exitCode } from "../exit-code.ts";

/** Adds what only looks at a network. */
export function addLookCommands(parent: Command): void {
  operation(
    parent,
    "health",
    "look at every endpoint and declared program; exit code 1 where something is bad",
    "health --network mainnet",
  ).action((options: Options) =>
    look(options, async (settings, node) => {
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

  operation(
    parent,
    "node",
    "show height, lag and latency of every endpoint; exit code 1 where none answers",
    "node --network testnet",
  ).action((options: Options) =>
    look(options, async (settings) => {
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

  operation(
    parent,
    "program <id>",
    "show a program as it stands on chain",
    "program agent_registry_v2.aleo --network mainnet",
  )
    .option("--source", "print its source alone")
    .action((id: string, options: Options & { readonly source?: true }) =>
      look(options, async (settings, node) => {
        if (options.source === true) {
          const { programSource } = await import("./program.ts");
          const source = await programSource(settings, node, id);
          return { document: { program: id, source }, text: source.trimEnd() };
        }
        const { programStatus, programText } = await import("./program.ts");
        const status = await programStatus(settings, node, id);
        return { document: status, text: programText(status) };
      }),
    );

  operation(
    parent,
    "balance [address]",
    "show the public balance of an address, else of the account of ALEO_PRIVATE_KEY",
    "balance --network mainnet",
  ).action((address: string | undefined, options: Options) =>
    look(options, async (settings, node) => {
      const { balance, balanceText, operatingAddress } = await import("./balance.ts");
      const found = await balance(
        node,
        address ?? (await operatingAddress(settings.network, process.env)),
      );
      return { document: found, text: balanceText(found) };
    }),
  );
}
