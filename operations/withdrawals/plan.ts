import { formatCredits } from "../../aleo/network.ts";
import type { NodeClient } from "../../aleo/node/client.ts";
import { pricingBuilder } from "../../aleo/transaction/builders.ts";
import { programAddress } from "../../aleo/transaction/program-address.ts";
import { calleeOf } from "../call.ts";
import { plural } from "../text.ts";
import { callFor, nextBatch } from "./process.ts";

/** What a run would do. */
export interface ProcessPlan {
  readonly program: string;
  readonly pending: number;
  readonly transactions: number;
  /** What it would pay out, as a decimal string of microcredits; so is the fee of all transactions. */
  readonly amount: string;
  readonly fee: string;
}

/**
 * What `processWithdrawals` would do now, and what it would cost; needs no key and sends nothing.
 * @throws InsolventError, WithdrawalQueueError as it does
 */
export async function planWithdrawals(
  node: NodeClient,
  program: string,
  batchSize: number,
): Promise<ProcessPlan> {
  const address = await programAddress(node.network, program);
  const { queue, batch } = await nextBatch(node, program, address, batchSize);
  const callee = await calleeOf(node, program);
  const pending = Number(queue.tail - queue.head);
  const transactions = Math.ceil(pending / batchSize);
  const fee =
    batch.length === 0 || callee === undefined
      ? 0n
      : await pricingBuilder(node).estimateExecution({
          ...callee,
          ...callFor(queue.head, batch),
          priorityFee: 0n,
        });
  return {
    program,
    pending,
    transactions,
    amount: queue.queued.toString(),
    fee: (fee * BigInt(transactions)).toString(),
  };
}

export function planText({ program, pending, transactions, amount, fee }: ProcessPlan): string {
  return pending === 0
    ? `${program}: no withdrawal waits.`
    : `${program}: would pay ${plural(pending, "withdrawal")} of ${formatCredits(BigInt(amount))} by ${plural(transactions, "transaction")}, for about ${formatCredits(BigInt(fee))} of fees. Nothing was sent.`;
}
