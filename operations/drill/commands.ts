import type { Command } from "commander";
import { wholeNumber } from "../arguments.ts";
import { storeHelp, withStore } from "../backup/commands.ts";
import { operation, type Options, work } from "../command-line.ts";
import { withProgress } from "../progress.ts";
import type { drillDisaster } from "./disaster.ts";

interface RestoreOptions extends Options {
  readonly contract?: string;
  readonly store?: string;
}

/** `drill …`. */
export function addDrillCommands(program: Command): void {
  const drill = program
    .command("drill")
    .description("show that what an emergency needs works, before there is one");
  addRestore(drill);
  addPlayed(
    drill,
    "disaster",
    "play an exploit on a ledger made for it, and the way back step by step, timed; exit code 3 where a step was late or an entry differs",
    async () => (await import("./disaster.ts")).drillDisaster,
  );
  addPlayed(
    drill,
    "exploit",
    "the same with a monitor: a drain goes on until the pause that follows its page, timed",
    async () => (await import("./exploit.ts")).drillExploit,
  );
}

function addPlayed(
  parent: Command,
  name: string,
  description: string,
  load: () => Promise<typeof drillDisaster>,
): void {
  operation(parent, name, description, `drill ${name} --agents 1000`)
    .option("--agents <count>", "how many agents the registry has", wholeNumber(10, 999_999), 40)
    .action((options: Options & { agents: number }) =>
      work(options, async (settings) => {
        const drill = await load();
        const { codeOf, drillText } = await import("./disaster.ts");
        const { compiledProgram } = await import("../../contracts/compiled-program.ts");
        const registry = compiledProgram("agent_registry_v3.aleo");
        const { agents } = options;
        const environment = process.env;
        const report = await withProgress((show) =>
          drill(settings, { registry, agents, environment }, show),
        );
        return { document: report, text: drillText(report), code: codeOf(report) };
      }),
    );
}

function addRestore(parent: Command): void {
  operation(
    parent,
    "restore",
    "restore the newest good backups into a ledger made for it and compare every entry; exit code 3 where one differs",
    "drill restore --network mainnet",
  )
    .option("--contract <program>", "only this one; else each that the stack declares")
    .option("--store <store>", storeHelp)
    .action((options: RestoreOptions) =>
      work(options, (settings) =>
        withStore(options.store, settings, async (store, show) => {
          const { codeOf, drillRestore, drillRestoreText } = await import("./restore.ts");
          const programs =
            options.contract === undefined
              ? settings.programs.map(({ program }) => program)
              : [options.contract];
          const reports = await drillRestore(settings, store, programs, process.env, show);
          return {
            document: reports,
            text: drillRestoreText(reports, store.location),
            code: codeOf(reports),
          };
        }),
      ),
    );
}
