import type { Block } from "../node/shapes.ts";
import type { NodeClient } from "../node/client.ts";
import { programChecksum } from "../program/checksum.ts";
import { parseProgram } from "../program/parse.ts";
import { NeverQuietError, NoSuchProgramError } from "./errors.ts";
import type { MappingSnapshot, Snapshot, SnapshotSource } from "./snapshot.ts";

const mostAttempts = 10;

interface Read {
  readonly mappings: readonly MappingSnapshot[];
  readonly keysAsked: number | undefined;
  readonly lostWrites?: number;
}

/**
 * A snapshot at the head from reads that take a while: the height is read before and after, and
 * the blocks between must not touch the program; else everything is read again.
 *
 * @throws {NoSuchProgramError}
 * @throws {NeverQuietError}
 */
export async function quietly(
  node: NodeClient,
  program: string,
  source: SnapshotSource,
  read: () => Promise<Read>,
): Promise<Snapshot> {
  for (let attempts = 1; ; attempts += 1) {
    const heightBefore = await node.latestHeight();
    const found = await node.program(program);
    if (found === undefined) throw new NoSuchProgramError(program, `on ${node.network}`);
    const { mappings, ...keys } = await read();
    const head = await headOf(node);
    const heightAfter = head.height;
    if (!(await isTouched(node, program, heightBefore + 1, heightAfter))) {
      return {
        network: node.network,
        program,
        edition: found.edition,
        checksum: programChecksum(parseProgram(found.source)),
        programSource: found.source,
        owner: found.owner,
        ...head,
        mappings,
        source,
        verification: { kind: "quiet-reads", attempts, heightBefore, heightAfter, ...keys },
      };
    }
    if (attempts === mostAttempts) {
      throw new NeverQuietError(program, attempts, [heightBefore, heightAfter]);
    }
  }
}

/** The newest block with the state root after it, which is asked for apart. */
async function headOf(
  node: NodeClient,
): Promise<Pick<Snapshot, "height" | "blockHash" | "stateRoot" | "blockTimeMs">> {
  const block = await node.latestBlock();
  const stateRoot = await node.stateRoot();
  const { height, timestamp } = block.header.metadata;
  const isStillHead = (await node.latestHeight()) === height;
  return {
    height,
    blockHash: block.block_hash,
    stateRoot: isStillHead ? stateRoot : undefined,
    blockTimeMs: timestamp * 1_000,
  };
}

async function isTouched(
  node: NodeClient,
  program: string,
  from: number,
  to: number,
): Promise<boolean> {
  if (from > to) return false;
  const blocks = await node.blocks(from, to + 1);
  return blocks.length < to + 1 - from || blocks.some((block) => mayTouch(block, program));
}

/** What a program's functions do stands in a block under its name; so a block without it does nothing. */
function mayTouch({ transactions }: Block, program: string): boolean {
  return JSON.stringify(transactions).includes(program);
}
