import { numberIn, type State } from "../../restore/batch.ts";
import type { Conflict, MigrationPair } from "../pair.ts";

const from = "agent_registry_v2.aleo";
const to = "agent_registry_v3.aleo";

/** Both have the same mappings of the same types; admin and pause belong to the new program itself. */
export const agentRegistryV2ToV3: MigrationPair = {
  from,
  to,
  // import_withdrawals only appends: what is paid by the old program afterwards would be paid again.
  last: ["withdrawals", "queue_head", "queue_tail", "total_queued"],
  totals: [
    { mapping: "stakes", of: "values", in: "total_staked" },
    { mapping: "withdrawals", of: { member: "amount" }, in: "total_queued" },
  ],
  conflicts: paidTwice,
};

/** Withdrawals that the old program has paid since the new one took them over. */
function paidTwice(wanted: State, target: State): Conflict[] {
  const [head, first] = [numberIn(wanted, "queue_head"), numberIn(target, "queue_head")];
  const paid = [...(target.get("withdrawals")?.keys() ?? [])]
    .map((key) => BigInt(key.replace("u64", "")))
    .filter((id) => id >= first && id < head);
  if (paid.length === 0) return [];
  return [
    {
      what: `${from} has paid the withdrawals ${paid.join(", ")}, which ${to} has in its queue and would pay again`,
      remedy: `Do not unpause ${to}: nothing takes them out of its queue. Deploy it under a new name, and migrate to that when \`aleo-ops withdrawals process --contract ${from}\` has emptied the old queue.`,
    },
  ];
}
