import { setTimeout as sleep } from "node:timers/promises";
import type { ConfirmedTransaction, NodeClient } from "../node/client.ts";

/** What became of a transaction that was broadcast. */
export type Outcome =
  | { readonly status: "accepted"; readonly confirmed: ConfirmedTransaction }
  | { readonly status: "rejected"; readonly confirmed: ConfirmedTransaction }
  | { readonly status: "aborted"; readonly height: number }
  | { readonly status: "unseen" };

/**
 * Looks once whether the chain holds a transaction. An aborted one is named by its block only, so
 * the blocks above `sinceHeight` are read for it.
 */
export async function lookUp(
  node: NodeClient,
  transactionId: string,
  sinceHeight: number,
): Promise<{ outcome: Outcome; height: number }> {
  const confirmed = await node.confirmedTransaction(transactionId);
  if (confirmed !== undefined) {
    return { outcome: { status: confirmed.status, confirmed }, height: sinceHeight };
  }
  const latest = await node.latestHeight();
  for (let height = sinceHeight + 1; height <= latest; height += 1) {
    const block = await node.block(height);
    if (block?.aborted_transaction_ids.includes(transactionId) === true) {
      return { outcome: { status: "aborted", height }, height };
    }
  }
  return { outcome: { status: "unseen" }, height: latest };
}

/** Waits until the outcome is known or `timeoutMs` has passed; then the outcome is `unseen`. */
export async function waitForOutcome(
  node: NodeClient,
  transactionId: string,
  sinceHeight: number,
  timeoutMs: number,
): Promise<Outcome> {
  const deadline = Date.now() + timeoutMs;
  let height = sinceHeight;
  for (let pauseMs = 100; ; pauseMs = Math.min(pauseMs * 1.5, 2_000)) {
    const seen = await lookUp(node, transactionId, height);
    if (seen.outcome.status !== "unseen") return seen.outcome;
    height = seen.height;
    if (Date.now() + pauseMs > deadline) return seen.outcome;
    await sleep(pauseMs);
  }
}
