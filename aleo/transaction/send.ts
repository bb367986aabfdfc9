import { formatCredits } from "../network.ts";
import { BroadcastUncertainError, NodeRefusedError } from "../node/errors.ts";
import type { ConfirmedTransaction, NodeClient } from "../node/client.ts";
import type { BuiltTransaction } from "./builder.ts";
import {
  TransactionAbortedError,
  TransactionPendingError,
  TransactionRejectedError,
} from "./errors.ts";
import type { Journal, SentTransaction } from "./journal.ts";
import { lookUp, waitForOutcome, type Outcome } from "./outcome.ts";

export interface Sender {
  readonly node: NodeClient;
  readonly journal: Journal;
  /** How long a transaction may take to show in a block, in ms. */
  readonly confirmationTimeoutMs: number;
}

/**
 * Broadcasts a transaction and waits for its outcome. It is in the journal before it leaves, and
 * stays there until the outcome is known. Call it inside `journal.exclusively(subject, …)`, after
 * `settleEarlier`.
 * @returns the accepted transaction
 * @throws TransactionRejectedError, TransactionAbortedError, TransactionPendingError,
 *   NodeRefusedError where the node did not take it (nothing was paid)
 */
export async function send(
  sender: Sender,
  subject: string,
  purpose: string,
  transaction: BuiltTransaction,
): Promise<ConfirmedTransaction> {
  const height = await sender.node.latestHeight();
  const sent = { purpose, id: transaction.id, text: transaction.text, height };
  await sender.journal.write(subject, sent);
  try {
    await sender.node.broadcast(transaction.text);
  } catch (error) {
    if (!mayHaveArrived(error)) {
      await sender.journal.remove(subject);
      throw error;
    }
  }
  return conclude(sender, subject, sent);
}

/**
 * Finds out what became of a transaction that an earlier run sent for the subject, and waits for
 * it where it may still land. Where no node knows it, the same bytes are broadcast again: that
 * can't pay twice, because the chain takes a transaction id once. One that was sent for another
 * purpose is not broadcast again, only waited for.
 * @param purpose what is wanted now
 * @param earlierId the id that the earlier run left elsewhere (Pulumi's state), for where the journal is gone
 * @returns the accepted transaction, or undefined where nothing is under way
 * @throws TransactionPendingError while it may still land; TransactionRejectedError or
 *   TransactionAbortedError once, when that outcome is found (then nothing is under way)
 */
export async function settleEarlier(
  sender: Sender,
  subject: string,
  purpose: string,
  earlierId?: string,
): Promise<ConfirmedTransaction | undefined> {
  const sent = await sender.journal.read(subject);
  if (sent === undefined) {
    if (earlierId === undefined) return undefined;
    const confirmed = await sender.node.confirmedTransaction(earlierId);
    return confirmed?.status === "accepted" ? confirmed : undefined;
  }
  const { outcome } = await lookUp(sender.node, sent.id, sent.height);
  if (outcome.status !== "unseen") return conclude(sender, subject, sent);
  if (sent.purpose === purpose) {
    return (await arrivesAgain(sender, sent))
      ? conclude(sender, subject, sent)
      : forget(sender, subject);
  }
  try {
    return await conclude(sender, subject, sent);
  } catch (error) {
    if (error instanceof TransactionPendingError) return forget(sender, subject);
    throw error;
  }
}

/** Broadcasts once more what an earlier run had signed; false where the chain can't take it any more. */
async function arrivesAgain(sender: Sender, sent: SentTransaction): Promise<boolean> {
  try {
    await sender.node.broadcast(sent.text);
    return true;
  } catch (error) {
    if (mayHaveArrived(error)) return true;
    if (!(error instanceof NodeRefusedError)) throw error;
    const { outcome } = await lookUp(sender.node, sent.id, sent.height);
    return outcome.status !== "unseen";
  }
}

async function forget(sender: Sender, subject: string): Promise<undefined> {
  await sender.journal.remove(subject);
  return undefined;
}

async function conclude(
  sender: Sender,
  subject: string,
  sent: SentTransaction,
): Promise<ConfirmedTransaction> {
  const outcome = await waitForOutcome(
    sender.node,
    sent.id,
    sent.height,
    sender.confirmationTimeoutMs,
  );
  if (outcome.status !== "unseen") await sender.journal.remove(subject);
  return acceptedOrThrow(outcome, sent, sender.confirmationTimeoutMs);
}

function acceptedOrThrow(
  outcome: Outcome,
  sent: SentTransaction,
  timeoutMs: number,
): ConfirmedTransaction {
  switch (outcome.status) {
    case "accepted":
      return outcome.confirmed;
    case "rejected":
      throw new TransactionRejectedError(
        `The chain rejected transaction ${sent.id} (${sent.purpose})${feeText(outcome.confirmed)}.`,
        {
          remedy:
            "An assert in its finalize or constructor failed, or the state had changed: look at the program's conditions and the account that signed before you run again.",
        },
      );
    case "aborted":
      throw new TransactionAbortedError(
        `Block ${outcome.height} aborted transaction ${sent.id} (${sent.purpose}): nothing changed and nothing was paid.`,
        {
          remedy:
            "It conflicted with another transaction, or the account could not pay. Check the balance, then run again.",
        },
      );
    case "unseen":
      throw new TransactionPendingError(
        sent.id,
        `Transaction ${sent.id} (${sent.purpose}) was sent but not seen in a block within ${timeoutMs / 1000} s. It may still land.`,
        "Run again: the next run looks this transaction up first and sends no other one while it may still land.",
      );
  }
}

function feeText(confirmed: ConfirmedTransaction): string {
  return confirmed.fee === undefined ? "" : ` and kept its fee of ${formatCredits(confirmed.fee)}`;
}

/** No answer says that it did not arrive, or the node refused it because it holds it already. */
function mayHaveArrived(error: unknown): boolean {
  if (error instanceof NodeRefusedError) return /already (exists|in)|duplicate/i.test(error.reason);
  return error instanceof BroadcastUncertainError;
}
