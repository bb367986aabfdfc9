import { AleoError } from "../../../aleo/errors.ts";
import type { ConfirmedTransaction } from "../../../aleo/node/client.ts";
import {
  TransactionPendingError,
  TransactionRejectedError,
} from "../../../aleo/transaction/errors.ts";
import type { SentTransaction } from "../../../aleo/transaction/journal.ts";
import { settleEarlier, type Aim } from "../../../aleo/transaction/send.ts";
import type { Context } from "./context.ts";
import { HalfMade, shown } from "./failure.ts";

export interface Pending {
  /** Sent, but not seen in a block when the run that sent it ended. */
  readonly pendingTransaction?: SentTransaction;
}

interface Change extends Aim {
  /** The resource's id in Pulumi. */
  readonly id: string;
  /** What its transactions are about. */
  readonly subject: string;
  readonly wanted: object;
  /** What the state holds; undefined for a resource that is being created. */
  readonly known: (object & Pending) | undefined;
}

/**
 * Runs `work`, which may send one transaction, alone, and not before it is known what became of
 * earlier ones. A failure that leaves a transaction under way, or settles one, is kept in the state.
 * @param work gets the earlier transaction that did what is wanted now, where there is one
 */
export async function transacting<Properties>(
  run: Context,
  { id, subject, wanted, known, ...aim }: Change,
  work: (earlier: ConfirmedTransaction | undefined) => Promise<Properties>,
): Promise<Properties> {
  let pending = known?.pendingTransaction;
  try {
    return await run.journal.exclusively(subject, async () => {
      const earlier = await settleEarlier(run, subject, aim, pending);
      pending = undefined;
      return work(earlier);
    });
  } catch (error) {
    if (error instanceof TransactionRejectedError && error.transactionId === pending?.id) {
      pending = undefined;
    }
    if (error instanceof TransactionPendingError) pending ??= error.sent;
    if (!(error instanceof AleoError) || pending === known?.pendingTransaction) throw shown(error);
    const properties = { ...wanted, ...known, pendingTransaction: pending };
    throw new HalfMade(id, withoutUndefined(properties), error);
  }
}

function withoutUndefined(properties: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined));
}
