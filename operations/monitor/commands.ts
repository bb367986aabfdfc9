import { type Command, InvalidArgumentError } from "commander";

/** `monitor`. */
export function addMonitorCommand(program: Command): void {
  program
    .command("monitor")
    .description("watch a network, judge it by the rules and tell of what they find, until ended")
    .option("--network <name>", "local, testnet or mainnet", process.env.ALEO_NETWORK ?? "local")
    .option(
      "--from-block <height>",
      "where a new database begins; at the newest block without it",
      blockHeight,
    )
    .addHelpText("after", "\nExample:\n  aleo-ops monitor --network testnet --from-block 7100000")
    .action(async ({ network, fromBlock }: { network: string; fromBlock?: number }) => {
      const { settingsFromFile } = await import("../stack-file.ts");
      const { runMonitor } = await import("./monitor.ts");
      const settings = settingsFromFile(network, process.cwd(), process.env);
      await runMonitor(settings, process.env, fromBlock);
    });
}

function blockHeight(text: string): number {
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be the height of a block.");
}
