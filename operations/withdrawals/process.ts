import { setTimeout as sleep } from "node:timers/promises";
import { AleoError } from "../../aleo/errors.ts";
import { formatCredits } from "../../aleo/network.ts";
import type { NodeClient } from "../../aleo/node/client.ts";
import { TransactionRejectedError } from "../../aleo/transaction/errors.ts";
import { programAddress } from "../../aleo/transaction/program-address.ts";
import { settleEarlier } from "../../aleo/transaction/send.ts";
import type { Account } from "../account.ts";
import { calleeOf, callOnce, type Call, type Callee } from "../call.ts";
import { exitCode, type ExitCode } from "../exit-code.ts";
import { requireFresh } from "../fresh-state.ts";
import { plural } from "../text.ts";
import { served, servedWithinMs, until } from "../until.ts";
import { fundsOf, owedBy } from "./check.ts";
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

/** Before the queue is read again, which somebody else has changed. */
const otherwisePaidMs = 500;

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
 * @throws StaleStateError before anything is sent
 */
export async function processWithdrawals(
  account: Account,
  program: string,
  batchSize: number,
  show: (text: string) => void,
): Promise<ProcessReport> {
  const paid: PaidBatch[] = [];
  const { node } = account;
  await requireFresh(node, "No withdrawal was paid.");
  const address = await programAddress(node.network, program);
  const callee = await calleeOf(node, program);
  const begun = await readQueue(node, program);
  const problem = await account.journal.exclusively(subjectOf(program), async () => {
    await settleKilledRun(account, program);
    try {
      for (;;) {
        const next = await nextBatch(node, program, address, batchSize);
        show(
          `${program}: ${next.queue.head - begun.head} of ${begun.tail - begun.head} withdrawals paid`,
        );
        if (next.batch.length === 0 || callee === undefined) return undefined;
        paid.push(await pay(account, next.queue, callee, next.batch));
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
  const last = lastIn(left.purpose);
  await settleEarlier(account, subjectOf(program), {
    purpose: left.purpose,
    // Where it can't be told what it pays, it is sent again: the program pays an id once.
    isReached: async () => last !== undefined && (await isPaid(account.node, program, last)),
  });
}

/** Read by `lastIn`: a later run has to know what an earlier one would pay. */
export function purposeOf(program: string, first: bigint, last: bigint): string {
  return `payment of withdrawals ${first} to ${last} of ${program}`;
}

/** The id of the last withdrawal that it pays; undefined where the purpose is none of `purposeOf`. */
export function lastIn(purpose: string): bigint | undefined {
  const digits = /^payment of withdrawals \d+ to (\d+) of /.exec(purpose)?.[1];
  return digits === undefined ? undefined : BigInt(digits);
}

async function isPaid(node: NodeClient, program: string, last: bigint): Promise<boolean> {
  return (await readQueue(node, program)).head > last;
}

interface NextBatch {
  readonly queue: WithdrawalQueue;
  /** Empty where nothing waits. */
  readonly batch: readonly Withdrawal[];
}

/**
 * The withdrawals that the next transaction is to pay.
 * @throws InsolventError where the program holds less than it owes, looked at twice, a block apart
 * @throws WithdrawalQueueError where the queue is paused, or its first entry is not there
 */
export async function nextBatch(
  node: NodeClient,
  program: string,
  address: string,
  batchSize: number,
): Promise<NextBatch> {
  let stuckAt: bigint | undefined;
  let deadline = Infinity;
  for (;;) {
    const queue = await readQueue(node, program);
    const { head, tail } = queue;
    if (head === tail) return { queue, batch: [] };
    refusePaused(queue);
    const batch = await firstWithdrawals(node, queue, batchSize);
    if (batch.length > 0) {
      if ((await node.balance(address)) >= owedBy(queue)) return { queue, batch };
      await refuseInsolvent(node, program, address);
      continue;
    }
    // Paid by somebody else between two questions: then the head moves on.
    if (head !== stuckAt) [stuckAt, deadline] = [head, Date.now() + servedWithinMs];
    if (Date.now() > deadline) throw missingEntry(program, head);
    await sleep(otherwisePaidMs);
  }
}

function missingEntry(program: string, head: bigint): WithdrawalQueueError {
  return new WithdrawalQueueError(
    `${program} says that withdrawal ${head} is the next to be paid, and has no entry withdrawals[${head}u64].`,
    {
      remedy:
        "Compare with another endpoint (ALEO_NODE_URL). Where all say so, the queue can't be paid out: find out what removed the entry (`aleo-ops activity`).",
    },
  );
}

function refusePaused({ program, head, tail, paused }: WithdrawalQueue): void {
  if (!paused) return;
  throw new WithdrawalQueueError(
    `${program} is paused: its ${plural(Number(tail - head), "withdrawal")} can't be paid.`,
    { remedy: "Find out why it was paused. Unpause it, then run again." },
  );
}

/** How long a block is waited for. A devnode may make them only for transactions. */
const nextBlockWithinMs = { local: 1_000, testnet: 30_000, mainnet: 30_000 } as const;

/**
 * Whoever is paged for nothing does not come the next time: so it is looked at twice, a block apart.
 * @throws InsolventError
 */
async function refuseInsolvent(node: NodeClient, program: string, address: string): Promise<void> {
  if ((await fundsOf(node, program, address)).missing === 0n) return;
  const height = await node.latestHeight();
  await until(async () => (await node.latestHeight()) > height, nextBlockWithinMs[node.network]);
  const funds = await fundsOf(node, program, address);
  if (funds.missing === 0n) return;
  const [held, owed, lacking] = [funds.held, funds.owed, funds.missing].map(formatCredits);
  throw new InsolventError(
    `INSOLVENT: ${program} holds ${String(held)} and owes or keeps ${String(owed)}: ${String(lacking)} are missing. No withdrawal was paid.`,
    {
      remedy:
        "Treat it as an emergency: whoever is paid now is paid with what belongs to others. Find out where the credits went, pause the program where it can be, put the credits back, then run again.",
    },
  );
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
  const aim = { purpose: purposeOf(program, head, last), isReached };
  const report = {
    first: head.toString(),
    count: batch.length,
    amount: batch.reduce((sum, { amount }) => sum + amount, 0n).toString(),
  };
  try {
    const accepted = await callOnce(account, subjectOf(program), aim, callee, callFor(head, batch));
    await requireServed(isReached, aim.purpose);
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

async function requireServed(isReached: () => Promise<boolean>, purpose: string): Promise<void> {
  if (await served(isReached)) return;
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
