import { z } from "zod";
import type { NodeClient } from "../../aleo/node/client.ts";
import type { Block } from "../../aleo/node/shapes.ts";
import type { WithdrawalQueue } from "./queue.ts";

/** When the oldest waiting withdrawal was asked for, as far as the blocks looked at tell. */
export interface OldestRequest {
  /** Block height; null where it is older than the blocks looked at. */
  readonly height: number | null;
  /** Of that block, else of the oldest that was looked at: then it is older still. */
  readonly time: string;
}

const blocksAtOnce = 50;

const execution = z.object({
  execution: z.object({
    transitions: z.array(
      z.object({
        program: z.string(),
        function: z.string(),
        inputs: z.array(z.object({ value: z.string().optional() })).optional(),
      }),
    ),
  }),
});

/**
 * Finds the block that put the oldest waiting withdrawal into the queue: what waits is what the
 * newest requests asked for, so the blocks are counted back from the head.
 * @param lookBack how many blocks are looked at at most
 */
export async function oldestRequest(
  node: NodeClient,
  { program, head, tail }: WithdrawalQueue,
  lookBack: number,
): Promise<OldestRequest | undefined> {
  let waiting = tail - head;
  if (waiting === 0n) return undefined;
  let before = (await node.latestHeight()) + 1;
  const least = Math.max(0, before - lookBack);
  let oldestSeen = "";
  while (before > least) {
    const start = Math.max(least, before - blocksAtOnce);
    const blocks = await node.blocks(start, before);
    for (const block of blocks.toReversed()) {
      const { height, timestamp } = block.header.metadata;
      oldestSeen = new Date(timestamp * 1_000).toISOString();
      waiting -= queuedIn(block, program);
      if (waiting <= 0n) return { height, time: oldestSeen };
    }
    before = start;
  }
  return { height: null, time: oldestSeen };
}

/** How many withdrawals the block adds to the queue. */
function queuedIn({ transactions }: Block, program: string): bigint {
  const accepted = transactions.filter(
    ({ status, type }) => status === "accepted" && type === "execute",
  );
  return accepted
    .flatMap(
      ({ transaction }) => execution.safeParse(transaction).data?.execution.transitions ?? [],
    )
    .filter((transition) => transition.program === program)
    .reduce((sum, { function: name, inputs }) => {
      if (name === "request_withdrawal") return sum + 1n;
      // import_withdrawals(first, count, …)
      const count = /^(\d+)u8$/.exec(inputs?.[1]?.value ?? "")?.[1];
      return name === "import_withdrawals" && count !== undefined ? sum + BigInt(count) : sum;
    }, 0n);
}
