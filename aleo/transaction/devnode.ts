import { z } from "zod";
import type { NodeClient } from "../node/client.ts";

/** Of the first account that every devnode funds: known to everybody, and worth nothing elsewhere. */
export const devnodeKey = "APrivateKey1zkp8CZNn3yeCseEtxuVPbDCwSyhGW6yZKUYKfgXmcpoGPWH";

const blockAuthority = z.looseObject({ authority: z.looseObject({ type: z.string() }) });

/**
 * Whether the blocks are made by one signer (authority `beacon`), as on a devnode, and not by a
 * quorum of validators. Source: snarkVM ledger/authority/src/lib.rs: a real network has a beacon
 * block at height 0 only, and a devnode is past that when it answers.
 */
export async function isDevnode(node: NodeClient): Promise<boolean> {
  const { authority } = blockAuthority.parse(await node.latestBlock());
  return authority.type === "beacon";
}
