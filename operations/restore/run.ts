import { formatCredits } from "../../aleo/network.ts";
import type { NodeClient } from "../../aleo/node/client.ts";
import { diffSnapshots, type EntryChange } from "../../aleo/snapshot/diff.ts";
import type { Snapshot } from "../../aleo/snapshot/snapshot.ts";
import { takeSnapshot } from "../../aleo/snapshot/take.ts";
import { BalanceError } from "../../aleo/transaction/errors.ts";
import type { Account } from "../account.ts";
import type { Callee } from "../call.ts";
import { exitCode, type ExitCode } from "../exit-code.ts";
import { plural } from "../text.ts";
import { type Batch, type Importer, RestoreError } from "./batch.ts";
import {
  batchesFor,
  obstaclesTo,
  planRestore,
  priceOf,
  targetOf,
  type RestorePlan,
  type Target,
} from "./plan.ts";
import { sendBatches, settleKilledRun } from "./send-batches.ts";

export interface RestoreReport {
  readonly plan: RestorePlan;
  /** Transactions that were accepted in this run. */
  readonly sent: number;
  /** What they cost, as a decimal string of microcredits. */
  readonly fee: string;
  /** Entries that are not as wanted; undefined where it did not come to the comparison. */
  readonly differences?: readonly EntryChange[];
  /** Entries that were compared. */
  readonly compared?: number;
  /** Why it ended before all was imported. */
  readonly problem?: string;
  readonly remedy?: string;
}

/**
 * Imports a state into a program: what is there already is left as it is, so a run
 * that was stopped goes on where the chain stands. Compares every entry at the end.
 * @param origin where the state comes from, for people: `backup 20250621_1200`
 * @throws RestoreError before anything is sent, where the import can't succeed
 * @throws BalanceError before anything is sent, where the account can't pay for all of it
 */
export async function restore(
  account: Account,
  origin: string,
  snapshot: Snapshot,
  to: string,
  show: (text: string) => void,
): Promise<RestoreReport> {
  const { node, journal, builder } = account;
  return journal.exclusively(`${to}/restore`, async () => {
    show(`${to}: reading its state`);
    const { target, batches } = await whatToDo(account, origin, snapshot, to);
    const signer = await builder.signer();
    if (batches.length > 0) refuseObstacles(to, obstaclesTo(target, signer));
    const plan = await planRestore(node, origin, snapshot, target, signer);
    await checkBalance(account, signer, target.callee, batches);
    const begun = { origin, to, callee: target.callee };
    const { accepted, fee, problem } = await sendBatches(account, begun, batches, (done) => {
      show(`${to}: ${done} of ${batches.length} transactions accepted`);
    });
    const did = { plan, sent: accepted, fee: fee.toString() };
    if (problem !== undefined) {
      if (accepted === 0) throw problem;
      return { ...did, problem: problem.message, remedy: problem.remedy };
    }
    show(`${to}: comparing every entry`);
    return { ...did, ...(await comparison(node, target.importer, snapshot, to)) };
  });
}

/** After what a killed run sent last has landed, or can't any more. */
async function whatToDo(
  account: Account,
  origin: string,
  snapshot: Snapshot,
  to: string,
): Promise<{ target: Target; batches: Batch[] }> {
  for (;;) {
    const target = await targetOf(account.node, to, snapshot);
    const batches = batchesFor(target, snapshot);
    const { callee } = target;
    if (!(await settleKilledRun(account, { origin, to, callee }, batches))) {
      return { target, batches };
    }
  }
}

function refuseObstacles(to: string, obstacles: readonly string[]): void {
  if (obstacles.length === 0) return;
  throw new RestoreError(`Nothing was imported: ${obstacles.join("; ")}.`, {
    remedy: `Pause ${to} and import with the key of its admin.`,
  });
}

/** Prices what is to be sent only where the account might not be able to pay for it. */
async function checkBalance(
  { node, builder, settings }: Account,
  signer: string,
  callee: Callee,
  batches: readonly Batch[],
): Promise<void> {
  const count = BigInt(batches.length);
  const held = await node.balance(signer);
  if (held >= count * settings.maxFee) return;
  const needed = (await priceOf(builder, callee, batches)) + count * settings.priorityFee;
  if (held >= needed) return;
  throw new BalanceError(
    `${signer} holds ${formatCredits(held)}; ${plural(batches.length, "transaction")} need about ${formatCredits(needed)}.`,
    { remedy: "Nothing was sent. Transfer credits to it, then run again." },
  );
}

async function comparison(
  node: NodeClient,
  { mappings }: Importer,
  wanted: Snapshot,
  to: string,
): Promise<Pick<RestoreReport, "differences" | "compared">> {
  const { snapshot: now } = await takeSnapshot(node, to, { source: "auto" });
  const restored = (snapshot: Snapshot) => ({
    mappings: snapshot.mappings.filter(({ name }) => mappings.includes(name)),
  });
  const compared = restored(wanted).mappings.reduce((sum, { entries }) => sum + entries.length, 0);
  const differences = diffSnapshots(restored(wanted), restored(now)).filter(isReal);
  return { differences, compared };
}

/** No entry and the number 0 say the same: an import sets what it counts. */
export function isReal(change: EntryChange): boolean {
  const before = change.kind === "added" ? "0u64" : change.before;
  const after = change.kind === "removed" ? "0u64" : change.after;
  return before !== after;
}

export function codeOf({ problem, differences = [] }: RestoreReport): ExitCode {
  if (problem !== undefined) return exitCode.partlyDone;
  return differences.length === 0 ? exitCode.ok : exitCode.verificationFailed;
}

const shownDifferences = 10;

export function restoreText(report: RestoreReport): string {
  const { plan, sent, fee, differences, compared = 0, problem, remedy } = report;
  const did = `${plural(sent, "transaction")} accepted, ${formatCredits(BigInt(fee))} of fees`;
  if (problem !== undefined) {
    return `✖ ${plan.to}: ${did}, ${plan.transactions - sent} to go: ${problem}\n    What to do: ${remedy ?? ""}`;
  }
  if (differences === undefined || differences.length === 0) {
    const missing = BigInt(plan.owed) - BigInt(plan.held);
    return [
      `✔ ${plan.to}: ${did}, ${plural(compared, "entry", "entries")} compared with ${plan.origin}, all as they were`,
      ...(missing > 0n
        ? [
            `    fund it with ${formatCredits(missing)} before it is unpaused: it holds less than it owes`,
          ]
        : []),
    ].join("\n");
  }
  return [
    `✖ ${plan.to}: ${did}, but ${plural(differences.length, "entry", "entries")} of ${compared} differ from ${plan.origin}:`,
    ...differences
      .slice(0, shownDifferences)
      .map(({ kind, mapping, key }) => `    ${kind} ${mapping}[${key}]`),
    "    What to do: find out who writes to the program, then run again.",
  ].join("\n");
}
