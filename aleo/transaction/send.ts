import { AleoError } from "../errors.ts";
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

/** What a run wants of a subject. */
export interface Aim {
  /** What the transaction does that brings it about. */
  readonly purpose: string;
  /** Whether the chain is there already. */
  readonly isReached: () => Promise<boolean>;
  /**
   * Awaited before an accepted transaction is forgotten: where it throws, the next run finds it again.
   */
  readonly landed?: (accepted: ConfirmedTransaction) => Promise<void>;
}

/**
 * A transaction is usually in one of the next few blocks, which come about every 3 s; after this many
 * a node may have lost it. A figure of ours and no rule of the chain's: the queue of snarkOS
 * (node/consensus/src/lib.rs, `TransactionsQueue`) drops nothing for its age. Whoever sends the same
 * bytes again too early pays nothing for it.
 */
export const overdueBlocks = 10;

/**
 * Broadcasts a transaction and waits for its outcome. It is in the journal before it leaves, and
 * stays there until the outcome is known and `landed`, as in `Aim`, has ended. Call it inside `journal.exclusively(subject, …)`, after
 * `settleEarlier`.
 * @returns the accepted transaction
 * @throws TransactionRejectedError, TransactionAbortedError, TransactionPendingError,
 *   NodeRefusedError where the node did not take it (nothing was paid)
 */
export async function send(
  sender: Sender,
  subject: string,
  purpose: string,
  { id, text }: BuiltTransaction,
  landed?: Aim["landed"],
): Promise<ConfirmedTransaction> {
  let sent: SentTransaction;
  try {
    sent = await deliver(sender, subject, { purpose, id, text });
  } catch (error) {
    // What our own code did not expect may have happened after the broadcast: the entry stays.
    if (error instanceof AleoError) await sender.journal.remove(subject);
    throw error;
  }
  const outcome = await waitForOutcome(sender.node, id, sender.confirmationTimeoutMs);
  if (outcome.status === "accepted") await landed?.(outcome.confirmed);
  if (outcome.status !== "unseen") await sender.journal.remove(subject);
  return acceptedOrThrow(outcome, sent, sender.confirmationTimeoutMs);
}

/**
 * Finds out what became of transactions that earlier runs sent for the subject, and waits for one
 * that may still land. One that may never have arrived is broadcast again, with the same bytes:
 * that can't pay twice, because the chain takes a transaction id once. One that was sent for
 * another purpose (another source of the program, another value of the setting) is only waited for,
 * and given up when it is overdue: nobody wants it any more, so that nobody would send it again, and
 * one that a node lost would keep the subject as it is for ever. It may land all the same. So what
 * must not be done twice is settled for its own purpose.
 * @param left what an earlier run left elsewhere (Pulumi's state), where that was another machine
 * @returns the transaction that did what is wanted now, or undefined where there is none and
 *   nothing is under way
 * @throws TransactionPendingError while one may still land; TransactionRejectedError once, when
 *   the chain turns out to have refused what is wanted now
 */
export async function settleEarlier(
  sender: Sender,
  subject: string,
  aim: Aim,
  left?: SentTransaction,
): Promise<ConfirmedTransaction | undefined> {
  const noted = await sender.journal.recall(subject);
  const earlier = [noted, left?.id === noted?.id ? undefined : left];
  let done: ConfirmedTransaction | undefined;
  for (const sent of earlier.filter((one) => one !== undefined)) {
    done = (await settle(sender, subject, aim, sent)) ?? done;
  }
  return done;
}

async function settle(
  sender: Sender,
  subject: string,
  aim: Aim,
  sent: SentTransaction,
): Promise<ConfirmedTransaction | undefined> {
  const isWanted = sent.purpose === aim.purpose;
  const outcome = isWanted
    ? await outcomeOfWanted(sender, subject, aim, sent)
    : await outcomeOfOther(sender, sent);
  if (isWanted && outcome?.status === "accepted") await aim.landed?.(outcome.confirmed);
  if (outcome?.status !== "unseen") await sender.journal.remove(subject);
  if (outcome === undefined || outcome.status === "aborted") return undefined;
  if (outcome.status !== "unseen" && !isWanted) return undefined;
  return acceptedOrThrow(outcome, sent, sender.confirmationTimeoutMs);
}

/** Undefined where it can't land any more, or is not needed any more. */
async function outcomeOfWanted(
  sender: Sender,
  subject: string,
  aim: Aim,
  sent: SentTransaction,
): Promise<Outcome | undefined> {
  const { node, confirmationTimeoutMs } = sender;
  const found = await lookUp(node, sent.id);
  if (found.status !== "unseen") return found;
  if (await aim.isReached()) return undefined;
  if ((await isOverdue(node, sent)) && !(await arrivesAgain(sender, subject, sent))) {
    return undefined;
  }
  return waitForOutcome(node, sent.id, confirmationTimeoutMs);
}

/** Undefined where it is not waited for any longer. */
async function outcomeOfOther(
  { node, confirmationTimeoutMs }: Sender,
  sent: SentTransaction,
): Promise<Outcome | undefined> {
  const outcome = await waitForOutcome(node, sent.id, confirmationTimeoutMs);
  return outcome.status === "unseen" && (await isOverdue(node, sent)) ? undefined : outcome;
}

/** Whether it may not have arrived, or may be lost since. */
async function isOverdue(node: NodeClient, { taken, height }: SentTransaction): Promise<boolean> {
  return !taken || (await node.latestHeight()) >= height + overdueBlocks;
}

/**
 * Broadcasts what is in the journal by then.
 * @throws NodeRefusedError, NodeUnreachableError, RateLimitedError where no node took it
 */
async function deliver(
  { node, journal }: Sender,
  subject: string,
  transaction: Pick<SentTransaction, "purpose" | "id" | "text">,
): Promise<SentTransaction> {
  const sent = { ...transaction, height: await node.latestHeight(), taken: false };
  await journal.write(subject, sent);
  try {
    await node.broadcast(sent.text);
  } catch (error) {
    if (error instanceof BroadcastUncertainError) return sent;
    throw error;
  }
  const taken = { ...sent, taken: true };
  await journal.write(subject, taken);
  return taken;
}

/** Broadcasts the same bytes once more; false where the chain can't take them any more. */
async function arrivesAgain(
  sender: Sender,
  subject: string,
  sent: SentTransaction,
): Promise<boolean> {
  try {
    await deliver(sender, subject, sent);
    return true;
  } catch (error) {
    // A node that is behind the chain can't tell; snarkOS then refuses every transaction.
    if (!(error instanceof NodeRefusedError) || /syncing/i.test(error.reason)) throw error;
    return (await lookUp(sender.node, sent.id)).status !== "unseen";
  }
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
        sent.id,
        `The chain rejected transaction ${sent.id} (${sent.purpose})${feeText(outcome.confirmed)}.`,
        "An assert in its finalize or constructor failed, or the state had changed: look at the program's conditions and the account that signed before you run again.",
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
        sent,
        `Transaction ${sent.id} (${sent.purpose}) was sent but not seen in a block within ${timeoutMs / 1000} s. It may still land.${outcome.unanswered === undefined ? "" : ` ${outcome.unanswered}`}`,
        "Run again: the next run looks this transaction up first and sends no other one while it may still land.",
      );
  }
}

function feeText(confirmed: ConfirmedTransaction): string {
  return confirmed.fee === undefined ? "" : ` and kept its fee of ${formatCredits(confirmed.fee)}`;
}
