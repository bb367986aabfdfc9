import { type Command, InvalidArgumentError } from "commander";
import { look, operation, type Options, work } from "./command-line.ts";
import { exitCode } from "./exit-code.ts";
import { progress } from "./progress.ts";

/** `withdrawals …`. */
export function addWithdrawalCommands(program: Command): void {
  const withdrawals = program
    .command("withdrawals")
    .description("look after the queue of withdrawals of a program");

  operation(
    withdrawals,
    "check",
    "show what waits, how long and whether the program can pay; exit code 3 where it can't",
    "withdrawals check --contract agent_registry_v2.aleo --network mainnet",
  )
    .requiredOption("--contract <program>", "the program with the queue")
    .option("--look-back <blocks>", "how far back the oldest is looked for", wholeNumber, 200)
    .action((options: Options & { contract: string; lookBack: number }) =>
      look(options, async (_settings, node) => {
        const { checkWithdrawals, checkText } = await import("./withdrawals/check.ts");
        const check = await checkWithdrawals(node, options.contract, options.lookBack);
        return {
          document: check,
          text: checkText(check),
          code: check.solvent ? exitCode.ok : exitCode.verificationFailed,
        };
      }),
    );

  operation(
    withdrawals,
    "process",
    "pay the queue out, the oldest first; exit code 4 where only a part is paid",
    "withdrawals process --contract agent_registry_v2.aleo --batch-size 10 --network mainnet",
  )
    .requiredOption("--contract <program>", "the program with the queue")
    .option("--batch-size <count>", "withdrawals a transaction, 1 to 10", batchSize, 10)
    .option("--dry-run", "say what would be paid and what it would cost")
    .action((options: Options & { contract: string; batchSize: number; dryRun?: true }) =>
      work(options, async (settings, node) => {
        if (options.dryRun === true) {
          const { planText, planWithdrawals } = await import("./withdrawals/plan.ts");
          const plan = await planWithdrawals(node, options.contract, options.batchSize);
          return { document: plan, text: planText(plan) };
        }
        const { processWithdrawals, processText, codeOf } =
          await import("./withdrawals/process.ts");
        const { operatingAccount } = await import("./account.ts");
        const account = operatingAccount(settings, node, process.env, "withdrawals");
        const line = progress();
        try {
          const report = await processWithdrawals(
            account,
            options.contract,
            options.batchSize,
            (text) => {
              line.show(text);
            },
          );
          return { document: report, text: processText(report), code: codeOf(report) };
        } finally {
          line.end();
        }
      }),
    );
}

function wholeNumber(text: string): number {
  if (/^\d{1,7}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It is a whole number.");
}

function batchSize(text: string): number {
  if (/^([1-9]|10)$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It is a whole number from 1 to 10.");
}
