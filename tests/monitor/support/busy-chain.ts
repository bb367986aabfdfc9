import { connect, type NodeClient } from "../../../aleo/node/client.ts";
import { registryCalls } from "../../contracts/agent-registry.ts";
import { admin, alice, bob, stranger } from "../../contracts/accounts.ts";
import type { Chain } from "../../contracts/chain.ts";
import { createBlocks } from "../../support/create-blocks.ts";

export const program = "agent_registry_v3.aleo";

/** How many blocks a round makes, with one accepted and one rejected call. */
export const blocksPerRound = 10;

/** Makes blocks by and by: one with an accepted call, empty ones, one with a rejected call, empty ones. */
export async function makeBusyBlocks(chain: Chain, url: string, round: number): Promise<void> {
  const { register, verify } = registryCalls(program);
  const payers = [admin, alice, bob, stranger];
  const payer = payers[round % payers.length] ?? admin;
  await chain.accepts(register(payer, `${1_000 + round}field`));
  await createBlocks(url, blocksPerRound / 2 - 1);
  await chain.rejects(verify(stranger, "999999field"));
  await createBlocks(url, blocksPerRound / 2 - 1);
}

/** Every block and every transaction's part in the program, as the node itself tells it. */
export async function truthOf(url: string): Promise<{ heights: number[]; transactions: string[] }> {
  const node: NodeClient = connect({ network: "local", endpoints: [url] });
  try {
    const blocks = await node.blocks(1, (await node.latestHeight()) + 1);
    return {
      heights: blocks.map(({ header }) => header.metadata.height),
      transactions: blocks
        .flatMap((block) =>
          block.transactions
            .filter(
              (entry) =>
                entry.type === "deploy" || JSON.stringify(entry).includes(`"program":"${program}"`),
            )
            .map(({ transaction }) => transaction.id),
        )
        .toSorted(),
    };
  } finally {
    await node.close();
  }
}
