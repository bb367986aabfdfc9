import { setTimeout as sleep } from "node:timers/promises";
import { AleoError } from "../../aleo/errors.ts";
import { formatCredits } from "../../aleo/network.ts";
import type { NodeClient } from "../../aleo/node/client.ts";
import { TransactionRejectedError } from "../../aleo/transaction/errors.ts";
import { settleEarlier } from "../../aleo/transaction/send.ts";
import type { Account } from "../account.ts";
import { calleeOf, callOnce, type Call, type Callee } from "../call.ts";
import { exitCode, type ExitCode } from "../exit-code.ts";
import { servedWithinMs, until } from "../until.ts";
import { programAddress } from "../program-address.ts";
import { plural } from "../text.ts";
import { owedBy } from "./check.ts";
import {
  firstWithdrawals,
  readQueue,
  type Withdrawal,
  type WithdrawalQueue,
  WithdrawalQueueError,
} from "./queue.ts";

/** The program holds less than it owes: whoever is paid now is paid with what belongs to others. */
export class InsolventError extends AleoError {}

/** As many as the program's process_withdrawals takes. */
const largestBatch = 10;

/** Withdrawals that one transaction paid. */
interface PaidBatch {
  /** Id of the first, as a decimal string. */
  readonly first: string;
  readonly count: number;
  /** Microcredits, as a decimal string; so is the fee. */
  readonly amount: string;
  /** Null where another account's transaction paid them. */
  readonly transaction: string | null;
  readonly fee: string | null;
}

export interface ProcessReport {
  readonly program: string;
  readonly paid: readonly PaidBatch[];
  /** What waits still; not known where nothing could be done. */
  readonly pending?: number;
  /** Why it ended before the queue did. */
  readonly problem?: string;
  readonly remedy?: string;
  /** It ended because the program holds less than it owes. */
  readonly insolvent?: true;
}

/** Before the queue is read again, which somebody else has changed. */
const otherwisePaidMs = 500;

/**
 * Pays the queues of several programs out; one that can't be paid does not keep the others from it.
 * @throws AleoError where there is only one, and nothing of it could be paid for another reason than
 *   insolvency
 */
export async function processAll(
  account: Account,
  programs: readonly string[],
  batchSize: number,
  show: (text: string) => void,
): Promise<ProcessReport[]> {
  const reports: ProcessReport[] = [];
  for (const program of programs) {
    try {
      reports.push(await processWithdrawals(account, program, batchSize, show));
    } catch (error) {
      const isOnly = programs.length === 1 && !(error instanceof InsolventError);
      if (!(error instanceof AleoError) || isOnly) throw error;
      reports.push({ program, paid: [], ...problemOf(error) });
    }
  }
  return reports;
}

/**
 * Pays the queue out, the oldest first, one transaction a batch. A batch is never sent twice: what
 * a killed run sent is in the journal and looked up first, and the program itself pays an id once.
 * @throws InsolventError before a batch, where the program holds less than it owes
 * @throws WithdrawalQueueError where there is no queue, or it is paused
 */
export async function processWithdrawals(
  account: Account,
  program: string,
  batchSize: number,
  show: (text: string) => void,
): Promise<ProcessReport> {
  const paid: PaidBatch[] = [];
  const address = await programAddress(account.node.network, program);
  const callee = await calleeOf(account.node, program);
  const begun = await readQueue(account.node, program);
  const problem = await account.journal.exclusively(subjectOf(program), async () => {
    await settleKilledRun(account, program);
    try {
      for (;;) {
        const queue = await readQueue(account.node, program);
        show(
          `${program}: ${queue.head - begun.head} of ${begun.tail - begun.head} withdrawals paid`,
        );
        const batch = await nextBatch(account.node, queue, address, batchSize);
        if (batch === undefined || callee === undefined) return undefined;
        // Paid by somebody else between two questions.
        if (batch.length === 0) await sleep(otherwisePaidMs);
        else paid.push(await pay(account, queue, callee, batch));
      }
    } catch (error) {
      // Without anything paid there is nothing to tell but the error.
      if (!(error instanceof AleoError) || paid.length === 0) throw error;
      return problemOf(error);
    }
  });
  const left = await readQueue(account.node, program);
  return { program, paid, pending: Number(left.tail - left.head), ...problem };
}

function problemOf(error: AleoError): Pick<ProcessReport, "problem" | "remedy" | "insolvent"> {
  const { message: problem, remedy } = error;
  return { problem, remedy, ...(error instanceof InsolventError ? { insolvent: true } : {}) };
}

function subjectOf(program: string): string {
  return `${program}/withdrawals`;
}

/** Waits for what a killed run sent, or sees to it that it arrives, before anything else is sent. */
async function settleKilledRun(account: Account, program: string): Promise<void> {
  const left = await account.journal.read(subjectOf(program));
  if (left === undefined) return;
  const last = BigInt(/ to (\d+) of /.exec(left.purpose)?.[1] ?? 0n);
  await settleEarlier(account, subjectOf(program), {
    purpose: left.purpose,
    isReached: () => isPaid(account.node, program, last),
  });
}

