import { join } from "node:path";
import type { Command } from "commander";
import type { Settings } from "../../settings.ts";
import { wholeNumber } from "../arguments.ts";
import { look, operation, type Options, work } from "../command-line.ts";
import { confirm } from "../confirm.ts";

interface DeployOptions extends Options {
  readonly only?: string;
  readonly backup: boolean;
  readonly to?: string;
  readonly watch: number;
  readonly yes?: true;
}

/** `deploy`, `deploy debug`, `verify-deployment` and `retry`. */
export function addDeployCommands(parent: Command): void {
  const deploy = addDeploy(parent);
  addDebug(deploy);
  addVerify(parent);
  addRetry(parent);
}

function addDeploy(parent: Command): Command {
  const command = operation(
    parent,
    "deploy",
    "back up, run `up`, compare with the chain, watch; exit code 3 where something differs",
    "deploy --only agent_registry_v3.aleo --network testnet",
  )
    .option("--only <program>", "this program alone")
    .option("--no-backup", "without a backup before")
    .option(
      "--to <store>",
      "a folder or s3://bucket/prefix; else BACKUP_STORE, else the bucket that the stack declares",
    )
    .option(
      "--watch <seconds>",
      "for how long the programs are watched",
      wholeNumber(0, 86_400),
      30,
    )
    .option("--yes", "do not ask")
    .action(async (options: DeployOptions) => {
      const what = options.only ?? "all that the stack declares";
      await confirm(command, options, `Deploy ${what} to ${options.network}`);
      await work(options, async (settings, node) => {
        const { deploy, deployText, reportCode } = await import("./deploy.ts");
        const { compiledProgram } = await import("../../contracts/compiled-program.ts");
        const { openStore } = await import("../backup/store/open-store.ts");
        const report = await deploy(settings, node, {
          only: options.only,
          openStore: options.backup
            ? () => openStore(options.to, settings, process.env)
            : undefined,
          sourceOf: compiledProgram,
          account: (await accountOf(settings)).account,
          watchMs: options.watch * 1_000,
          environment: process.env,
          silent: options.json === true,
        });
        return { document: report, text: deployText(report), code: reportCode(report) };
      });
    });
  return command;
}

function addDebug(parent: Command): void {
  operation(
    parent,
    "debug <program>",
    "look for the reason why a deployment fails or would fail; exit code 3 where there is one",
    "deploy debug agent_registry_v3.aleo --network testnet",
  ).action((program: string, _: Options, command: Command) =>
    // `deploy` takes the --network and the --json behind `deploy debug` for its own.
    work(command.optsWithGlobals(), async (settings, node) => {
      const { debugDeployment } = await import("./debug.ts");
      const { checksText, codeOf } = await import("../checks.ts");
      const { source, staleness } = await sourceNamed(program);
      const { account, problem } = await accountOf(settings);
      const checks = await debugDeployment(settings, node, source, {
        ...{ account, accountProblem: problem, staleness },
        sourceOf: await declaredSources(settings),
        environment: process.env,
        journalDirectory: join(process.cwd(), ".state", "journal"),
      });
      return {
        document: checks,
        text: checksText(checks, `${program} on ${settings.network}`),
        code: codeOf(checks),
      };
    }),
  );
}

function addVerify(parent: Command): void {
  operation(
    parent,
    "verify-deployment <program>",
    "compare a program on chain with what the project declares; exit code 3 where it differs",
    "verify-deployment agent_registry_v3.aleo --network mainnet",
  ).action((program: string, options: Options) =>
    look(options, async (settings, node) => {
      const { verifyDeployment } = await import("./verify.ts");
      const { checksText, codeOf } = await import("../checks.ts");
      const { compiledProgram } = await import("../../contracts/compiled-program.ts");
      const { account } = await accountOf(settings);
      const source = compiledProgram(program);
      const checks = await verifyDeployment(settings, node, program, { source, account });
      return {
        document: checks,
        text: checksText(checks, `${program} on ${settings.network}`),
        code: codeOf(checks),
      };
    }),
  );
}

function addRetry(parent: Command): void {
  const command = operation(
    parent,
    "retry <transaction>",
    "send anew what a rejected transaction was to do; refused while the first may still land",
    "retry at1… --fee 10000 --network testnet",
  )
    .requiredOption(
      "--fee <microcredits>",
      "priority fee of the new one",
      wholeNumber(0, 999_999_999_999),
    )
    .option("--yes", "do not ask")
    .action(async (id: string, options: Options & { fee: number; yes?: true }) => {
      await confirm(
        command,
        options,
        `Send anew what ${id} was to do, on ${options.network} (one person, on one machine: another does not know of it)`,
      );
      await work(options, async (settings, node) => {
        const { retryNotesOf, retryText, retryTransaction } = await import("./retry.ts");
        const { operatingAccount } = await import("../account.ts");
        const account = operatingAccount(settings, node, process.env, "the retry");
        const notes = retryNotesOf(settings.network);
        const report = await retryTransaction(account, id, BigInt(options.fee), notes);
        return { document: report, text: retryText(report) };
      });
    });
}

/** A file, or a program of this project by its id. */
async function sourceNamed(program: string) {
  if (program.includes("/")) {
    const { sourceIn } = await import("./debug.ts");
    return { source: sourceIn(program), staleness: [] };
  }
  const { compiledProgram } = await import("../../contracts/compiled-program.ts");
  const { lockDifferences } = await import("../../contracts/programs-lock.ts");
  const source = compiledProgram(program);
  const contracts = join(import.meta.dirname, "..", "..", "contracts");
  const staleness = lockDifferences(contracts).filter((line) => line.includes(program));
  return { source, staleness };
}

async function declaredSources({ programs }: Settings) {
  const { compiledProgram } = await import("../../contracts/compiled-program.ts");
  const declared = programs.map(({ program }) => program);
  return (id: string) => (declared.includes(id) ? compiledProgram(id) : undefined);
}

/** The operating account's address, else why there is none. */
async function accountOf({ network }: Settings) {
  const { AleoError } = await import("../../aleo/errors.ts");
  const { operatingAddress } = await import("../look/balance.ts");
  try {
    return { account: await operatingAddress(network, process.env), problem: undefined };
  } catch (error) {
    if (!(error instanceof AleoError)) throw error;
    return { account: undefined, problem: error.message };
  }
}
