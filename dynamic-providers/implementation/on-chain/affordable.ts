import { formatCredits } from "../../../aleo/network.ts";
import { PrivateKeyError } from "../../../aleo/keys.ts";
import type { TransactionBuilder } from "../../../aleo/transaction/builder.ts";
import { BalanceError, FeeLimitError } from "../../../aleo/transaction/errors.ts";
import { configNamespace } from "../../../config-namespace.ts";
import type { Context } from "./context.ts";

/** @throws FeeLimitError where the fee, in microcredits, is over the stack's `maxFee` */
export function checkFee({ settings }: Context, subject: string, fee: bigint): void {
  if (fee <= settings.maxFee) return;
  throw new FeeLimitError(
    `${subject} would cost ${formatCredits(fee)}, over the limit of ${formatCredits(settings.maxFee)} that ${configNamespace}:maxFee sets.`,
    {
      remedy: `Nothing was paid. Make the program smaller, or raise ${configNamespace}:maxFee to at least ${fee.toString()} knowingly.`,
    },
  );
}

/**
 * Compares what this run still has to pay with the account. Without a private key, as in the
 * preview of a pull request, there is no account to compare with.
 * @throws BalanceError saying how much is missing
 */
export async function checkBalance({ builder, node, planned, settings }: Context): Promise<void> {
  if (builder === undefined) return;
  const needed = [...planned.values()].reduce((sum, fee) => sum + fee, 0n);
  const account = await builder.signer();
  const balance = await node.balance(account);
  if (balance >= needed) return;
  const source =
    settings.network === "mainnet"
      ? "Transfer credits to it"
      : "Get testnet credits from https://faucet.aleo.org, or transfer some to it";
  throw new BalanceError(
    `${account} holds ${formatCredits(balance)}; ${[...planned.keys()].join(", ")} need ${formatCredits(needed)}: ${formatCredits(needed - balance)} are missing.`,
    { remedy: `Nothing was paid. ${source}, then run again.` },
  );
}

/** @throws PrivateKeyError where no private key is given */
export function paying({ builder }: Context, subject: string): TransactionBuilder {
  if (builder !== undefined) return builder;
  throw new PrivateKeyError(`There is no private key to pay for ${subject}.`, {
    remedy: `Set the environment variable ALEO_PRIVATE_KEY, or run \`pulumi config set --secret ${configNamespace}:privateKey\`. Nothing was paid.`,
  });
}
