import type { Command } from "commander";
import type { NodeClient } from "../../aleo/node/client.ts";
import type { Settings } from "../../settings.ts";
import { wholeNumber } from "../arguments.ts";
import { look, operation, type Options, work } from "../command-line.ts";
import { exitCode } from "../exit-code.ts";
import { withProgress } from "../progress.ts";
import type { Alarm } from "./alarm.ts";
import type { ProcessReport } from "./process.ts";

interface Which extends Options {
  readonly contract?: string;
  readonly all?: true;
}

/** `withdrawals …`. */
export function addWithdrawalCommands(program: Command): void {
  const withdrawals = program
    .command("withdrawals")
    .description("look after the queue of withdrawals of a program");
  addCheck(withdrawals);
  addProcess(withdrawals);
}

function addCheck(parent: Command): void {
  const check = operation(
    parent,
    "check",
    "show what waits, how long and whether the program can pay; exit code 3 where it can't",
    "withdrawals check --contract agent_registry_v2.aleo --network mainnet",
  )
    .option("--contract <program>", "the program with the queue")
    .option("--all", "every program with a queue that the stack declares")
    .option(
      "--look-back <blocks>",
      "how far back the oldest is looked for",
      wholeNumber(0, 9_999_999),
      200,
    )
    .action(async (options: Which & { lookBack: number }) => {
      requireOne(check, options);
      await look(options, async (settings, node) => {
        const { checkWithdrawals, checkText } = await import("./check.ts");
        const programs = await programsOf(options, settings, node);
        const checks = await Promise.all(
          programs.map((program) => checkWithdrawals(node, program, options.lookBack)),
        );
        return {
          document: checks,
          text: checkText(checks),
          code: checks.every(({ solvent }) => solvent) ? exitCode.ok : exitCode.verificationFailed,
        };
      });
    });
}

function addProcess(parent: Command): void {
  const processCommand = operation(
    parent,
    "process",
    "pay the queue out, the oldest first; a program that can't pay is a critical alert; exit code 4 where only a part is paid",
    "withdrawals process --contract agent_registry_v2.aleo --batch-size 10 --network mainnet",
  )
    .option("--contract <program>", "the program with the queue")
    .option("--all", "every program with a queue that the stack declares")
    .option("--batch-size <count>", "withdrawals a transaction, 1 to 10", wholeNumber(1, 10), 10)
    .option("--dry-run", "say what would be paid and what it would cost")
    .action(async (options: Which & { batchSize: number; dryRun?: true }) => {
      requireOne(processCommand, options);
      await work(options, async (settings, node) => {
        const programs = await programsOf(options, settings, node);
        return options.dryRun === true
          ? plan(node, programs, options.batchSize)
          : pay(settings, node, programs, options.batchSize);
      });
    });
}

async function plan(node: NodeClient, programs: readonly string[], size: number) {
  const { planText, planWithdrawals } = await import("./plan.ts");
  const plans = [];
  for (const program of programs) plans.push(await planWithdrawals(node, program, size));
  return { document: plans, text: plans.map(planText).join("\n") };
}

async function pay(
  settings: Settings,
  node: NodeClient,
  programs: readonly string[],
  size: number,
) {
  const { processAll, processText, codeOf } = await import("./process.ts");
  const { operatingAccount } = await import("../account.ts");
  const { alarmsText } = await import("./alarm.ts");
  const account = operatingAccount(settings, node, process.env, "withdrawals");
  const reports = await withProgress((show) => processAll(account, programs, size, show));
  const alarms = await alarmed(reports, settings, node);
  return {
    document: reports.map((report) => ({
      ...report,
      alarm: alarms.find(({ program }) => program === report.program),
    })),
    text: [processText(reports), ...alarmsText(alarms)].join("\n"),
    code: codeOf(reports),
  };
}

/** Tells of programs that can't pay. */
async function alarmed(
  reports: readonly ProcessReport[],
  { network }: Settings,
  node: NodeClient,
): Promise<Alarm[]> {
  if (reports.every(({ insolvent }) => insolvent === undefined)) return [];
  const { alarmsOf } = await import("./alarm.ts");
  const { routesOf } = await import("../../monitor/settings.ts");
  const height = await node.latestHeight().catch(() => undefined);
  return alarmsOf(reports, routesOf(process.env, Date.now), network, height);
}

function requireOne(command: Command, { contract, all }: Which): void {
  if ((contract === undefined) !== (all === undefined)) return;
  command.error("error: name one program with --contract, or take --all of them");
}

async function programsOf(
  { contract }: Which,
  { programs }: Settings,
  node: NodeClient,
): Promise<string[]> {
  if (contract !== undefined) return [contract];
  const { programsWithQueue } = await import("./queue.ts");
  return programsWithQueue(
    node,
    programs.map(({ program }) => program),
  );
}
