import { AleoError } from "../../aleo/errors.ts";
import { diffSnapshots, type EntryChange } from "../../aleo/snapshot/diff.ts";
import { formatCredits } from "../../aleo/network.ts";
import { entryCount, type Snapshot } from "../../aleo/snapshot/snapshot.ts";
import { takeSnapshot } from "../../aleo/snapshot/take.ts";
import type { Account } from "../account.ts";
import { exitCode, type ExitCode } from "../exit-code.ts";
import { stateIn } from "../restore/batch.ts";
import { isReal, restore, type RestoreReport } from "../restore/run.ts";
import { plural } from "../text.ts";
import { Checkpoint } from "./checkpoint.ts";
import type { MigrationPair } from "./pair.ts";
import { MigrationError } from "./pairs.ts";
import {
  type MappingPlan,
  type MigrationPlan,
  planMigration,
  prepare,
  type Prepared,
  readSource,
  warnings,
} from "./plan.ts";
import { wrongTotals } from "./totals.ts";
import { translate, withoutLast } from "./translate.ts";

export interface MigrationReport {
  /** As it was when the run began. */
  readonly plan: MigrationPlan;
  /** The new program holds the old one's state after this block. */
  readonly height: number;
  /** How often the old program was read and carried over until it had come to rest. */
  readonly passes: number;
  /** Transactions that were accepted in this run. */
  readonly sent: number;
  /** What they cost, as a decimal string of microcredits. */
  readonly fee: string;
  /** What the old program changed since the state that the last run went by; null for a first run. */
  readonly changedSince: { readonly height: number; readonly entries: number } | null;
  /** What it changed while this run was at work; carried over as well, unless there is a problem. */
  readonly changedMeanwhile: number;
  /** Whether both programs were read once more at the end, and the totals compared. */
  readonly verified: boolean;
  /** Undefined where it did not come to that. */
  readonly comparison?: Comparison;
  /** Why it ended before all was carried over. */
  readonly problem?: string;
  readonly remedy?: string;
}

interface Comparison {
  /** Entries that were compared. */
  readonly compared: number;
  /** From the old program's entries to the new one's. */
  readonly differences: readonly EntryChange[];
  /** Totals of the new program that its entries do not add up to; none where they were not compared. */
  readonly wrongTotals: readonly string[];
}

export interface MigrationOptions {
  /** Reads both programs once more at the end, and compares every entry and the totals. */
  readonly verify: boolean;
  /** The folder `.state`. */
  readonly stateDirectory: string;
}

/** After so many the old program changes faster than it can be carried over. */
const mostPasses = 8;

/**
 * Carries the state of a program over to its paused successor, and again what the old one changed
 * meanwhile, until it has come to rest. What the new one holds already is left as it is, so a run
 * that was stopped goes on where the chain stands.
 * @throws MigrationError, RestoreError, BalanceError before anything is sent
 */
export async function migrate(
  account: Account,
  pair: MigrationPair,
  { verify, stateDirectory }: MigrationOptions,
  show: (text: string) => void,
): Promise<MigrationReport> {
  const { node, journal } = account;
  return journal.exclusively(`${pair.to}/migrate`, async () => {
    const checkpoint = new Checkpoint(stateDirectory, node.network, pair);
    const before = await checkpoint.read();
    show(`${pair.from}: reading its state`);
    const prepared = await prepare(node, pair, before);
    const plan = await planMigration(node, pair, prepared, await account.builder.signer());
    refuseObstacles(plan);
    if (before === undefined) await checkpoint.write(prepared.source);
    const passed = await carryOver(account, pair, prepared, show);
    const report = {
      plan,
      ...passed.counts,
      height: passed.source.height,
      verified: false,
      changedSince: before === undefined ? null : changedSince(before, prepared.source),
    };
    if (passed.problem !== undefined) return { ...report, ...passed.problem };
    await checkpoint.write(passed.source);
    if (!verify) return { ...report, comparison: passed.comparison };
    show(`${pair.to}: comparing every entry`);
    return { ...report, verified: true, comparison: await verification(account, pair, passed) };
  });
}

function refuseObstacles({ obstacles, to }: MigrationPlan): void {
  const [first] = obstacles;
  if (first === undefined) return;
  throw new MigrationError(
    `Nothing was carried over to ${to}: ${obstacles.map(({ what }) => what).join("; ")}.`,
    { remedy: first.remedy },
  );
}

function changedSince(before: Snapshot, now: Snapshot): { height: number; entries: number } {
  return { height: before.height, entries: diffSnapshots(before, now).length };
}

interface Passed {
  readonly counts: Pick<MigrationReport, "passes" | "sent" | "fee" | "changedMeanwhile">;
  /** The state of the old program that was carried over last. */
  readonly source: Snapshot;
  readonly mappings: readonly string[];
  /** Of the last pass, by the import itself. */
  readonly comparison: Comparison;
  readonly problem?: { readonly problem: string; readonly remedy: string };
}

