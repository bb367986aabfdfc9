import { resolve } from "node:path";
import type { Command } from "commander";
import type { Manifest } from "../../aleo/backup/manifest.ts";
import type { ObjectStore } from "../../aleo/backup/store.ts";
import { given } from "../../aleo/environment.ts";
import type { NodeClient } from "../../aleo/node/client.ts";
import type { Settings } from "../../settings.ts";
import { storeHelp, withStore } from "../backup/commands.ts";
import { type Answer, operation, type Options, work } from "../command-line.ts";
import type { ScratchChain } from "../drill/scratch-chain.ts";
import { exitCode } from "../exit-code.ts";

interface RestoreOptions extends Options {
  readonly backupId: string;
  readonly contract: string;
  readonly to?: string;
  readonly toFolder?: string;
  readonly toDevnode?: true;
  readonly store?: string;
  readonly dryRun?: true;
}

/** `restore`. */
export function addRestoreCommand(program: Command): void {
  const restore = operation(
    program,
    "restore",
    "import a backup into a paused program, or put it where it can be looked at; exit code 3 where an entry differs in the end, 4 where only a part is imported",
    "restore --backup-id 20250621_1200 --contract agent_registry_v2.aleo --to agent_registry_v3.aleo --dry-run",
  )
    .requiredOption("--backup-id <id>", "as `backups list` shows it")
    .requiredOption("--contract <program>", "the program that was backed up")
    .option("--to <program>", "the program to import into")
    .option("--to-folder <folder>", "a new folder to write into instead")
    .option("--to-devnode", "a ledger started for it instead, to look at until Ctrl-C")
    .option("--store <store>", storeHelp)
    .option("--dry-run", "say what would be imported and what it would cost")
    .action(async (options: RestoreOptions) => {
      const { to, toFolder, toDevnode } = options;
      if ([to, toFolder, toDevnode].filter((where) => where !== undefined).length !== 1) {
        restore.error(
          "error: name a program with --to, a folder with --to-folder, or --to-devnode",
        );
      }
      let chain: ScratchChain | undefined;
      await work(options, (settings, node) =>
        withStore(options.store, settings, async (store, show) => {
          const { openBackup } = await import("../../aleo/backup/read-backup.ts");
          const name = { program: options.contract, id: options.backupId };
          const manifest = await openBackup(store, name, settings.network);
          if (toFolder !== undefined) return intoFolder(store, manifest, toFolder);
          if (toDevnode === true) {
            const started = await intoDevnode(settings, store, manifest, show);
            chain = started.chain;
            return started.answer;
          }
          return intoProgram({ settings, node, store, manifest, to: to ?? "", show }, options);
        }),
      );
      await chain?.ended;
    });
}

async function intoDevnode(
  settings: Settings,
  store: ObjectStore,
  manifest: Manifest,
  show: (text: string) => void,
): Promise<{ readonly chain: ScratchChain; readonly answer: Answer }> {
  const { restoreToDevnode, toDevnodeText } = await import("./to-devnode.ts");
  const { codeOf } = await import("./run.ts");
  const restored = await restoreToDevnode(settings, store, manifest, process.env, show);
  const { chain, program, report } = restored;
  return {
    chain,
    answer: {
      document: { url: chain.url, program, ...report },
      text: toDevnodeText(restored),
      code: codeOf(report),
    },
  };
}

async function intoFolder(store: ObjectStore, manifest: Manifest, folder: string): Promise<Answer> {
  const { restoreToFolder } = await import("./to-folder.ts");
  const written = await restoreToFolder(store, manifest, resolve(folder));
  return {
    document: written,
    text: `✔ ${written.files.length} files written to ${written.folder}: ${written.files.join(", ")}`,
  };
}

interface Restoration {
  readonly settings: Settings;
  readonly node: NodeClient;
  readonly store: ObjectStore;
  readonly manifest: Manifest;
  readonly to: string;
  readonly show: (text: string) => void;
}

async function intoProgram(
  { settings, node, store, manifest, to, show }: Restoration,
  { dryRun }: RestoreOptions,
): Promise<Answer> {
  const { loadSnapshot } = await import("../../aleo/backup/load-snapshot.ts");
  const { operatingAccount } = await import("../account.ts");
  const origin = `backup ${manifest.id}`;
  const snapshot = await loadSnapshot(store, manifest);
  if (dryRun === true) {
    const { batchesFor, planRestore, planText, priceOf, targetOf } = await import("./plan.ts");
    const { pricingBuilder } = await import("../../aleo/transaction/builders.ts");
    const target = await targetOf(node, to, snapshot);
    const signer =
      given(process.env, "ALEO_PRIVATE_KEY") === undefined
        ? undefined
        : await operatingAccount(settings, node, process.env, "a restore").builder.signer();
    const plan = await planRestore(node, origin, snapshot, target, signer);
    const batches = batchesFor(target, snapshot);
    const fee = await priceOf(pricingBuilder(node), target.callee, batches);
    return {
      document: { ...plan, fee: fee.toString() },
      text: `${planText(plan, fee)}\nNothing was sent.`,
      code: plan.obstacles.length === 0 ? exitCode.ok : exitCode.failed,
    };
  }
  const { codeOf, restore, restoreText } = await import("./run.ts");
  const account = operatingAccount(settings, node, process.env, "a restore");
  const report = await restore(account, origin, snapshot, to, show);
  return { document: report, text: restoreText(report), code: codeOf(report) };
}
