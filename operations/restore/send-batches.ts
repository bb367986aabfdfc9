import { AleoError } from "../../aleo/errors.ts";
import type { NodeClient } from "../../aleo/node/client.ts";
import { send, settleEarlier } from "../../aleo/transaction/send.ts";
import type { Account } from "../account.ts";
import { checkAffordable, type Callee } from "../call.ts";
import { servedWithinMs, until } from "../until.ts";
import { type Batch, RestoreError } from "./batch.ts";
import { purposeOf } from "./plan.ts";

/** What is imported into what. */
export interface Import {
  /** Where the state comes from, for people. */
  readonly origin: string;
  readonly to: string;
  readonly callee: Callee;
}

/** What came of the transactions of one run. */
interface SentBatches {
  /** Transactions that were accepted. */
  readonly accepted: number;
  /** What they cost, in microcredits. */
  readonly fee: bigint;
  /** Why it ended before all were sent. */
  readonly problem: AleoError | undefined;
}

/** Transactions that may be on their way at once: the next is built while these land. */
const width = 4;

/** The journal holds one transaction a subject: so as many subjects as may be on their way. */
function subjectsOf(to: string): string[] {
  return [
    `${to}/restore`,
    ...Array.from({ length: width - 1 }, (_, lane) => `${to}/restore/${lane + 2}`),
  ];
}

/**
 * Waits for what a killed run sent, and sees to it that it arrives where it is still to be done.
 * @param batches what there is to do as the chain stands
 * @returns whether there was anything: then the chain stands otherwise now
 * @throws as `settleEarlier` does
 */
export async function settleKilledRun(
  account: Account,
  { origin, to }: Import,
  batches: readonly Batch[],
): Promise<boolean> {
  const wanted = new Set(batches.map((batch) => purposeOf(origin, to, batch)));
  let isAny = false;
  for (const subject of subjectsOf(to)) {
    const left = await account.journal.read(subject);
    if (left === undefined) continue;
    isAny = true;
    const purpose = wanted.has(left.purpose) ? left.purpose : "";
    await settleEarlier(account, subject, { purpose, isReached: () => Promise.resolve(false) });
  }
  return isAny;
}

/**
 * Sends the batches, each once, up to four on their way at once; one that needs those before it is
 * sent when they are accepted. The first failure ends it, after what is on its way by then.
 * @param show told how many are accepted
 */
export async function sendBatches(
  account: Account,
  { origin, to, callee }: Import,
  batches: readonly Batch[],
  show: (accepted: number) => void,
): Promise<SentBatches> {
  const { builder, settings, node } = account;
  const free = subjectsOf(to);
  const underWay = new Set<Promise<void>>();
  const failures: unknown[] = [];
  let accepted = 0;
  let fee = 0n;

  const land = async (subject: string, batch: Batch, transaction: Built) => {
    const confirmed = await send(account, subject, purposeOf(origin, to, batch), transaction);
    accepted += 1;
    fee += confirmed.fee ?? 0n;
    show(accepted);
    await served(node, to, batch);
  };
  for (const batch of batches) {
    try {
      const transaction = await builder.execution({
        ...callee,
        functionName: batch.functionName,
        inputs: batch.inputs,
        priorityFee: settings.priorityFee,
      });
      await checkAffordable(account, purposeOf(origin, to, batch), transaction.fee);
      if (batch.needsEarlier === true) await Promise.all(underWay);
      while (underWay.size === width) await Promise.race(underWay);
      const subject = failures.length === 0 ? free.pop() : undefined;
      if (subject === undefined) break;
      const task = land(subject, batch, transaction)
        .catch((error: unknown) => {
          failures.push(error);
        })
        .finally(() => {
          underWay.delete(task);
          free.push(subject);
        });
      underWay.add(task);
    } catch (error) {
      failures.push(error);
      break;
    }
  }
  await Promise.all(underWay);
  const [failure] = failures;
  if (failure !== undefined && !(failure instanceof AleoError)) throw failures[0];
  return { accepted, fee, problem: failure };
}

type Built = Parameters<typeof send>[3];

async function served(node: NodeClient, to: string, batch: Batch): Promise<void> {
  if (await until(() => isThere(node, to, batch), servedWithinMs)) return;
  throw new RestoreError(
    `The import of ${batch.what} into ${to} was accepted, but its entries are not there.`,
    {
      remedy: "Run again: it compares with the chain and imports what is missing.",
    },
  );
}

async function isThere(node: NodeClient, to: string, { results }: Batch): Promise<boolean> {
  const plain = (text: string | undefined) => text?.replaceAll(/\s/g, "");
  for (const [mapping, key, value] of results) {
    if (plain(await node.mappingValue(to, mapping, key)) !== plain(value)) return false;
  }
  return true;
}
