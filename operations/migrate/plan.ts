import type { NodeClient } from "../../aleo/node/client.ts";
import { formatCredits } from "../../aleo/network.ts";
import { diffSnapshots, type EntryChange } from "../../aleo/snapshot/diff.ts";
import type { Snapshot } from "../../aleo/snapshot/snapshot.ts";
import { takeSnapshot } from "../../aleo/snapshot/take.ts";
import { programAddress } from "../../aleo/transaction/program-address.ts";
import { stateIn, valueIn } from "../restore/batch.ts";
import { planRestore, type RestorePlan, type Target, targetOf } from "../restore/plan.ts";
import { plural } from "../text.ts";
import type { Conflict, MigrationPair } from "./pair.ts";
import { wrongTotals } from "./totals.ts";
import { checkMappings, translate, type Translated } from "./translate.ts";

/** Both programs as they stand, and what the new one is to hold. */
export interface Prepared {
  readonly source: Snapshot;
  readonly translated: Translated;
  readonly target: Target;
}

/** What becomes of one mapping's entries. */
export interface MappingPlan {
  readonly entries: number;
  /** Not yet in the new program, or otherwise. */
  readonly missing: number;
}

export interface MigrationPlan {
  readonly from: string;
  readonly to: string;
  /** The old program's state is that after this block. */
  readonly height: number;
  readonly mappings: Readonly<Record<string, MappingPlan>>;
  /** Entries that the pair's rules leave out. */
  readonly skipped: number;
  /** Mappings that are not carried over, and why. */
  readonly left: Readonly<Record<string, string>>;
  readonly transactions: number;
  readonly calls: Readonly<Record<string, number>>;
  /** What each program owes then and holds now, as decimal strings of microcredits. */
  readonly funds: {
    readonly owed: string;
    readonly held: string;
    readonly heldByOld: string;
  };
  /** Whether the old program takes calls while it is migrated. */
  readonly oldRuns: boolean;
  /** Why it can't begin. */
  readonly obstacles: readonly Conflict[];
}

/**
 * Reads the old program, from `base` on where it has to be replayed, and the new one.
 * @throws NoSuchProgramError, RestoreError, MigrationError where the one can't become the other
 */
export async function prepare(
  node: NodeClient,
  pair: MigrationPair,
  base?: Snapshot,
): Promise<Prepared> {
  const source = await readSource(node, pair, base);
  const translated = translate(pair, source);
  const target = await targetOf(node, pair.to, translated.snapshot);
  const sources = { from: source.programSource, to: target.callee.source };
  checkMappings(pair, sources, target.importer.mappings);
  return { source, translated, target };
}

/** The state of the old program at the head. */
export async function readSource(
  node: NodeClient,
  { from }: MigrationPair,
  base?: Snapshot,
): Promise<Snapshot> {
  const { snapshot } = await takeSnapshot(node, from, {
    source: "auto",
    ...(base !== undefined && { base: [base] }),
  });
  return snapshot;
}

/** What a migration would do; sends nothing. */
export async function planMigration(
  node: NodeClient,
  pair: MigrationPair,
  { source, translated, target }: Prepared,
  signer: string | undefined,
): Promise<MigrationPlan> {
  const { from, to } = pair;
  const wanted = stateIn(translated.snapshot);
  const conflicts = [
    ...sourceProblems(pair, source),
    ...(pair.conflicts?.(wanted, target.state) ?? []),
  ];
  const restoring: RestorePlan | undefined =
    conflicts.length > 0
      ? undefined
      : await planRestore(node, from, translated.snapshot, target, signer);
  const changes = missingIn(target, translated.snapshot);
  return {
    from,
    to,
    height: source.height,
    mappings: Object.fromEntries(
      translated.snapshot.mappings.map(({ name, entries }) => [
        name,
        {
          entries: entries.length,
          missing: changes.filter(({ mapping }) => mapping === name).length,
        },
      ]),
    ),
    skipped: translated.skipped.length,
    left: leftOf(pair, source),
    transactions: restoring?.transactions ?? 0,
    calls: restoring?.calls ?? {},
    funds: {
      owed: target.importer.owed(wanted).toString(),
      held: restoring?.held ?? (await heldBy(node, to)),
      heldByOld: await heldBy(node, from),
    },
    oldRuns: valueIn(stateIn(source), "paused", "0u8") !== "true",
    obstacles: [
      ...conflicts,
      ...(restoring?.obstacles ?? []).map((what) => ({
        what,
        remedy: `Pause ${to} (\`aleo-ops pause ${to} --network ${node.network}\`) and migrate with the key of its admin.`,
      })),
    ],
  };
}

/** Of the mappings that the old program has. */
function leftOf({ left = {} }: MigrationPair, { mappings }: Snapshot): Record<string, string> {
  return Object.fromEntries(
    Object.entries(left).filter(([mapping]) => mappings.some(({ name }) => name === mapping)),
  );
}

/** A state that does not add up is not carried on. */
function sourceProblems({ from, totals }: MigrationPair, source: Snapshot): Conflict[] {
  return wrongTotals(totals, stateIn(source)).map((what) => ({
    what: `the state of ${from} does not add up: ${what}`,
    remedy: `Find out when that began (\`aleo-ops reconstruct --program ${from} --at BLOCK --network ${source.network}\`), and restore a state from before it instead.`,
  }));
}

/** Entries of the new program that are not as wanted; those that it has besides are not meant. */
function missingIn({ state }: Target, wanted: Snapshot): EntryChange[] {
  const now = wanted.mappings.map(({ name }) => ({
    name,
    entries: [...(state.get(name) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1)),
  }));
  return diffSnapshots({ mappings: now }, wanted).filter(({ kind }) => kind !== "removed");
}

async function heldBy(node: NodeClient, program: string): Promise<string> {
  return (await node.balance(await programAddress(node.network, program))).toString();
}

/** @param fee of all transactions, in microcredits */
export function planText(plan: MigrationPlan, fee: bigint): string {
  const { from, to, height, transactions, calls, mappings, skipped, obstacles } = plan;
  const rows = Object.entries(mappings).map(
    ([name, { entries, missing }]) =>
      `    ${name}: ${plural(entries, "entry", "entries")}, ${missing} to carry over`,
  );
  return [
    `${from} at height ${height} into ${to}: ${plural(transactions, "transaction")}, about ${formatCredits(fee)} of fees`,
    ...rows,
    ...Object.entries(plan.left).map(([name, why]) => `    ${name}: left, ${why}`),
    ...(skipped === 0 ? [] : [`    ${plural(skipped, "entry", "entries")} left out by the rules`]),
    ...Object.entries(calls).map(([name, count]) => `    ${count} × ${name}`),
    ...warnings(plan),
    ...obstacles.flatMap(({ what, remedy }) => [`✖ ${what}`, `    What to do: ${remedy}`]),
  ].join("\n");
}

/** What has to be known besides, before and after a migration. */
export function warnings({ from, to, funds, oldRuns }: MigrationPlan): string[] {
  const [owed, held] = [BigInt(funds.owed), BigInt(funds.held)];
  return [
    ...(owed > held
      ? [
          `! ${to} then owes ${formatCredits(owed)} and holds ${formatCredits(held)}: fund it with ${formatCredits(owed - held)} before it is unpaused`,
        ]
      : []),
    ...(oldRuns
      ? [
          `! ${from} goes on taking calls${owed > 0n ? `, and holds ${formatCredits(BigInt(funds.heldByOld))} that its users can take there as well` : ""}: migrate again right before ${to} is unpaused`,
        ]
      : []),
  ];
}
