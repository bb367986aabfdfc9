import type { Account } from "./accounts.ts";
import { callsOf, type Chain, numberOf } from "./chain.ts";

export const minimumStake = 1_000_000n;
export const minimumFee = 100_000n;
export const minimumWithdrawal = 100_000n;

export interface Withdrawal {
  readonly recipient: string;
  readonly amount: bigint;
}

/** The functions of agent_registry_v2.aleo and agent_registry_v3.aleo that both have, as calls. */
export function registryCalls(program: string) {
  const call = callsOf(program);
  return {
    call,
    register: (
      by: Account,
      agent: string,
      { stake = minimumStake, fee = minimumFee, performance = "1field" } = {},
    ) => call(by, "register_agent", agent, `${stake}u64`, performance, `${fee}u64`),
    verify: (by: Account, agent: string, verified = true) =>
      call(by, "verify_agent", agent, String(verified)),
    update: (by: Account, agent: string, performance: string) =>
      call(by, "update_agent_performance", agent, performance),
    deactivate: (by: Account, agent: string) => call(by, "deactivate_agent", agent),
    request: (by: Account, agent: string, amount: bigint) =>
      call(by, "request_withdrawal", agent, `${amount}u64`),
    /** Places without a withdrawal are filled with the last one, which the program has to ignore. */
    process: (
      by: Account,
      first: bigint,
      withdrawals: readonly Withdrawal[],
      count = withdrawals.length,
    ) => {
      const places = Array.from(
        { length: 10 },
        (_, index) => withdrawals[index] ?? withdrawals.at(-1),
      );
      const listOf = (text: (place: Withdrawal) => string) =>
        `[${places.map((place) => text(place ?? { recipient: by.address, amount: 1n })).join(", ")}]`;
      return call(
        by,
        "process_withdrawals",
        `${first}u64`,
        `${count}u8`,
        listOf(({ recipient }) => recipient),
        listOf(({ amount }) => `${amount}u64`),
      );
    },
    collect: (by: Account, amount: bigint) => call(by, "collect_fees", `${amount}u64`),
  };
}

/** What waits in the queue, first to last. */
export async function queueOf(
  chain: Chain,
  program: string,
): Promise<{ first: bigint; waiting: Withdrawal[] }> {
  const first = await chain.number(program, "queue_head");
  const tail = await chain.number(program, "queue_tail");
  const waiting: Withdrawal[] = [];
  for (let id = first; id < tail; id += 1n) {
    const entry = await chain.struct(program, "withdrawals", `${id}u64`);
    waiting.push({
      recipient: entry?.recipient ?? "",
      amount: numberOf(entry?.amount ?? "0"),
    });
  }
  return { first, waiting };
}

/** What the program owes or keeps, which it must hold in credits. */
export async function obligationsOf(chain: Chain, program: string): Promise<bigint> {
  const totals = ["total_staked", "total_queued", "fees_held"].map((mapping) =>
    chain.number(program, mapping),
  );
  return (await Promise.all(totals)).reduce((sum, total) => sum + total, 0n);
}
