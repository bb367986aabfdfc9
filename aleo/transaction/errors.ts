import { AleoError } from "../errors.ts";

/** The chain took the fee and refused the change. */
export class TransactionRejectedError extends AleoError {}

/** A block named the transaction as aborted: it changed nothing and cost nothing. */
export class TransactionAbortedError extends AleoError {}

/** Sent, but not seen in a block in time: it may still land, so nothing may be sent in its place. */
export class TransactionPendingError extends AleoError {
  readonly transactionId: string;

  constructor(transactionId: string, message: string, remedy: string) {
    super(message, { remedy });
    this.transactionId = transactionId;
  }
}

/** The fee is over the limit that the stack sets. */
export class FeeLimitError extends AleoError {}

/** The paying account holds less than the fee. */
export class BalanceError extends AleoError {}
