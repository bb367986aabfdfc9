import type { Command } from "commander";
import type { ObjectStore } from "../../aleo/backup/store.ts";
import { storeHelp } from "../backup/commands.ts";
import { operation, type Options, work } from "../command-line.ts";
import { withProgress } from "../progress.ts";

interface DiffOptions extends Options {
  readonly program?: string;
  readonly store?: string;
}

/** `state diff`. */
export function addStateCommands(program: Command): void {
  const state = program.command("state").description("look at what programs hold");
  operation(
    state,
    "diff <before> <after>",
    "show each entry that is added, removed or changed; each side is a height, latest, a backup's id, a backup's folder, or one that `restore --to-folder` wrote; exit code 3 where they differ",
    "state diff 1234567 latest --program agent_registry_v2.aleo --network mainnet",
  )
    .option("--program <program>", "of which the heights and the backups are")
    .option("--store <store>", storeHelp)
    .action((before: string, after: string, options: DiffOptions) =>
      work(options, async (settings, node) => {
        const { openStore } = await import("../backup/store/open-store.ts");
        const { codeOf, diffText, stateDiff } = await import("./diff.ts");
        const { stateNamed } = await import("./reference.ts");
        let opened: Promise<ObjectStore> | undefined;
        const store = () => (opened ??= openStore(options.store, settings, process.env));
        try {
          const diff = await withProgress(async (show) => {
            const where = { node, program: options.program, store, show };
            const first = await stateNamed(before, where);
            return stateDiff(first, await stateNamed(after, where));
          });
          return { document: diff, text: diffText(diff), code: codeOf(diff) };
        } finally {
          (await opened?.catch(() => undefined))?.close();
        }
      }),
    );
}
