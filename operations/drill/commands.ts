import type { Command } from "commander";
import { storeHelp, withStore } from "../backup/commands.ts";
import { operation, type Options, work } from "../command-line.ts";

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
