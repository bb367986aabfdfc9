import {
  Backtest,
  type BacktestAlert,
  type BacktestResult,
} from "../../monitor/backtest/backtest.ts";
import { oldBlocks } from "../../monitor/backtest/blocks.ts";
import { observe } from "../../monitor/chain/observe.ts";
import { readRuleFile } from "../../monitor/rule/rule-file.ts";
import { type Environment, monitorSettings } from "../../monitor/settings.ts";
import { Store } from "../../monitor/store/store.ts";
import { withAddresses } from "../../monitor/watch/program-addresses.ts";
import type { NodeClient } from "../../aleo/node/client.ts";
import type { Settings } from "../../settings.ts";
import type { Answer } from "../command-line.ts";
import { plural, table } from "../text.ts";

/** Blocks from `from` to `to`, both included. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

type Stack = Pick<Settings, "network" | "programs">;

/** What files of rules would have told over the same blocks. */
export interface Backtested extends Range {
  /** By file, in the order in which they were given. */
  readonly results: readonly (BacktestResult & { readonly file: string })[];
}

/**
 * Judges old blocks by files of rules: each block is read once, and nobody is told.
 * @param files paths; without any, the rules in force
 * @throws RuleFileError for rules that can't be used, BacktestError for blocks that are not there
 */
export async function backtest(
  { network, programs }: Stack,
  environment: Environment,
  node: NodeClient,
  range: Range,
  files: readonly string[] = [],
): Promise<Backtested> {
  const { rulesFile, intervalMs } = monitorSettings(network, environment);
  const sets = (files.length === 0 ? [rulesFile] : files).map((file) => ({
    file,
    ...readRuleFile(file),
  }));
  const stack = programs.map(({ program }) => program);
  const watched = await addressesOf(network, [
    ...new Set([...stack, ...sets.flatMap((set) => set.programs)]),
  ]);
  const backtests = sets.map(({ rules, programs: further }) => {
    const ours = new Set([...stack, ...further]);
    return new Backtest({
      ...{ network, rules, intervalMs },
      programs: watched.filter(({ id }) => ours.has(id)),
    });
  });
  try {
    for await (const block of oldBlocks(node, range.from, range.to)) {
      const observed = observe(block, watched);
      for (const one of backtests) one.take(observed);
    }
  } catch (error) {
    for (const one of backtests) one.close();
    throw error;
  }
  const results = backtests.map((one, index) => ({
    file: sets[index]?.file ?? "",
    ...one.finish(),
  }));
  return { ...range, results };
}

/** @throws as `backtest` does */
export async function replayAnswer(
  stack: Stack,
  environment: Environment,
  node: NodeClient,
  range: Range,
): Promise<Answer> {
  const { results, ...blocks } = await backtest(stack, environment, node, range);
  const [result] = results;
  return {
    document: { ...blocks, ...result },
    text: result === undefined ? "" : replayText(range, result),
  };
}

/**
 * What the rules in force would have told; with another file, what it would have told instead.
 * @throws as `backtest` does
 */
export async function backtestAnswer(
  stack: Stack,
  environment: Environment,
  node: NodeClient,
  range: Range,
  other: string | undefined,
): Promise<Answer> {
  if (other === undefined) return replayAnswer(stack, environment, node, range);
  const { rulesFile } = monitorSettings(stack.network, environment);
  const found = await backtest(stack, environment, node, range, [rulesFile, other]);
  return { document: found, text: comparisonText(found) };
}

async function addressesOf(network: Settings["network"], programs: readonly string[]) {
  const scratch = Store.open(":memory:", network);
  try {
    return await withAddresses(programs, network, scratch.probes);
  } finally {
    scratch.close();
  }
}

function replayText(range: Range, result: BacktestResult & { file: string }): string {
  const { alerts, file } = result;
  return [
    headline(range, result),
    alerts.length === 0
      ? `By ${file} nothing would have fired.`
      : table(
          [...columns],
          alerts.map((alert) => rowOf(alert)),
        ),
    ...footnotes(result),
  ].join("\n\n");
}

function comparisonText({ results, ...range }: Backtested): string {
  const [now, other] = results;
  if (now === undefined || other === undefined) return "";
  const inBoth = (alert: BacktestAlert, others: readonly BacktestAlert[]) =>
    others.some((one) => isSameMatter(alert, one));
  const rows = [
    ...now.alerts.map((alert) => ({
      alert,
      by: inBoth(alert, other.alerts) ? "both" : "in force",
    })),
    ...other.alerts
      .filter((alert) => !inBoth(alert, now.alerts))
      .map((alert) => ({ alert, by: "other" })),
  ].toSorted((one, two) => one.alert.firedAt.localeCompare(two.alert.firedAt));
  const count = (by: string) => rows.filter((row) => row.by === by).length;
  return [
    headline(range, now),
    `In force: ${now.file}, ${plural(now.alerts.length, "alert")}. Other: ${other.file}, ${plural(other.alerts.length, "alert")}. By both ${count("both")}, only by those in force ${count("in force")}, only by the other ${count("other")}.`,
    rows.length === 0
      ? "By neither anything would have fired."
      : table(
          ["By", ...columns],
          rows.map(({ alert, by }) => [by, ...rowOf(alert)]),
        ),
    ...footnotes(other),
  ].join("\n\n");
}

const columns = ["Fired", "Resolved", "Block", "Severity", "Rule", "Subject", "What"] as const;

function rowOf(alert: BacktestAlert): string[] {
  const { firedAt, resolvedAt, height, severity, rule, subject, summary } = alert;
  return [firedAt, resolvedAt ?? "still open", String(height), severity, rule, subject, summary];
}

function headline({ from, to }: Range, { blocks, transactions }: BacktestResult): string {
  return `Blocks ${from} to ${to}: ${plural(blocks, "block")}, ${plural(transactions, "transaction")} of watched programs, as a monitor begun at block ${from} would have judged them. Nobody was told.`;
}

function footnotes({ notJudged, failures }: BacktestResult): string[] {
  return [
    ...Object.entries(failures).map(([rule, why]) => `${rule} could not be evaluated: ${why}`),
    ...(notJudged.length === 0
      ? []
      : [`Not judged, as no block tells of it: ${notJudged.join(", ")}.`]),
  ];
}

/** The same rule about the same subject, at times that overlap. */
function isSameMatter(one: BacktestAlert, other: BacktestAlert): boolean {
  const ends = ({ resolvedAt = "9999" }: BacktestAlert) => resolvedAt;
  return (
    one.rule === other.rule &&
    one.subject === other.subject &&
    one.firedAt <= ends(other) &&
    other.firedAt <= ends(one)
  );
}
