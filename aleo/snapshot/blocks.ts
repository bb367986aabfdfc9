import type { NodeClient } from "../node/client.ts";
import type { Block } from "../node/shapes.ts";

/** As many as a node gives at once. */
const batch = 50;

/**
 * The blocks of two heights and those between, in order; the next ones are fetched while these are
 * worked on. Ends early where the chain does.
 */
export async function* blocksOf(node: NodeClient, from: number, to: number): AsyncGenerator<Block> {
  const fetch = (start: number): Promise<Block[]> => {
    const blocks = node.blocks(start, Math.min(start + batch, to + 1));
    blocks.catch(() => undefined);
    return blocks;
  };
  let next = from <= to ? fetch(from) : Promise.resolve([]);
  for (let start = from; start <= to; start += batch) {
    const blocks = await next;
    if (start + batch <= to) next = fetch(start + batch);
    yield* blocks;
    if (blocks.length < Math.min(batch, to + 1 - start)) return;
  }
}
