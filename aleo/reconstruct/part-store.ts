import { ObjectExistsError, type ObjectStore, StoreDeniedError } from "../backup/store.ts";
import type { Network } from "../network.ts";
import type { NodeClient } from "../node/client.ts";
import type { Block } from "../node/shapes.ts";
import { blocksOf } from "../snapshot/blocks.ts";
import { MissingBlocksError } from "../snapshot/errors.ts";
import { BlockPartError, blocksOfPart, partOfBlocks } from "./block-part.ts";
import type { BlockRange } from "./ranges.ts";
import { slimBlock } from "./slim-block.ts";

/** Where parts stand in a store, beside the backups: `blocks/testnet/0000001000-0000001999.ndjson.zst`. */
function partKey(network: Network, { from, to }: BlockRange): string {
  return `blocks/${network}/${tenDigits(from)}-${tenDigits(to)}.ndjson.zst`;
}

function tenDigits(height: number): string {
  return String(height).padStart(10, "0");
}

/** The parts that are not in the store yet; all of them where this account may not list it. */
export async function missingParts(
  store: ObjectStore,
  network: Network,
  parts: readonly BlockRange[],
): Promise<BlockRange[]> {
  const there = new Set<string>();
  try {
    for await (const { key } of store.list(`blocks/${network}/`)) there.add(key);
  } catch (error) {
    if (!(error instanceof StoreDeniedError)) throw error;
  }
  return parts.filter((part) => !there.has(partKey(network, part)));
}

/** `there` where the store had it already: from an earlier run, or another worker. */
export interface StoredPart {
  readonly state: "stored" | "there";
  readonly bytes: number;
}

/**
 * Fetches the blocks of a part and stores them, whole or not at all. What is there is not fetched
 * again, where this account may see that.
 * @throws MissingBlocksError where the chain ends before the part does
 */
export async function storePart(
  node: NodeClient,
  store: ObjectStore,
  part: BlockRange,
): Promise<StoredPart> {
  const key = partKey(node.network, part);
  const found = await readable(store, key);
  if (found !== undefined) return { state: "there", bytes: found.length };
  const body = await partOfBlocks(node.network, part, await fetchBlocks(node, part));
  try {
    await store.create(key, body);
    return { state: "stored", bytes: body.length };
  } catch (error) {
    // Another worker was faster, or an answer was lost: what is there is of the same blocks.
    if (!(error instanceof ObjectExistsError)) throw error;
    return { state: "there", bytes: body.length };
  }
}

async function readable(store: ObjectStore, key: string): Promise<Buffer | undefined> {
  try {
    return await store.read(key);
  } catch (error) {
    if (error instanceof StoreDeniedError) return undefined;
    throw error;
  }
}

async function fetchBlocks(node: NodeClient, { from, to }: BlockRange): Promise<Block[]> {
  const blocks: Block[] = [];
  for await (const block of blocksOf(node, from, to)) blocks.push(slimBlock(block));
  if (blocks.length < to + 1 - from) throw new MissingBlocksError(from + blocks.length, to);
  return blocks;
}

/**
 * The blocks of a part from the store; from the node where the part is not there or not whole.
 * @param onDamage says why it is not whole
 */
export async function readPart(
  node: NodeClient,
  store: ObjectStore,
  part: BlockRange,
  onDamage: (problem: BlockPartError) => void,
): Promise<Block[]> {
  const key = partKey(node.network, part);
  const body = await store.read(key);
  if (body === undefined) return fetchBlocks(node, part);
  try {
    return await blocksOfPart(body, node.network, part, `${store.location}/${key}`);
  } catch (error) {
    if (!(error instanceof BlockPartError)) throw error;
    onDamage(error);
    return fetchBlocks(node, part);
  }
}