async function isPaid(node: NodeClient, program: string, last: bigint): Promise<boolean> {
  return (await readQueue(node, program)).head > last;
}

/**
 * The withdrawals that the next transaction is to pay; undefined for an empty queue.
 * @throws InsolventError, WithdrawalQueueError
 */
export async function nextBatch(
  node: NodeClient,
  queue: WithdrawalQueue,
  address: string,
  batchSize: number,
): Promise<readonly Withdrawal[] | undefined> {
  const { program, head, tail, paused } = queue;
  if (head === tail) return undefined;
  if (paused) {
    throw new WithdrawalQueueError(
      `${program} is paused: its ${plural(Number(tail - head), "withdrawal")} can't be paid.`,
      { remedy: "Find out why it was paused. Unpause it, then run again." },
    );
  }
  const [held, owed] = [await node.balance(address), owedBy(queue)];
  if (held < owed) {
    throw new InsolventError(
      `INSOLVENT: ${program} holds ${formatCredits(held)} and owes or keeps ${formatCredits(owed)}: ${formatCredits(owed - held)} are missing. No withdrawal was paid.`,
      {
        remedy:
          "Treat it as an emergency: whoever is paid now is paid with what belongs to others. Find out where the credits went, pause the program where it can be, put the credits back, then run again.",
      },
    );
  }
  return firstWithdrawals(node, queue, batchSize);
}

async function pay(
  account: Account,
  { program, head }: WithdrawalQueue,
  callee: Callee,
  batch: readonly Withdrawal[],
): Promise<PaidBatch> {
  const { node } = account;
  const last = head + BigInt(batch.length) - 1n;
  const isReached = () => isPaid(node, program, last);
  const aim = { purpose: `payment of withdrawals ${head} to ${last} of ${program}`, isReached };
  const report = {
    first: head.toString(),
    count: batch.length,
    amount: batch.reduce((sum, { amount }) => sum + amount, 0n).toString(),
  };
  try {
    const accepted = await callOnce(account, subjectOf(program), aim, callee, callFor(head, batch));
    await served(isReached, aim.purpose);
    return {
      ...report,
      transaction: accepted?.id ?? null,
      fee: accepted?.fee?.toString() ?? null,
    };
  } catch (error) {
    // Anybody may pay the queue out: then ours was refused, and they are paid all the same.
    if (error instanceof TransactionRejectedError && (await isReached())) {
      return { ...report, transaction: null, fee: null };
    }
    throw error;
  }
}

/** process_withdrawals(first, count, recipients, amounts); places from `count` on are ignored. */
export function callFor(first: bigint, batch: readonly Withdrawal[]): Call {
  const places = Array.from({ length: largestBatch }, (_, place) => batch[place] ?? batch.at(-1));
  const list = (text: (withdrawal: Withdrawal) => string) =>
    `[${places.flatMap((place) => (place === undefined ? [] : [text(place)])).join(", ")}]`;
  return {
    functionName: "process_withdrawals",
    inputs: [
      `${first}u64`,
      `${batch.length}u8`,
      list(({ recipient }) => recipient),
      list(({ amount }) => `${amount}u64`),
    ],
  };
}

async function served(isReached: () => Promise<boolean>, purpose: string): Promise<void> {
  if (await until(isReached, servedWithinMs)) return;
  throw new WithdrawalQueueError(
    `The ${purpose} was accepted, but the node still serves the queue before it.`,
    { remedy: "Run again in a minute: it goes on where the chain stands." },
  );
}

export function codeOf(reports: readonly ProcessReport[]): ExitCode {
  if (reports.every(({ problem }) => problem === undefined)) return exitCode.ok;
  const isNothingDone = reports.every(
    ({ problem, paid }) => problem !== undefined && paid.length === 0,
  );
  return isNothingDone ? exitCode.failed : exitCode.partlyDone;
}

export function processText(reports: readonly ProcessReport[]): string {
  if (reports.length === 0) return "No program that the stack declares has a queue of withdrawals.";
  return reports.map(reportText).join("\n");
}

function reportText({ program, paid, pending, problem, remedy }: ProcessReport): string {
  const count = paid.reduce((sum, batch) => sum + batch.count, 0);
  const amount = paid.reduce((sum, batch) => sum + BigInt(batch.amount), 0n);
  const lines = paid.map(
    ({ first, count: size, amount: sum, transaction }) =>
      `✔ ${plural(size, "withdrawal")} from id ${first} on, ${formatCredits(BigInt(sum))}: ${transaction ?? "paid by another account meanwhile"}`,
  );
  const summary =
    count === 0 && pending === 0
      ? `${program}: no withdrawal waits.`
      : `${program}: ${plural(count, "withdrawal")} of ${formatCredits(amount)} paid, ${pending ?? "an unknown number"} waiting.`;
  return [
    ...lines,
    summary,
    ...(problem === undefined ? [] : [`✖ ${problem}`, `    What to do: ${remedy ?? ""}`]),
  ].join("\n");
}
