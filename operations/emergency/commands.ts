import { type Command, Option } from "commander";
import { given } from "../../aleo/environment.ts";
import { severities, type Severity } from "../../monitor/alert/severity.ts";
import type { Settings } from "../../settings.ts";
import { wholeNumber } from "../arguments.ts";
import { look, operation, type Options, work } from "../command-line.ts";
import { confirm } from "../confirm.ts";
import { withProgress } from "../progress.ts";

interface SnapshotOptions extends Options {
  readonly to?: string;
  readonly folder: string;
  readonly blocks: number;
}

/** `emergency …`. */
export function addEmergencyCommands(program: Command): void {
  const emergency = program
    .command("emergency")
    .description("what is done first when something is badly wrong");
  addSnapshot(emergency);
  addAlert(emergency);
  addCleanSlate(emergency);
}

function addCleanSlate(parent: Command): void {
  const command = operation(
    parent,
    "clean-slate <program...>",
    "deploy the project's own programs under new version names, paused, to migrate to",
    "emergency clean-slate agent_registry_v3.aleo --network mainnet",
  )
    .option("--yes", "do not ask")
    .action(async (programs: string[], options: Options & { yes?: true }) => {
      const what = `Deploy ${programs.join(", ")} anew on ${options.network}, under new names`;
      await confirm(command, options, what);
      await work(options, async (settings, node) => {
        const { cleanSlate, cleanSlateText, codeOf } = await import("./clean-slate.ts");
        const { notePathOf } = await import("./new-names.ts");
        const { compiledProgram } = await import("../../contracts/compiled-program.ts");
        const { operatingAccount } = await import("../account.ts");
        const account = operatingAccount(settings, node, process.env, "the deployment");
        const notePath = notePathOf(settings.network);
        const report = await withProgress((show) =>
          cleanSlate(account, { programs, sourceOf: compiledProgram, notePath, show }),
        );
        return {
          document: report,
          text: cleanSlateText(report, settings.network),
          code: codeOf(report),
        };
      });
    });
}

function addSnapshot(parent: Command): void {
  operation(
    parent,
    "snapshot",
    "keep state, last blocks, balances, settings and versions in one archive and in the backup store",
    "emergency snapshot --network mainnet",
  )
    .option(
      "--to <store>",
      "a folder or s3://bucket/prefix; else BACKUP_STORE, else the bucket that the stack declares",
    )
    .option("--folder <folder>", "where the archive is written", ".state/emergency")
    .option("--blocks <count>", "so many of the last blocks", wholeNumber(0, 99_999), 100)
    .action((options: SnapshotOptions) =>
      work(options, async (settings, node) => {
        const { codeOf, emergencySnapshot, emergencySnapshotText, problemText } =
          await import("./snapshot.ts");
        const { AleoError } = await import("../../aleo/errors.ts");
        const missing: string[] = [];
        const orMissing = <Part>(what: string, part: Promise<Part>) =>
          part.catch((error: unknown) => {
            if (!(error instanceof AleoError)) throw error;
            missing.push(problemText(what, error));
            return undefined;
          });
        const store = await orMissing("the backup store", storeOf(options.to, settings));
        try {
          const wanted = {
            ...{ store, missing, folder: options.folder, blocks: options.blocks },
            account: await orMissing("the operating account", accountOf(settings)),
            rules: await orMissing("the monitor's rules", rulesOf(settings)),
          };
          const report = await withProgress((show) =>
            emergencySnapshot(settings, node, wanted, show),
          );
          return {
            document: report,
            text: emergencySnapshotText(report, store?.location),
            code: codeOf(report),
          };
        } finally {
          store?.close();
        }
      }),
    );
}

function addAlert(parent: Command): void {
  operation(
    parent,
    "alert <text>",
    "tell every receiver, and say who was reached; exit code 1 where nobody was",
    'emergency alert "funds leave agent_registry_v3.aleo" --network mainnet',
  )
    .addOption(
      new Option("--severity <severity>", "how bad it is").choices(severities).default("critical"),
    )
    .action((text: string, options: Options & { severity: Severity }) =>
      look(options, async ({ network }, node) => {
        const { codeOf, emergencyAlert, emergencyAlertText } = await import("./alert.ts");
        const { routesOf } = await import("../../monitor/settings.ts");
        const routes = routesOf(process.env, Date.now);
        // The alert goes out where the node is what is wrong, too.
        const height =
          routes.length === 0 ? undefined : await node.latestHeight().catch(() => undefined);
        const { severity } = options;
        const report = await emergencyAlert(routes, { network, text, severity, height });
        return { document: report, text: emergencyAlertText(report), code: codeOf(report) };
      }),
    );
}

async function storeOf(named: string | undefined, settings: Settings) {
  const { openStore } = await import("../backup/store/open-store.ts");
  return openStore(named, settings, process.env);
}

async function accountOf({ network }: Settings): Promise<string | undefined> {
  if (given(process.env, "ALEO_PRIVATE_KEY") === undefined) return undefined;
  const { operatingAddress } = await import("../look/balance.ts");
  return operatingAddress(network, process.env);
}

async function rulesOf({ network }: Settings): Promise<string> {
  const { readFile } = await import("node:fs/promises");
  const { explainingFiles } = await import("../../aleo/file-error.ts");
  const { monitorSettings } = await import("../../monitor/settings.ts");
  const { rulesFile } = monitorSettings(network, process.env);
  return explainingFiles(() => readFile(rulesFile, "utf8"));
}
