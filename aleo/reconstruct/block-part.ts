import { promisify } from "node:util";
import { zstdCompress, zstdDecompress } from "node:zlib";
import { z } from "zod";
import { sha256Of } from "../backup/manifest.ts";
import { AleoError } from "../errors.ts";
import { type Network, networks } from "../network.ts";
import { type Block, blockShape } from "../node/shapes.ts";
import type { BlockRange } from "./ranges.ts";

/** A part of blocks that does not hold what it should. */
export class BlockPartError extends AleoError {}

const format = "aleo-ops blocks";
const mostBytes = 2 ** 30;

const header = z.strictObject({
  format: z.literal(format),
  version: z.literal(1),
  network: z.enum(networks),
  from: z.int().nonnegative(),
  to: z.int().nonnegative(),
  /** Of the lines that follow. */
  sha256: z.string(),
});

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** A line that says what the part is, then a line a block; zstd. */
export async function partOfBlocks(
  network: Network,
  { from, to }: BlockRange,
  blocks: readonly Block[],
): Promise<Buffer> {
  const lines = Buffer.from(blocks.map((block) => `${JSON.stringify(block)}\n`).join(""));
  const head = { format, version: 1, network, from, to, sha256: sha256Of(lines) };
  return compress(Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), lines]));
}

/**
 * The blocks of a part, each behind the one that it names.
 * @throws BlockPartError for anything else than the whole part of this network and these heights
 */
export async function blocksOfPart(
  body: Uint8Array,
  network: Network,
  range: BlockRange,
  where: string,
): Promise<Block[]> {
  const damaged = (reason: string, cause?: unknown) =>
    new BlockPartError(`${where} is damaged: ${reason}.`, {
      remedy: "Its blocks are fetched from a node instead.",
      cause,
    });
  let raw: Buffer;
  try {
    raw = await decompress(body, { maxOutputLength: mostBytes });
  } catch (cause) {
    throw damaged("it can't be decompressed", cause);
  }
  const end = raw.indexOf("\n") + 1;
  const lines = raw.subarray(end);
  try {
    const stated = header.parse(JSON.parse(raw.toString("utf8", 0, end)));
    if (stated.network !== network || stated.from !== range.from || stated.to !== range.to) {
      throw damaged(`it is of blocks ${stated.from} to ${stated.to} on ${stated.network}`);
    }
    if (stated.sha256 !== sha256Of(lines)) throw damaged("its SHA-256 is not the one it states");
    const blocks = lines
      .toString("utf8")
      .split("\n")
      .slice(0, -1)
      .map((line) => blockShape.parse(JSON.parse(line)));
    const gap = gapIn(blocks, range);
    if (gap !== undefined) throw damaged(gap);
    return blocks;
  } catch (error) {
    if (error instanceof BlockPartError) throw error;
    throw damaged("it is not of this format", error);
  }
}

function gapIn(blocks: readonly Block[], { from, to }: BlockRange): string | undefined {
  if (blocks.length !== to + 1 - from) {
    return `it holds ${blocks.length} blocks, not ${to + 1 - from}`;
  }
  const wrong = blocks.findIndex(
    ({ header: head, previous_hash: previous }, index) =>
      head.metadata.height !== from + index ||
      (index > 0 && previous !== blocks[index - 1]?.block_hash),
  );
  return wrong < 0 ? undefined : `block ${from + wrong} does not follow the one before it`;
}
