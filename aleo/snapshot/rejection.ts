import type { NodeClient } from "../node/client.ts";
import { readTransaction } from "../replay/block.ts";
import type { Rejection } from "../replay/replay.ts";
import { snapshotByReplay, type ReplayedSnapshotOptions } from "./replayed.ts";

/**
 * Why a transaction was rejected: the statement of its finalize that stopped it, with its operands,
 * found by running it on the state before it. Undefined for one that is not rejected, or calls no
 * program besides credits.aleo.
 *
 * @param id The one under which it was broadcast, or that of its fee
 * @throws {ReplayMismatchError | NotReplayableError | UnfollowedStateError}
 */
export async function explainRejection(
  node: NodeClient,
  id: string,
  options: Pick<ReplayedSnapshotOptions, "base" | "blocks" | "follow" | "onBlock"> = {},
): Promise<Rejection | undefined> {
  const confirmed = await node.confirmedTransaction(id);
  const height = confirmed?.blockHeight;
  const block = height === undefined ? undefined : await node.block(height);
  const entry = block?.transactions.find(
    ({ transaction }) => transaction.id === confirmed?.feeTransactionId,
  );
  if (entry?.status !== "rejected" || height === undefined) return undefined;
  const { transitions } = readTransaction(entry);
  const called = transitions.map(({ program }) => program).reverse();
  const [program, ...others] = new Set(called.filter((name) => name !== "credits.aleo"));
  if (program === undefined) return undefined;
  const { rejections } = await snapshotByReplay(node, program, {
    ...options,
    height,
    follow: [...others, ...(options.follow ?? [])],
  });
  return rejections.find(({ feeTransactionId }) => feeTransactionId === entry.transaction.id);
}
