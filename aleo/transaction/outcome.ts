import { setTimeout as sleep } from "node:timers/promises";
import { isAbortedIn, type ConfirmedTransaction, type NodeClient } from "../node/client.ts";
import { NodeResponseError, NodeUnreachableError, RateLimitedError } from "../node/errors.ts";

/** What became of a transaction that was broadcast. */
export type Outcome =
  | { readonly status: "accepted" | "rejected"; readonly confirmed: ConfirmedTransaction }
  | { readonly status: "aborted"; readonly height: number }
  /** In no block; `unanswered` says why no node could be asked last. */
  | { readonly status: "unseen"; readonly unanswered?: string };

/**
 * Looks once whether the chain holds a transaction. An aborted one is named by its block only
 * (snarkVM ledger/store/src/block/mod.rs, `find_block_hash`, finds that block by it).
 */
export async function lookUp(node: NodeClient, transactionId: string): Promise<Outcome> {
  const confirmed = await node.confirmedTransaction(transactionId);
  if (confirmed !== undefined) return { status: confirmed.status, confirmed };
  const height = await node.blockOfTransaction(transactionId);
  const block = height === undefined ? undefined : await node.block(height);
  return height !== undefined && block !== undefined && isAbortedIn(block, transactionId)
    ? { status: "aborted", height }
    : { status: "unseen" };
}

/**
 * Waits until the outcome is known or `timeoutMs` has passed; then the outcome is `unseen`. A node
 * that does not answer meanwhile is asked again.
 */
export async function waitForOutcome(
  node: NodeClient,
  transactionId: string,
  timeoutMs: number,
): Promise<Outcome> {
  const deadline = Date.now() + timeoutMs;
  for (let pauseMs = 100; ; pauseMs = Math.min(pauseMs * 1.5, 2_000)) {
    const outcome = await lookUp(node, transactionId).catch(unanswered);
    if (outcome.status !== "unseen" || Date.now() + pauseMs > deadline) return outcome;
    await sleep(pauseMs);
  }
}

function unanswered(error: unknown): Outcome {
  const noAnswer =
    error instanceof NodeUnreachableError ||
    error instanceof NodeResponseError ||
    error instanceof RateLimitedError;
  if (!noAnswer) throw error;
  return { status: "unseen", unanswered: error.message };
}