async function carryOver(
  account: Account,
  pair: MigrationPair,
  { source: first, target }: Prepared,
  show: (text: string) => void,
): Promise<Passed> {
  const { node } = account;
  const { mappings } = target.importer;
  let source = first;
  let atRest = pair.last.length === 0;
  let [sent, changedMeanwhile, fee] = [0, 0, 0n];
  let comparison: Comparison = { compared: 0, differences: [], wrongTotals: [] };
  for (let passes = 1; ; passes += 1) {
    const passed = () => ({
      counts: { passes, sent, fee: fee.toString(), changedMeanwhile },
      source,
      mappings,
      comparison,
    });
    const stopped = (problem: string, remedy: string) => ({
      ...passed(),
      problem: { problem, remedy },
    });
    const { snapshot: whole } = translate(pair, source);
    const wanted = atRest ? whole : withoutLast(pair, whole, await stateOf(account, pair));
    let report: RestoreReport;
    try {
      report = await restore(account, pair.from, wanted, pair.to, show);
    } catch (error) {
      if (!(error instanceof AleoError) || sent === 0) throw error;
      return stopped(error.message, error.remedy);
    }
    sent += report.sent;
    fee += BigInt(report.fee);
    if (report.problem !== undefined) return stopped(report.problem, report.remedy ?? "");
    const { compared = 0, differences = [] } = report;
    comparison = { compared, differences, wrongTotals: [] };
    show(`${pair.from}: looking for what has changed meanwhile`);
    const now = await readSource(node, pair, source);
    const changes = diffSnapshots(source, now).length;
    source = now;
    changedMeanwhile += changes;
    if (changes === 0 && atRest) return passed();
    atRest = changes === 0 || pair.last.length === 0;
    if (passes === mostPasses) {
      return stopped(
        `${pair.from} was carried over ${passes} times, and changed each time meanwhile.`,
        `Run again when it is called less. Until then keep ${pair.to} paused.`,
      );
    }
    const wantedNow = stateIn(translate(pair, source).snapshot);
    const conflict = pair.conflicts?.(wantedNow, await stateOf(account, pair))[0];
    if (conflict !== undefined) return stopped(`${conflict.what}.`, conflict.remedy);
  }
}

async function stateOf({ node }: Account, { to }: MigrationPair) {
  return stateIn((await takeSnapshot(node, to, { source: "auto" })).snapshot);
}

async function verification(
  { node }: Account,
  pair: MigrationPair,
  { source, mappings }: Passed,
): Promise<Comparison> {
  const { snapshot: now } = await takeSnapshot(node, pair.to, { source: "auto" });
  const { snapshot: wanted } = translate(pair, source);
  const carried = (snapshot: Snapshot) => ({
    mappings: snapshot.mappings.filter(({ name }) => mappings.includes(name)),
  });
  return {
    compared: entryCount(carried(wanted)),
    differences: diffSnapshots(carried(wanted), carried(now)).filter(isReal),
    wrongTotals: wrongTotals(pair.totals, stateIn(now)),
  };
}

export function codeOf({ problem, comparison }: MigrationReport): ExitCode {
  if (problem !== undefined) return exitCode.partlyDone;
  const wrong = (comparison?.differences.length ?? 0) + (comparison?.wrongTotals.length ?? 0);
  return wrong === 0 ? exitCode.ok : exitCode.verificationFailed;
}

const shownDifferences = 10;

export function migrationText(report: MigrationReport): string {
  const { plan, height, sent, fee, passes, changedSince: since, problem, remedy } = report;
  const { from, to } = plan;
  const did = `${plural(sent, "transaction")} accepted, ${formatCredits(BigInt(fee))} of fees, ${plural(passes, "pass", "passes")}`;
  const changes = [
    ...(since === null
      ? []
      : [
          `    ${plural(since.entries, "entry", "entries")} of ${from} had changed since height ${since.height}, where the last run stood`,
        ]),
    ...(report.changedMeanwhile === 0
      ? []
      : [
          `    ${plural(report.changedMeanwhile, "entry", "entries")} changed while this run was at work`,
        ]),
  ];
  if (problem !== undefined) {
    return [`✖ ${to}: ${did}: ${problem}`, ...changes, `    What to do: ${remedy ?? ""}`].join(
      "\n",
    );
  }
  return [
    `${codeOf(report) === exitCode.ok ? "✔" : "✖"} ${to} holds the state of ${from} at height ${height}: ${did}`,
    ...Object.entries(plan.mappings).map(([name, counts]) => mappingText(name, counts)),
    ...(plan.skipped === 0
      ? []
      : [`    ${plural(plan.skipped, "entry", "entries")} left out by the rules`]),
    ...changes,
    ...comparisonText(report),
    ...warnings(plan),
  ].join("\n");
}

function mappingText(name: string, { entries, missing }: MappingPlan): string {
  const there = entries - missing;
  return `    ${name}: ${missing} carried over${there === 0 ? "" : `, ${there} there already`}`;
}

function comparisonText({ plan, verified, comparison }: MigrationReport): string[] {
  if (comparison === undefined) return [];
  const { compared, differences, wrongTotals: totals } = comparison;
  if (differences.length + totals.length === 0) {
    return [
      `    ${plural(compared, "entry", "entries")} of ${plural(Object.keys(plan.mappings).length, "mapping")} compared, all the same${verified ? ", and the totals add up" : ""}`,
    ];
  }
  return [
    ...differences
      .slice(0, shownDifferences)
      .map(({ kind, mapping, key }) => `    ${kind} ${mapping}[${key}]`),
    ...totals.map((what) => `    ${what}`),
    `    What to do: find out who writes to ${plan.to}, then run again.`,
  ];
}
