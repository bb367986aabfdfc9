import { AleoError } from "../errors.ts";
import type { SentTransaction } from "./journal.ts";

/** The chain took the fee and refused the change. */
export class TransactionRejectedError extends AleoError {
  readonly transactionId: string;

  constructor(transactionId: string, message: string, remedy: string) {
    super(message, { remedy });
    this.transactionId = transactionId;
  }
}

/** A block named the transaction as aborted: it changed nothing and cost nothing. */
export class TransactionAbortedError extends AleoError {}

/** Sent, but not seen in a block in time: it may still land, so nothing may be sent in its place. */
export class TransactionPendingError extends AleoError {
  readonly sent: SentTransaction;

  constructor(sent: SentTransaction, message: string, remedy: string) {
    super(message, { remedy });
    this.sent = sent;
  }
}

/** The fee is over the limit that the stack sets. */
export class FeeLimitError extends AleoError {}

/** The paying account holds less than the fee. */
export class BalanceError extends AleoError {}
