import type { NodeClient } from "../../aleo/node/client.ts";
import { NodeResponseError } from "../../aleo/node/errors.ts";
import type { Block } from "../../aleo/node/shapes.ts";
import { BacktestError } from "../errors.ts";

const batchSize = 50;

/**
 * The blocks from `from` to `to`, both included, in their order and each joined to the one before.
 * One batch is asked for while the one before it is judged.
 * @throws BacktestError for blocks that the network does not have yet, or that don't follow each other
 */
export async function* oldBlocks(
  node: NodeClient,
  from: number,
  to: number,
): AsyncGenerator<Block> {
  const newest = await node.latestHeight();
  if (to > newest) {
    throw new BacktestError(`${node.network} has no block ${to} yet: the newest is ${newest}.`, {
      remedy: `Name blocks up to ${newest}.`,
    });
  }
  const ask = (start: number) => {
    const batch = download(node, start, Math.min(start + batchSize, to + 1));
    // Awaited in its turn; a failure before that is none yet.
    batch.catch(() => undefined);
    return batch;
  };
  let previous: Block | undefined;
  let next = ask(from);
  for (let start = from; start <= to; start += batchSize) {
    const batch = await next;
    if (start + batchSize <= to) next = ask(start + batchSize);
    for (const [index, block] of batch.entries()) {
      requireNext(block, start + index, previous);
      previous = block;
      yield block;
    }
    const count = Math.min(batchSize, to + 1 - start);
    if (batch.length < count) throw broken(start + batch.length, "was not served");
  }
}

/** Blocks that are too large together are asked for in halves. */
async function download(node: NodeClient, start: number, before: number): Promise<Block[]> {
  try {
    return await node.blocks(start, before, before - 1);
  } catch (error) {
    if (!(error instanceof NodeResponseError) || before - start === 1) throw error;
    const middle = Math.ceil((start + before) / 2);
    const first = await download(node, start, middle);
    return [...first, ...(await download(node, middle, before))];
  }
}

function requireNext(block: Block, height: number, previous: Block | undefined): void {
  if (block.header.metadata.height !== height) throw broken(height, "was not served");
  if (previous !== undefined && previous.block_hash !== block.previous_hash) {
    throw broken(height, `does not follow block ${height - 1}`);
  }
}

function broken(height: number, what: string): BacktestError {
  return new BacktestError(`Block ${height} ${what}, so the rules can't be judged over it.`, {
    remedy: "Ask one endpoint alone (ALEO_NODE_URL), or another one.",
  });
}
