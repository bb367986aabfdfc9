import { formatCredits } from "../../aleo/network.ts";
import type { NodeClient } from "../../aleo/node/client.ts";
import { nodeLibrary } from "../../aleo/replay/library.ts";
import type { Environment, Settings } from "../../settings.ts";
import { formatMoment, plural } from "../text.ts";
import { explainAll, type ExplainedRejection, stoppedText } from "./rejections.ts";
import { transactionSource } from "./transaction-source.ts";
import { nameOfCall, type SeenTransaction, transactionsOf } from "./transactions.ts";

/** Rejected transactions of one function that stopped at one statement. */
interface Failure {
  readonly program: string;
  readonly function: string;
  readonly count: number;
  /** Fees that were spent for nothing, in microcredits as a decimal string. */
  readonly feesLost: string;
  /** The accounts that sent them, the one with most first. */
  readonly callers: readonly { readonly address: string; readonly count: number }[];
  /** The latest of them, as it stands in its block. */
  readonly newest: string;
  /** ISO 8601. */
  readonly lastAt: string;
  readonly stoppedAt: ExplainedRejection["stoppedAt"];
  readonly cause: string | null;
  readonly remedy: string;
}

export interface Failures {
  readonly network: string;
  readonly from: string;
  readonly to: string;
  readonly origin: string;
  /** What could not be looked at, and why. */
  readonly gaps: readonly string[];
  /** All transactions of these programs within the time. */
  readonly transactions: number;
  readonly rejected: number;
  readonly feesLost: string;
  /** The most frequent first. */
  readonly failures: readonly Failure[];
}

/**
 * What was rejected lately, by function and by the statement that stopped it, which a replay of each
 * program's history finds.
 * @param lastMs how far back, in ms
 */
export async function failures(
  settings: Pick<Settings, "network" | "backups">,
  node: NodeClient,
  environment: Environment,
  programs: readonly string[],
  lastMs: number,
): Promise<Failures> {
  const now = Date.now();
  const span = { from: now - lastMs, to: now };
  const source = await transactionSource(node, environment, programs, span.from);
  try {
    const { database } = source.store;
    const sources = { settings, environment, node, library: nodeLibrary(node) };
    const gaps = source.gap === undefined ? [] : [`what was before, as ${source.gap}`];
    const found: Failure[] = [];
    let transactions = 0;
    let lost = 0;
    for (const program of programs) {
      transactions += transactionsOf(database, program, span).length;
      const rejected = transactionsOf(database, program, span, "rejected");
      const [first, last] = [rejected[0], rejected.at(-1)];
      if (first === undefined || last === undefined) continue;
      lost += rejected.reduce((sum, { fee }) => sum + fee, 0);
      const { byId, gap } = await explainAll(sources, program, {
        first: first.height,
        last: last.height,
      });
      if (gap !== undefined) gaps.push(`why calls of ${program} were rejected: ${gap}`);
      found.push(...grouped(rejected, byId));
    }
    return {
      network: node.network,
      from: new Date(span.from).toISOString(),
      to: new Date(span.to).toISOString(),
      ...{ origin: source.origin, gaps, transactions },
      rejected: found.reduce((sum, { count }) => sum + count, 0),
      feesLost: String(lost),
      failures: found.sort((a, b) => b.count - a.count),
    };
  } finally {
    source.close();
  }
}

function grouped(
  rejected: readonly SeenTransaction[],
  byId: ReadonlyMap<string, ExplainedRejection>,
): Failure[] {
  const groups = Map.groupBy(rejected, (one) => {
    const stopped = byId.get(one.id)?.stoppedAt;
    return `${nameOfCall(one)} ${stopped?.program ?? ""} ${stopped?.function ?? ""} ${String(stopped?.line ?? "")}`;
  });
  return [...groups.values()].flatMap((group) => {
    const newest = group.at(-1);
    if (newest === undefined) return [];
    const explanation = byId.get(newest.id);
    return [
      {
        program: newest.program,
        function: nameOfCall(newest),
        count: group.length,
        feesLost: String(group.reduce((sum, { fee }) => sum + fee, 0)),
        callers: callersOf(group),
        newest: newest.id,
        lastAt: new Date(newest.time).toISOString(),
        stoppedAt: explanation?.stoppedAt ?? null,
        cause: explanation?.cause ?? null,
        remedy: explanation?.remedy ?? `Look at one: \`aleo-ops transaction ${newest.id}\`.`,
      },
    ];
  });
}

function callersOf(group: readonly SeenTransaction[]): { address: string; count: number }[] {
  const byPayer = Map.groupBy(group, ({ payer }) => payer ?? "a private fee");
  return [...byPayer]
    .map(([address, calls]) => ({ address, count: calls.length }))
    .sort((a, b) => b.count - a.count || (a.address < b.address ? -1 : 1));
}

const shownCallers = 3;

export function failuresText(found: Failures): string {
  const { network, from, to, origin, gaps, transactions, rejected, failures: groups } = found;
  return [
    `${network} from ${formatMoment(from)} to ${formatMoment(to)}`,
    `From ${origin}.`,
    ...gaps.map((gap) => `! Not looked at: ${gap}.`),
    rejected === 0
      ? `✔ None of ${plural(transactions, "transaction")} was rejected.`
      : `✖ ${rejected} of ${plural(transactions, "transaction")} ${rejected === 1 ? "was" : "were"} rejected; ${formatCredits(BigInt(found.feesLost))} of fees spent for nothing.`,
    ...groups.map((group) => `\n${groupText(group)}`),
  ].join("\n");
}

function groupText(group: Failure): string {
  const { program, function: name, count, feesLost, callers, stoppedAt, cause, remedy } = group;
  const shown = callers.slice(0, shownCallers);
  const others = callers.length - shown.length;
  return [
    `${count} × ${program}/${name}, ${formatCredits(BigInt(feesLost))} lost, last at ${formatMoment(group.lastAt)}`,
    ...(stoppedAt === null ? [] : [`  stopped at   ${stoppedText(stoppedAt)}`]),
    `  likely cause ${cause ?? "not known"}`,
    `  callers      ${shown.map(({ address, count: calls }) => `${address} (${calls})`).join(", ")}${others > 0 ? ` and ${others} more` : ""}`,
    `  newest       ${group.newest}`,
    `  What to do: ${remedy}`,
  ].join("\n");
}
