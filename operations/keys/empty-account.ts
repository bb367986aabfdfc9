import type { ConfirmedTransaction } from "../../aleo/node/client.ts";
import { send, settleEarlier } from "../../aleo/transaction/send.ts";
import type { Account } from "../account.ts";
import { checkAffordable } from "../call.ts";
import { calleeOnChain } from "./send-call.ts";

/**
 * Sends to another account all that one holds, less the fee of it; once, whatever stopped the runs before.
 * @returns the accepted transaction; undefined where it held no more than the fee
 * @throws as `callOnce` does
 */
export async function emptyAccount(
  account: Account,
  from: string,
  to: string,
): Promise<ConfirmedTransaction | undefined> {
  const { node, builder, journal, settings } = account;
  const callee = await calleeOnChain(node, "credits.aleo");
  const request = (amount: bigint, priorityFee: bigint) => ({
    ...callee,
    ...{ functionName: "transfer_public", inputs: [to, `${amount}u64`], priorityFee },
  });
  const subject = `rotation/${from}`;
  return journal.exclusively(subject, async () => {
    let fee = (await builder.estimateExecution(request(1n, 0n))) + settings.priorityFee;
    const purpose = `emptying of ${from} into ${to}`;
    const isReached = async () => (await node.balance(from)) <= fee;
    const earlier = await settleEarlier(account, subject, { purpose, isReached });
    if (earlier !== undefined) return earlier;
    await node.followFreshest();
    const held = await node.balance(from);
    for (;;) {
      if (held <= fee) return undefined;
      const transaction = await builder.execution(request(held - fee, settings.priorityFee));
      // The estimate may be too low: then the chain would refuse it, and keep the fee.
      if (transaction.fee <= fee) {
        await checkAffordable(account, purpose, transaction.fee);
        return send(account, subject, purpose, transaction);
      }
      fee = transaction.fee;
    }
  });
}
