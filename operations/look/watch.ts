import { once } from "node:events";
import { ledgerOf } from "../../aleo/network.ts";
import type { NodeClient } from "../../aleo/node/client.ts";
import { loadCrypto } from "../../aleo/replay/crypto.ts";
import type { Answer } from "../command-line.ts";
import { plural } from "../text.ts";
import { liveLine, watchActivity } from "./activity.ts";

/**
 * Prints each transaction of a program as its block comes, until Ctrl-C or until nobody reads any
 * more.
 * @param json whether each is a JSON document on a line of its own
 */
export async function watchText(node: NodeClient, program: string, json: boolean): Promise<Answer> {
  const address = (await loadCrypto(ledgerOf(node.network))).programAddress(program);
  const ended = new AbortController();
  const signals = Promise.race([
    once(process, "SIGINT"),
    once(process, "SIGTERM"),
    once(process.stdout, "close"),
  ]);
  void signals.then(() => {
    ended.abort();
  });
  let count = 0;
  process.stderr.write(`Watching ${program} on ${node.network}. Ctrl-C ends it.\n`);
  await watchActivity(node, address, program, ended.signal, {
    tell: (transactions) => {
      count += transactions.length;
      for (const one of transactions) {
        process.stdout.write(`${json ? JSON.stringify(one) : liveLine(one)}\n`);
      }
    },
    failed: (error) => {
      const reason = error instanceof Error ? error.message : String(error);
      process.stderr.write(`! ${reason} It is asked again.\n`);
    },
  });
  const document = { program, network: node.network, transactions: count };
  return {
    document,
    text: `${plural(count, "transaction")} of ${program} while it was watched.`,
  };
}
