import { formatCredits } from "../../aleo/network.ts";
import type { NodeClient } from "../../aleo/node/client.ts";
import { plural } from "../text.ts";
import { fundsOf } from "../withdrawals/check.ts";
import { programsWithQueue } from "../withdrawals/queue.ts";
import type { ProgramStatus } from "./program.ts";

/** What the mappings of a program say of it, as far as it has those of contracts/. */
export interface ProgramState {
  /** Left out where the program keeps no admin; null where it has none. */
  readonly admin?: string | null;
  /** To whom the admin's part is offered. */
  readonly offeredAdmin?: string | null;
  /** Left out for a program without a queue of withdrawals. */
  readonly funds?: ProgramFunds;
}

interface ProgramFunds {
  /** Under which it holds credits. */
  readonly address: string;
  /** Microcredits, as decimal strings; so is what waits. */
  readonly held: string;
  readonly owed: string;
  readonly queued: string;
  /** How many withdrawals wait. */
  readonly waiting: number;
}

const only = "0u8";

/** @throws WithdrawalQueueError where the queue changes faster than it can be read */
export async function programState(
  node: NodeClient,
  { program, mappings }: Pick<ProgramStatus, "program" | "mappings">,
): Promise<ProgramState> {
  const entry = async (mapping: string) =>
    mappings.includes(mapping)
      ? ((await node.mappingValue(program, mapping, only)) ?? null)
      : undefined;
  const [admin, offeredAdmin, [withQueue]] = await Promise.all([
    entry("admin"),
    entry("offered_admin"),
    programsWithQueue(node, [program]),
  ]);
  return {
    ...(admin === undefined ? {} : { admin }),
    ...(offeredAdmin === undefined ? {} : { offeredAdmin }),
    ...(withQueue === undefined ? {} : { funds: await funds(node, program) }),
  };
}

async function funds(node: NodeClient, program: string): Promise<ProgramFunds> {
  const { queue, address, held, owed } = await fundsOf(node, program);
  return {
    address,
    ...{ held: held.toString(), owed: owed.toString(), queued: queue.queued.toString() },
    waiting: Number(queue.tail - queue.head),
  };
}

/** Lines as those of `programText`. */
export function programStateText({ admin, offeredAdmin, funds }: ProgramState): string {
  return [
    ...(admin === undefined ? [] : [`  admin        ${admin ?? "none"}`]),
    ...(offeredAdmin === undefined ? [] : [`  offered to   ${offeredAdmin ?? "nobody"}`]),
    ...(funds === undefined ? [] : fundsLines(funds)),
  ].join("\n");
}

function fundsLines({ address, held, owed, queued, waiting }: ProgramFunds): string[] {
  const missing = BigInt(owed) - BigInt(held);
  const short = missing > 0n ? `: ${formatCredits(missing)} ARE MISSING` : "";
  return [
    `  address      ${address}`,
    `  holds        ${formatCredits(BigInt(held))}`,
    `  owes         ${formatCredits(BigInt(owed))}${short}`,
    `  waiting      ${waiting === 0 ? "no withdrawal" : `${plural(waiting, "withdrawal")}, ${formatCredits(BigInt(queued))}`}`,
  ];
}
