import type { Command } from "commander";
import { act, operation, type Options } from "../command-line.ts";
import { confirm } from "../confirm.ts";

/** `fund`. */
export function addFundCommand(parent: Command): void {
  const command = operation(
    parent,
    "fund <program>",
    "give a paused program what it owes beyond what it holds, as after an import; out of the account of ALEO_PRIVATE_KEY",
    "fund agent_registry_v3.aleo --network mainnet",
  )
    .option("--yes", "do not ask")
    .action(async (program: string, options: Options & { yes?: true }) => {
      await act(options, async (settings, node) => {
        const { fund, missingIn } = await import("./fund.ts");
        const { operatingAccount } = await import("../account.ts");
        const { formatCredits } = await import("../../aleo/network.ts");
        const account = operatingAccount(settings, node, process.env, "the funds");
        const amount = await missingIn(node, program);
        const give = `Give ${program} on ${options.network} ${formatCredits(amount)}`;
        await confirm(command, options, give);
        return fund(account, program, amount);
      });
    });
}
