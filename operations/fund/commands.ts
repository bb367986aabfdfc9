import { type Command, InvalidArgumentError } from "commander";
import { act, operation, type Options } from "../command-line.ts";
import { confirm } from "../confirm.ts";

interface FundOptions extends Options {
  readonly atMost?: bigint;
  readonly yes?: true;
}

/** `fund`. */
export function addFundCommand(parent: Command): void {
  const command = operation(
    parent,
    "fund <program>",
    "give a paused program what it owes beyond what it holds, as after an import; out of the account of ALEO_PRIVATE_KEY",
    "fund agent_registry_v3.aleo --at-most 30 --network mainnet",
  )
    .option("--at-most <credits>", "give nothing where more is missing; needed with --yes", credits)
    .option("--yes", "do not ask; needs --at-most")
    .action(async (program: string, options: FundOptions) => {
      if (options.yes === true && options.atMost === undefined) {
        command.error("error: --yes needs --at-most: how many credits are agreed to");
      }
      await act(options, async (settings, node) => {
        const { fund, missingIn } = await import("./fund.ts");
        const { operatingAccount } = await import("../account.ts");
        const { formatCredits } = await import("../../aleo/network.ts");
        const account = operatingAccount(settings, node, process.env, "the funds");
        const missing = await missingIn(node, program);
        await confirm(
          command,
          options,
          `Give ${program} on ${options.network} ${formatCredits(missing)} (one person, on one machine: what two give can't be taken back)`,
        );
        return fund(account, program, options.atMost ?? missing);
      });
    });
}

/** An amount in credits, with up to six decimals, in microcredits. */
function credits(text: string): bigint {
  const [, whole, part = ""] = /^(\d{1,10})(?:\.(\d{1,6}))?$/.exec(text) ?? [];
  if (whole !== undefined) return BigInt(whole + part.padEnd(6, "0"));
  throw new InvalidArgumentError("It is an amount in credits such as 30 or 2.5.");
}
