import assert from "node:assert/strict";
import { connect } from "../../aleo/node/client.ts";

/** What a program and an account went through on chain, read from the blocks themselves. */
export interface ChainCount {
  /** Transactions in blocks that deploy the program or call it, rejected ones too. */
  transactions(programId: string): Promise<{ deployments: number; calls: number; fees: bigint }>;
  balance(address: string): Promise<bigint>;
}

/** @param url read at each use, so that it may be known later */
export function chainCount(url: () => string): ChainCount {
  const ask = async <Value>(question: (node: ReturnType<typeof connect>) => Promise<Value>) => {
    const node = connect({ network: "local", endpoints: [url()] });
    try {
      return await question(node);
    } finally {
      await node.close();
    }
  };
  return {
    balance: (address) => ask((node) => node.balance(address)),
    transactions: (programId) =>
      ask(async (node) => {
        const count = { deployments: 0, calls: 0, fees: 0n };
        const blocks = await node.blocks(0, (await node.latestHeight()) + 1);
        for (const entry of blocks.flatMap(({ transactions }) => transactions)) {
          const text = JSON.stringify(entry);
          const deploys = text.includes(`"program":"program ${programId};`);
          const calls = text.includes(`"program":"${programId}"`);
          if (!deploys && !calls) continue;
          count[deploys ? "deployments" : "calls"] += 1;
          const confirmed = await node.confirmedTransaction(entry.transaction.id);
          count.fees += confirmed?.fee ?? assert.fail(`${entry.transaction.id} has no fee`);
        }
        return count;
      }),
  };
}
