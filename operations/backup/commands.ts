import { type Command, Option } from "commander";
import type { ObjectStore } from "../../aleo/backup/store.ts";
import { snapshotSources, type SnapshotSource } from "../../aleo/snapshot/snapshot.ts";
import type { Settings } from "../../settings.ts";
import { wholeNumber } from "../arguments.ts";
import { operation, type Options, work } from "../command-line.ts";
import { exitCode } from "../exit-code.ts";
import { withProgress } from "../progress.ts";

interface BackupOptions extends Options {
  readonly contract?: string;
  readonly all?: true;
  readonly to?: string;
  readonly source: SnapshotSource | "auto";
}

interface StoreOptions extends Options {
  readonly store?: string;
  readonly contract?: string;
}

export const storeHelp =
  "a folder or s3://bucket/prefix; else BACKUP_STORE, else the bucket that the stack declares";
const ofProgramHelp = "of this program only";

/** `backup` and `backups …`. */
export function addBackupCommands(program: Command): void {
  addBackup(program);
  const backups = program.command("backups").description("look after the backups in a store");
  addList(backups);
  addVerify(backups);
  addPrune(backups);
}

function addBackup(parent: Command): void {
  const backup = operation(
    parent,
    "backup",
    "store the state of a program at one block; exit code 4 where only some are stored",
    "backup --contract agent_registry_v2.aleo --network mainnet",
  )
    .option("--contract <program>", "the program to back up")
    .option("--all", "every program that the stack declares")
    .option("--to <store>", storeHelp)
    .addOption(
      new Option("--source <source>", "where the entries come from: auto takes what the node has")
        .choices(["auto", ...snapshotSources])
        .default("auto"),
    )
    .action(async (options: BackupOptions) => {
      if ((options.contract === undefined) === (options.all === undefined)) {
        backup.error("error: name one program with --contract, or take --all of them");
      }
      await work(options, (settings, node) =>
        withStore(options.to, settings, async (store, show) => {
          const { backUp, backupText, codeOf } = await import("./backup.ts");
          const { contract: program, source } = options;
          const reports = await backUp(settings, node, store, { program, source }, show);
          return {
            document: reports,
            text: backupText(reports, store.location),
            code: codeOf(reports),
          };
        }),
      );
    });
}

function addList(parent: Command): void {
  operation(
    parent,
    "list",
    "show every backup, the oldest first",
    "backups list --contract agent_registry_v2.aleo --network mainnet",
  )
    .option("--contract <program>", ofProgramHelp)
    .option("--store <store>", storeHelp)
    .action((options: StoreOptions) =>
      work(options, (settings) =>
        withStore(options.store, settings, async (store) => {
          const { listBackups, listText } = await import("./list.ts");
          const listed = await listBackups(store, settings.network, options.contract);
          return { document: listed, text: listText(listed, store.location) };
        }),
      ),
    );
}

function addVerify(parent: Command): void {
  operation(
    parent,
    "verify [id]",
    "compare backups with their manifests; exit code 3 where one is damaged",
    "backups verify 20250621_1200 --read-data --network mainnet",
  )
    .option("--contract <program>", ofProgramHelp)
    .option("--newest", "only the newest of each program")
    .option("--read-data", "read all of it, and note in the store what was found")
    .option("--store <store>", storeHelp)
    .action((id: string | undefined, options: StoreOptions & { newest?: true; readData?: true }) =>
      work(options, (settings) =>
        withStore(options.store, settings, async (store, show) => {
          const { verifyBackups, verifyText, codeOf } = await import("./verify.ts");
          const which = {
            id,
            program: options.contract,
            newest: options.newest === true,
            readData: options.readData === true,
          };
          const checks = await verifyBackups(store, settings.network, which, show);
          return {
            document: checks,
            text: verifyText(checks, store.location),
            code: codeOf(checks, id),
          };
        }),
      ),
    );
}

function addPrune(parent: Command): void {
  operation(
    parent,
    "prune",
    "delete backups that are old enough; exit code 4 where some can't be deleted",
    "backups prune --older-than 90 --keep 10 --dry-run --network mainnet",
  )
    .option("--contract <program>", ofProgramHelp)
    .option("--older-than <days>", "younger ones stay", wholeNumber(0, 99_999), 90)
    .option("--keep <count>", "so many good ones of each program stay", wholeNumber(1, 99_999), 10)
    .option("--dry-run", "say what would be deleted")
    .option("--store <store>", storeHelp)
    .action((options: StoreOptions & { olderThan: number; keep: number; dryRun?: true }) =>
      work(options, (settings) =>
        withStore(options.store, settings, async (store) => {
          const { pruneBackups, pruneText } = await import("./prune.ts");
          const report = await pruneBackups(store, settings.network, {
            program: options.contract,
            retention: { keep: options.keep, olderThanMs: options.olderThan * 86_400_000 },
            dryRun: options.dryRun === true,
          });
          return {
            document: report,
            text: pruneText(report, store.location),
            code: report.left.length === 0 ? exitCode.ok : exitCode.partlyDone,
          };
        }),
      ),
    );
}

/** Runs what needs the store, and a line of progress on a terminal. */
export async function withStore<Result>(
  named: string | undefined,
  settings: Settings,
  use: (store: ObjectStore, show: (text: string) => void) => Promise<Result>,
): Promise<Result> {
  const { openStore } = await import("./store/open-store.ts");
  const store = await openStore(named, settings, process.env);
  try {
    return await withProgress((show) => use(store, show));
  } finally {
    store.close();
  }
}
