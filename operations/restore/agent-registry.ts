import {
  type Batch,
  grouped,
  type Importer,
  numberIn,
  places,
  refuseOthers,
  RestoreError,
  type State,
  valueIn,
} from "./batch.ts";

/** As many as import_agents and import_withdrawals of agent_registry_v3.aleo take. */
const batchSize = 8;
const parts = ["agents", "stakes", "performance"] as const;
/** What import_withdrawals appends where there is nothing to append: its places need some value. */
const noWithdrawal =
  "{ agent_id: 0field, recipient: aleo1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq3ljyzc, amount: 0u64 }";

/** Agents with stake and performance, the queue of withdrawals and the fees held. */
export const agentRegistryImporter: Importer = {
  mappings: [
    ...parts,
    "withdrawals",
    "queue_head",
    "queue_tail",
    "total_staked",
    "total_queued",
    "fees_held",
  ],
  batches: (wanted, target) => [
    ...agentBatches(wanted, target),
    ...withdrawalBatches(wanted, target),
    ...feeBatch(wanted, target),
  ],
  owed: (state) =>
    numberIn(state, "total_staked") +
    numberIn(state, "total_queued") +
    numberIn(state, "fees_held"),
};

function agentBatches(wanted: State, target: State): Batch[] {
  for (const mapping of parts) refuseOthers(wanted, target, mapping);
  const ids = [...(wanted.get("agents")?.keys() ?? [])];
  for (const mapping of parts) {
    const incomplete = ids.find((id) => valueIn(wanted, mapping, id) === undefined);
    if (incomplete === undefined) continue;
    throw new RestoreError(
      `The agent ${incomplete} of the state to import has no entry in ${mapping}.`,
      {
        remedy: "It is not the state of a whole registry: take another backup.",
      },
    );
  }
  const differing = ids.filter((id) =>
    parts.some((mapping) => valueIn(wanted, mapping, id) !== valueIn(target, mapping, id)),
  );
  return grouped(differing, batchSize).map((group) => {
    const listOf = (mapping: string) =>
      places(group, batchSize, (id) => valueIn(wanted, mapping, id) ?? "");
    const [first = ""] = group;
    return {
      functionName: "import_agents",
      inputs: [
        `${group.length}u8`,
        places(group, batchSize, (id) => id),
        listOf("agents"),
        listOf("stakes"),
        listOf("performance"),
      ],
      what: `${group.length} agents from ${first} on`,
      results: parts.map((mapping) => [mapping, first, valueIn(wanted, mapping, first) ?? ""]),
    };
  });
}

function withdrawalBatches(wanted: State, target: State): Batch[] {
  const [head, tail] = [numberIn(wanted, "queue_head"), numberIn(wanted, "queue_tail")];
  const [targetHead, targetTail] = [numberIn(target, "queue_head"), numberIn(target, "queue_tail")];
  refuseOthers(wanted, target, "withdrawals");
  const isEmpty = targetHead === targetTail;
  const isDone = targetHead === head && targetTail === tail;
  // An empty queue may go on at a later id, as import_withdrawals has it.
  const canGoOn = isEmpty ? targetTail <= head : targetHead === head && targetTail <= tail;
  const areSame = idsFrom(targetHead, targetTail).every(
    (id) =>
      valueIn(wanted, "withdrawals", `${id}u64`) === valueIn(target, "withdrawals", `${id}u64`),
  );
  if (!areSame || !(isDone || canGoOn)) {
    throw new RestoreError(
      `The queue of withdrawals of the program to import into holds others (ids ${targetHead} to ${targetTail}) than the state to import (${head} to ${tail}).`,
      {
        remedy:
          "Its ids can't be used again. Deploy the program under a new name and import into that.",
      },
    );
  }
  if (head === tail) {
    if (targetTail === tail) return [];
    return [
      {
        functionName: "import_withdrawals",
        inputs: [`${tail}u64`, "0u8", places([noWithdrawal], batchSize, (text) => text)],
        what: `an empty queue of withdrawals that goes on at id ${tail}`,
        results: [["queue_tail", "0u8", `${tail}u64`]],
      },
    ];
  }
  const missing = idsFrom(isEmpty ? head : targetTail, isDone ? head : tail);
  return grouped(missing, batchSize).map((group) => {
    const [first = 0n] = group;
    return {
      functionName: "import_withdrawals",
      inputs: [
        `${first}u64`,
        `${group.length}u8`,
        places(group, batchSize, (id) => withdrawal(wanted, id)),
      ],
      what: `${group.length} withdrawals from id ${first} on`,
      results: [["withdrawals", `${first}u64`, withdrawal(wanted, first)]],
      // The queue is appended to.
      needsEarlier: true as const,
    };
  });
}

function withdrawal(state: State, id: bigint): string {
  const value = valueIn(state, "withdrawals", `${id}u64`);
  if (value !== undefined) return value;
  throw new RestoreError(
    `The state to import lacks the withdrawal ${id}, which its queue counts.`,
    {
      remedy: "Take another backup.",
    },
  );
}

function idsFrom(first: bigint, before: bigint): bigint[] {
  return Array.from(
    { length: Math.max(0, Number(before - first)) },
    (_, index) => first + BigInt(index),
  );
}

function feeBatch(wanted: State, target: State): Batch[] {
  const fees = numberIn(wanted, "fees_held");
  if (fees === numberIn(target, "fees_held")) return [];
  return [
    {
      functionName: "import_fees_held",
      inputs: [`${fees}u64`],
      what: "the fees held",
      results: [["fees_held", "0u8", `${fees}u64`]],
    },
  ];
}
