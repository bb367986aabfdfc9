import { numberIn, type State } from "../../restore/batch.ts";
import { type Conflict, type MigrationPair, ownOfEach } from "../pair.ts";

/** All versions have the same entries. */
export function agentRegistryPair(from: string, to: string): MigrationPair {
  return {
    from,
    to,
    left: ownOfEach,
    // import_withdrawals only appends: what is paid by the old program afterwards would be paid again.
    last: ["withdrawals", "queue_head", "queue_tail", "total_queued"],
    totals: [
      { mapping: "stakes", of: "values", in: "total_staked" },
      { mapping: "withdrawals", of: { member: "amount" }, in: "total_queued" },
    ],
    conflicts: (wanted, target) => paidTwice(from, to, wanted, target),
  };
}

/** Withdrawals that the old program has paid since the new one took them over. */
function paidTwice(from: string, to: string, wanted: State, target: State): Conflict[] {
  const [head, first] = [numberIn(wanted, "queue_head"), numberIn(target, "queue_head")];
  const paid = [...(target.get("withdrawals")?.keys() ?? [])]
    .map((key) => BigInt(key.replace("u64", "")))
    .filter((id) => id >= first && id < head);
  if (paid.length === 0) return [];
  return [
    {
      what: `${from} has paid the withdrawals ${paid.join(", ")}, which ${to} has in its queue and would pay again`,
      remedy: `Do not unpause ${to}: nothing takes them out of its queue. Deploy it under a new name (\`aleo-ops emergency clean-slate ${to}\`), and migrate to that when \`aleo-ops withdrawals process --contract ${from}\` has emptied the old queue.`,
    },
  ];
}
