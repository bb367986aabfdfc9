import { type Command, InvalidArgumentError } from "commander";
import { given } from "../../aleo/environment.ts";
import { blockHeight } from "../arguments.ts";
import { type Options, work } from "../command-line.ts";
import type { Range } from "./backtest.ts";

interface MonitorOptions extends Options {
  readonly fromBlock?: number;
  readonly replay?: Range;
  readonly dryRun?: boolean;
}

/** `monitor`. */
export function addMonitorCommand(program: Command): void {
  program
    .command("monitor")
    .description("watch a network, judge it by the rules and tell of what they find, until ended")
    .option(
      "--network <name>",
      "local, testnet or mainnet",
      given(process.env, "ALEO_NETWORK") ?? "local",
    )
    .option(
      "--from-block <height>",
      "where a new database begins; at the newest block without it",
      blockHeight,
    )
    .option(
      "--replay <from..to>",
      "judge these old blocks by the rules, print what would have fired, and end",
      blockRange,
    )
    .option("--dry-run", "tell nobody; what a replay needs")
    .option("--json", "print what a replay found as one JSON document")
    .addHelpText(
      "after",
      "\nExamples:\n  aleo-ops monitor --network testnet --from-block 7100000\n  aleo-ops monitor --network testnet --replay 7100000..7101000 --dry-run",
    )
    .action(async (options: MonitorOptions, command: Command) => {
      const { network, fromBlock, replay, dryRun = false } = options;
      if (dryRun !== (replay !== undefined)) {
        command.error(
          dryRun
            ? "error: --dry-run goes with --replay: a monitor that tells nobody watches for nothing"
            : "error: --replay goes with --dry-run: nobody is told of old blocks",
        );
      }
      if (replay !== undefined) {
        await work(options, async (settings, node) => {
          const { replayAnswer } = await import("./backtest.ts");
          return replayAnswer(settings, process.env, node, replay);
        });
        return;
      }
      const { settingsFromFile } = await import("../stack-file.ts");
      const { runMonitor } = await import("./monitor.ts");
      const settings = settingsFromFile(network, process.cwd(), process.env);
      await runMonitor(settings, process.env, fromBlock);
    });
}

function blockRange(text: string): Range {
  const [, from, to] = /^(\d{1,10})\.\.(\d{1,10})$/.exec(text) ?? [];
  if (from !== undefined && Number(from) <= Number(to))
    return { from: Number(from), to: Number(to) };
  throw new InvalidArgumentError("It must be two heights of blocks, such as 100..200.");
}
