import { AleoError } from "../../aleo/errors.ts";
import type { NodeClient } from "../../aleo/node/client.ts";
import { componentsOf } from "../../aleo/program/program.ts";
import { parsedProgram } from "../look/parsed.ts";

export class WithdrawalQueueError extends AleoError {}

/** What a program owes and keeps, in microcredits, and what waits to be paid. */
export interface WithdrawalQueue {
  readonly program: string;
  /** Id of the first that waits, and the next free id. */
  readonly head: bigint;
  readonly tail: bigint;
  readonly paused: boolean;
  readonly staked: bigint;
  readonly queued: bigint;
  readonly fees: bigint;
}

export interface Withdrawal {
  readonly id: bigint;
  readonly recipient: string;
  /** Microcredits. */
  readonly amount: bigint;
}

/** Where the programs of contracts/ keep what there is one of. */
const only = "0u8";
const needed = ["withdrawals", "queue_head", "queue_tail", "total_queued", "total_staked"];

/** @throws WithdrawalQueueError for a program that is not there or has no queue */
export async function readQueue(node: NodeClient, program: string): Promise<WithdrawalQueue> {
  const mappings = await mappingsOf(node, program);
  const missing = needed.filter((name) => mappings?.has(name) !== true);
  if (mappings === undefined || missing.length > 0) {
    throw new WithdrawalQueueError(
      mappings === undefined
        ? `${program} is not deployed on ${node.network}.`
        : `${program} has no queue of withdrawals: it lacks the mappings ${missing.join(", ")}.`,
      { remedy: "Check the network, and name a program such as agent_registry_v2.aleo." },
    );
  }
  const value = (mapping: string) =>
    mappings.has(mapping) ? node.mappingValue(program, mapping, only) : undefined;
  const number = async (mapping: string) => numberOf((await value(mapping)) ?? "0u64");
  const [head, tail, paused, staked, queued, fees] = await Promise.all([
    number("queue_head"),
    number("queue_tail"),
    value("paused"),
    number("total_staked"),
    number("total_queued"),
    number("fees_held"),
  ]);
  return { program, head, tail, paused: paused === "true", staked, queued, fees };
}

/** Those of the programs that are on chain and have a queue. */
export async function programsWithQueue(
  node: NodeClient,
  programs: readonly string[],
): Promise<string[]> {
  const found = await Promise.all(programs.map((program) => mappingsOf(node, program)));
  return programs.filter((_, index) => needed.every((name) => found[index]?.has(name) === true));
}

/** Undefined where the program is not on chain. */
async function mappingsOf(
  node: NodeClient,
  program: string,
): Promise<ReadonlyMap<string, unknown> | undefined> {
  const source = await node.programSource(program);
  return source === undefined ? undefined : componentsOf(parsedProgram(source), "mapping");
}

/**
 * The first withdrawals of the queue, the oldest first; fewer where one of them was paid meanwhile.
 */
export async function firstWithdrawals(
  node: NodeClient,
  { program, head, tail }: WithdrawalQueue,
  count: number,
): Promise<Withdrawal[]> {
  const ids = Array.from(
    { length: Number(min(tail - head, BigInt(count))) },
    (_, place) => head + BigInt(place),
  );
  const entries = await Promise.all(
    ids.map((id) => node.mappingValue(program, "withdrawals", `${id}u64`)),
  );
  const gap = entries.indexOf(undefined);
  const found = gap === -1 ? entries : entries.slice(0, gap);
  return found.map((text, place) => ({ id: head + BigInt(place), ...withdrawalIn(text ?? "") }));
}

function withdrawalIn(text: string): Omit<Withdrawal, "id"> {
  const recipient = /recipient:\s*(aleo1[a-z0-9]{58})/.exec(text)?.[1];
  const amount = /amount:\s*(\d+u64)/.exec(text)?.[1];
  if (recipient !== undefined && amount !== undefined)
    return { recipient, amount: numberOf(amount) };
  throw new WithdrawalQueueError(`A withdrawal can't be read: ${text}.`, {
    remedy: "The program's withdrawals need the members recipient and amount.",
  });
}

function numberOf(literal: string): bigint {
  return BigInt(literal.replace(/u\d+$/, ""));
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
