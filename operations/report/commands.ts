import { type Command, Option } from "commander";
import { look, lookLocally, operation, type Options } from "../command-line.ts";
import type { Format } from "./format.ts";

export interface ReportOptions extends Options {
  readonly format: Format;
  readonly output?: string;
}

/** `report …`. */
export function addReportCommands(program: Command): void {
  const report = program.command("report").description("look at the whole network for people");

  withFormat(
    operation(
      report,
      "daily",
      "the checklist of the morning: health, alerts, backups, balances, withdrawals, drift; exit code 3 where something is bad",
      "report daily --network mainnet --format html --output daily.html",
    ),
  ).action((options: ReportOptions) =>
    look(options, async (settings, node) => {
      const { dailyReport } = await import("./daily.ts");
      const { answerOf } = await import("./format.ts");
      return answerOf(await dailyReport(settings, node, process.env), options);
    }),
  );

  withFormat(
    operation(
      report,
      "weekly",
      "how the programs did: throughput, latency, failures and fees, against the week before",
      "report weekly --network mainnet --format markdown",
    ),
  ).action((options: ReportOptions) =>
    lookLocally(options, async (settings) => {
      const { weeklyReport } = await import("./weekly.ts");
      const { answerOf } = await import("./format.ts");
      return answerOf(await weeklyReport(settings, process.env), options);
    }),
  );
}

/** Lets a report be written in several ways. */
export function withFormat(command: Command): Command {
  return command
    .addOption(
      new Option("--format <format>", "how it is written; html is one page that needs nothing else")
        .choices(["text", "markdown", "json", "html"])
        .default("text"),
    )
    .option("--output <file>", "write it into this file");
}
