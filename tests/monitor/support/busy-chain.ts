import { connect, type NodeClient } from "../../../aleo/node/client.ts";
import { registryCalls } from "../../contracts/agent-registry.ts";
import { admin, alice, bob, stranger } from "../../contracts/accounts.ts";
import type { Chain } from "../../contracts/chain.ts";
import { createBlocks } from "../../support/create-blocks.ts";

export const program = "agent_registry_v3.aleo";

/** Makes blocks by and by: an empty one, one with accepted calls, one with rejected calls, in turns. */
export async function makeBusyBlocks(chain: Chain, url: string, rounds: number): Promise<void> {
  const { register, verify } = registryCalls(program);
  const payers = [admin, alice, bob, stranger];
  for (let round = 0; round < rounds; round += 1) {
    const payer = payers[round % payers.length] ?? admin;
    await chain.accepts(register(payer, `${1_000 + round}field`));
    await createBlocks(url, 2);
    await chain.rejects(verify(stranger, "999999field"));
    await createBlocks(url, 2);
  }
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
