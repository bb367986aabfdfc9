import { formatCredits } from "../../aleo/network.ts";
import type { NodeClient } from "../../aleo/node/client.ts";
import { programAddress } from "../../aleo/transaction/program-address.ts";
import { formatAge, plural } from "../text.ts";
import { oldestRequest, type OldestRequest } from "./age.ts";
import { readQueue, type WithdrawalQueue, WithdrawalQueueError } from "./queue.ts";

export interface WithdrawalCheck {
  readonly program: string;
  readonly address: string;
  readonly pending: number;
  /** Id of the first that waits, as a decimal string. */
  readonly first: string;
  /** What waits together, as a decimal string of microcredits; so are the following. */
  readonly queued: string;
  /** All that the program owes or keeps. */
  readonly owed: string;
  readonly held: string;
  readonly paused: boolean;
  /** Whether the program holds what it owes. */
  readonly solvent: boolean;
  readonly oldest: OldestRequest | null;
}

/** What a program holds beside what it owes or keeps, in microcredits, when its queue is as it is. */
export interface Funds {
  readonly queue: WithdrawalQueue;
  readonly address: string;
  readonly held: bigint;
  readonly owed: bigint;
  /** 0 where it holds what it owes. */
  readonly missing: bigint;
}

const attempts = 5;

/**
 * Where something seems to be missing, the queue was the same before and after the balance was read:
 * else a withdrawal that is paid in between would look like credits that went away.
 * @param known its address, where that is at hand: the SDK takes half a second to compute one
 * @throws WithdrawalQueueError for a program that is not there or has no queue, or whose queue changes
 *   faster than it can be read
 */
export async function fundsOf(node: NodeClient, program: string, known?: string): Promise<Funds> {
  const address = known ?? (await programAddress(node.network, program));
  let [queue, held] = await Promise.all([readQueue(node, program), node.balance(address)]);
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const owed = owedBy(queue);
    if (held >= owed) return { queue, address, held, owed, missing: 0n };
    const before = await readQueue(node, program);
    held = await node.balance(address);
    queue = await readQueue(node, program);
    if (held < owedBy(queue) && isSame(before, queue)) {
      return { queue, address, held, owed: owedBy(queue), missing: owedBy(queue) - held };
    }
  }
  throw new WithdrawalQueueError(
    `The queue of ${program} changes faster than it and what the program holds can be read.`,
    { remedy: "Run again in a minute." },
  );
}

function isSame(one: WithdrawalQueue, other: WithdrawalQueue): boolean {
  return one.head === other.head && one.tail === other.tail && owedBy(one) === owedBy(other);
}

/**
 * Looks at the queue, at its age and at whether the program can pay.
 * @param known as for `fundsOf`
 */
export async function checkWithdrawals(
  node: NodeClient,
  program: string,
  lookBack: number,
  known?: string,
): Promise<WithdrawalCheck> {
  const { queue, address, held, owed, missing } = await fundsOf(node, program, known);
  return {
    program,
    address,
    pending: Number(queue.tail - queue.head),
    first: queue.head.toString(),
    queued: queue.queued.toString(),
    owed: owed.toString(),
    held: held.toString(),
    paused: queue.paused,
    solvent: missing === 0n,
    oldest: (await oldestRequest(node, queue, lookBack)) ?? null,
  };
}

export function owedBy({ staked, queued, fees }: WithdrawalQueue): bigint {
  return staked + queued + fees;
}

export function checkText(checks: readonly WithdrawalCheck[]): string {
  if (checks.length === 0) return "No program that the stack declares has a queue of withdrawals.";
  return checks.map(oneText).join("\n");
}

function oneText(check: WithdrawalCheck): string {
  const { program, pending, oldest } = check;
  const [queued, owed, held] = [check.queued, check.owed, check.held].map(BigInt) as [
    bigint,
    bigint,
    bigint,
  ];
  const waiting =
    pending === 0
      ? "no withdrawal waits"
      : `${plural(pending, "withdrawal")} of ${formatCredits(queued)} ${pending === 1 ? "waits" : "together wait"}, from id ${check.first} on`;
  return [
    `${check.solvent ? "✔" : "✖"} ${program}: ${waiting}`,
    ...(oldest === null ? [] : [`    the oldest for ${ageText(oldest)}`]),
    ...(check.paused ? ["    it is paused: nothing is paid until it is unpaused"] : []),
    `    it holds ${formatCredits(held)} and owes or keeps ${formatCredits(owed)}`,
    ...(check.solvent
      ? []
      : [
          `    ${formatCredits(owed - held)} are missing. What to do: process nothing, find out where they went, pause the program where it can be.`,
        ]),
  ].join("\n");
}

function ageText({ height, time }: OldestRequest): string {
  const age = formatAge(Math.max(0, Date.now() - Date.parse(time)));
  return height === null ? `more than ${age}` : `${age}, since block ${height}`;
}
