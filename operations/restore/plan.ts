import { createHash } from "node:crypto";
import type { NodeClient } from "../../aleo/node/client.ts";
import { formatCredits } from "../../aleo/network.ts";
import { parseProgram } from "../../aleo/program/parse.ts";
import { componentsOf, type Program } from "../../aleo/program/program.ts";
import type { Snapshot } from "../../aleo/snapshot/snapshot.ts";
import { takeSnapshot } from "../../aleo/snapshot/take.ts";
import type { TransactionBuilder } from "../../aleo/transaction/builder.ts";
import { programAddress } from "../../aleo/transaction/program-address.ts";
import { calleeOf, type Callee } from "../call.ts";
import { plural } from "../text.ts";
import { agentRegistryImporter } from "./agent-registry.ts";
import { type Batch, type Importer, RestoreError, type State, stateIn, valueIn } from "./batch.ts";
import { trustVerifierImporter } from "./trust-verifier.ts";

/** A program that takes a state in, as it stands. */
export interface Target {
  readonly callee: Callee;
  readonly importer: Importer;
  readonly state: State;
}

export interface RestorePlan {
  /** What is imported, for people: `backup 20250621_1200`. */
  readonly origin: string;
  readonly from: string;
  readonly to: string;
  readonly transactions: number;
  /** Transactions by function. */
  readonly calls: Readonly<Record<string, number>>;
  /** What the target owes afterwards, as a decimal string of microcredits, and what it holds now. */
  readonly owed: string;
  readonly held: string;
  /** Why it can't begin yet. */
  readonly obstacles: readonly string[];
}

const importers: readonly (readonly [neededFunction: string, importer: Importer])[] = [
  ["import_agents", agentRegistryImporter],
  ["import_proofs", trustVerifierImporter],
];

/** How a program takes a state in, and the mappings that this needs and that not both have. */
export function importInto(
  program: Program,
  state: State,
): { readonly importer: Importer; readonly lacking: readonly string[] } | undefined {
  const functions = componentsOf(program, "function");
  const importer = importers.find(([needed]) => functions.has(needed))?.[1];
  if (importer === undefined) return undefined;
  const mappings = componentsOf(program, "mapping");
  const lacking = importer.mappings.filter((name) => !state.has(name) || !mappings.has(name));
  return { importer, lacking };
}

/** @throws RestoreError where the program is not there, or can't take in a state such as the backup's */
export async function targetOf(node: NodeClient, id: string, snapshot: Snapshot): Promise<Target> {
  const callee = await calleeOf(node, id);
  if (callee === undefined) {
    throw new RestoreError(`${id}, the program to restore into, is not on ${node.network}.`, {
      remedy: "Deploy it first, and pause it.",
    });
  }
  const way = importInto(parseProgram(callee.source), stateIn(snapshot));
  if (way === undefined) {
    throw new RestoreError(`${id} has no function that imports a state.`, {
      remedy:
        "Restore into a program that has, such as agent_registry_v3.aleo or trust_verifier_v3.aleo; `--to-folder` writes the backup into files.",
    });
  }
  const { importer, lacking } = way;
  if (lacking.length > 0) {
    throw new RestoreError(
      `A backup of ${snapshot.program} can't be restored into ${id}: not both have the mappings ${lacking.join(", ")}.`,
      { remedy: "Name the successor of the program that was backed up." },
    );
  }
  const { snapshot: now } = await takeSnapshot(node, id, { source: "auto" });
  return { callee, importer, state: stateIn(now) };
}

export function batchesFor({ importer, state }: Target, snapshot: Snapshot): Batch[] {
  return importer.batches(stateIn(snapshot), state);
}

/** What stands in the way of an import by this account; undefined for an account that is not known. */
export function obstaclesTo({ callee, state }: Target, signer: string | undefined): string[] {
  const admin = valueIn(state, "admin", "0u8");
  const { programId } = callee;
  return [
    ...(valueIn(state, "paused", "0u8") === "true"
      ? []
      : [`${programId} is not paused: imports are refused while it runs`]),
    ...(signer === undefined || signer === admin
      ? []
      : [`${signer} is not the admin of ${programId}: that is ${admin ?? "nobody"}`]),
  ];
}

/** What the import would do; sends nothing. */
export async function planRestore(
  node: NodeClient,
  origin: string,
  snapshot: Snapshot,
  target: Target,
  signer: string | undefined,
): Promise<RestorePlan> {
  const batches = batchesFor(target, snapshot);
  const { programId } = target.callee;
  const calls: Record<string, number> = {};
  for (const { functionName } of batches) calls[functionName] = (calls[functionName] ?? 0) + 1;
  const address = await programAddress(node.network, programId);
  return {
    origin,
    from: snapshot.program,
    to: programId,
    transactions: batches.length,
    calls,
    owed: target.importer.owed(stateIn(snapshot)).toString(),
    held: (await node.balance(address)).toString(),
    obstacles: batches.length === 0 ? [] : obstaclesTo(target, signer),
  };
}

/**
 * About what the transactions cost together, in microcredits, without priority fees: one of each
 * function is built, which takes seconds, and counts for the others.
 */
export async function priceOf(
  builder: TransactionBuilder,
  callee: Callee,
  batches: readonly Batch[],
): Promise<bigint> {
  const groups = Map.groupBy(batches, ({ functionName }) => functionName);
  let fee = 0n;
  for (const [functionName, [sample, ...others]] of groups) {
    if (sample === undefined) continue;
    const request = { ...callee, functionName, inputs: sample.inputs, priorityFee: 0n };
    fee += BigInt(1 + others.length) * (await builder.estimateExecution(request));
  }
  return fee;
}

/** Says of a batch what it is, the same for the same inputs only. */
export function purposeOf(origin: string, to: string, batch: Batch): string {
  const inputs = createHash("sha256").update(JSON.stringify(batch.inputs)).digest("hex");
  return `import of ${batch.what} of ${origin} into ${to} (${inputs.slice(0, 12)})`;
}

/** @param fee of all transactions, in microcredits */
export function planText(plan: RestorePlan, fee: bigint): string {
  const { origin, from, to, transactions, calls, obstacles } = plan;
  const [owed, held] = [BigInt(plan.owed), BigInt(plan.held)];
  const list = Object.entries(calls).map(([name, count]) => `    ${count} × ${name}`);
  return [
    transactions === 0
      ? `${to} holds all that ${origin} of ${from} has.`
      : `Import of ${origin} of ${from} into ${to}: ${plural(transactions, "transaction")}, about ${formatCredits(fee)} of fees`,
    ...list,
    ...(owed > held
      ? [
          `    afterwards ${to} owes ${formatCredits(owed)} and holds ${formatCredits(held)}: fund it with ${formatCredits(owed - held)} before it is unpaused`,
        ]
      : []),
    ...obstacles.map((obstacle) => `✖ ${obstacle}`),
  ].join("\n");
}
