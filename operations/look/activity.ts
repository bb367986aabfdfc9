import { setTimeout as sleep } from "node:timers/promises";
import { formatCredits, type Network } from "../../aleo/network.ts";
import type { NodeClient } from "../../aleo/node/client.ts";
import { observe } from "../../monitor/chain/observe.ts";
import type { Finding } from "../../monitor/rule/kind.ts";
import { readRules } from "../../monitor/rule/rule-file.ts";
import { type Environment, monitorSettings } from "../../monitor/settings.ts";
import { formatMoment, plural, table } from "../text.ts";
import { shortened, timeText } from "./short.ts";
import { blockSource, monitorSource, type TransactionSource } from "./transaction-source.ts";
import { nameOfCall, type SeenTransaction, transactionsOf } from "./transactions.ts";
import { amountOf, type Mark, marksOf, usualBurst } from "./unusual.ts";

export interface ActiveTransaction extends SeenTransaction {
  /** What is unusual about it. */
  readonly marks: readonly Mark[];
}

/** What happened to a program within a time. */
export interface Activity {
  readonly program: string;
  readonly network: string;
  /** ISO 8601. */
  readonly from: string;
  readonly to: string;
  readonly origin: string;
  readonly gap: string | null;
  readonly functions: readonly FunctionActivity[];
  /** What the network's rules find wrong with these transactions. */
  readonly findings: readonly { readonly rule: string; readonly summary: string }[];
  /** The oldest first. */
  readonly transactions: readonly ActiveTransaction[];
  /**
   * Transactions that were aborted and would have called it, as far as a node told: nothing was paid.
   * Only a monitor's database knows.
   */
  readonly aborted: readonly { readonly id: string; readonly function: string }[];
}

interface FunctionActivity {
  readonly function: string;
  readonly accepted: number;
  readonly rejected: number;
  readonly callers: number;
  /** Microcredits. */
  readonly fees: number;
  readonly creditsIn: number;
  readonly creditsOut: number;
}

/** A network of which a node is asked only where that is needed. */
interface Reachable {
  readonly network: Network;
  readonly connect: () => Promise<NodeClient>;
}

/** @param lastMs how far back, in ms */
export async function activity(
  { network, connect }: Reachable,
  environment: Environment,
  program: string,
  lastMs: number,
): Promise<Activity> {
  const now = Date.now();
  const from = now - lastMs;
  const source =
    monitorSource(network, environment, [program], from) ??
    (await blockSource(await connect(), [program], from));
  try {
    const seen = transactionsOf(source.store.database, program, { from, to: now });
    return {
      ...{ program, network, origin: source.origin, gap: source.gap ?? null },
      from: new Date(from).toISOString(),
      to: new Date(now).toISOString(),
      functions: functionsOf(seen),
      findings: findingsOf(network, environment, source, now),
      transactions: marked(seen, source),
      aborted: source.store.chain.details
        .aborted({ from, to: now })
        .flatMap(({ id, parts }) =>
          parts.flatMap((part) =>
            part.program === program ? [{ id, function: part.function }] : [],
          ),
        ),
    };
  } finally {
    source.close();
  }
}

function marked(seen: readonly SeenTransaction[], source: TransactionSource): ActiveTransaction[] {
  const marks = marksOf(seen, { knowsPayers: source.isMonitor, burst: usualBurst });
  return seen.map((one, place) => ({ ...one, marks: marks[place] ?? [] }));
}

function functionsOf(seen: readonly SeenTransaction[]): FunctionActivity[] {
  const byName = Map.groupBy(seen, nameOfCall);
  const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);
  return [...byName]
    .map(([name, calls]) => ({
      function: name,
      accepted: calls.filter(({ status }) => status === "accepted").length,
      rejected: calls.filter(({ status }) => status === "rejected").length,
      callers: new Set(calls.map(({ payer }) => payer)).size,
      fees: sum(calls.map(({ fee }) => fee)),
      creditsIn: sum(calls.map(({ creditsIn }) => creditsIn)),
      creditsOut: sum(calls.map(({ creditsOut }) => creditsOut)),
    }))
    .sort((a, b) => b.accepted + b.rejected - a.accepted - a.rejected);
}

/** The network's rules over blocks, judged now as the monitor does; they need its history. */
function findingsOf(
  network: Network,
  environment: Environment,
  { store, programs, isMonitor }: TransactionSource,
  now: number,
): { rule: string; summary: string }[] {
  if (!isMonitor) return [];
  const rules = readRules(monitorSettings(network, environment).rulesFile);
  const facts = {
    ...{ network, now, programs, head: undefined, looks: [], strangers: [], chain: store.chain },
    cursor: store.chain.cursor(),
    answerTimes: () => [],
    reading: (name: string) => store.probes.get(name),
    accepted: () => undefined,
  };
  return rules
    .filter(({ cause }) => cause === "blocks")
    .flatMap((rule) =>
      rule
        .evaluate(facts)
        .flatMap(({ verdict, summary }: Finding) =>
          verdict === "bad" ? [{ rule: rule.id, summary }] : [],
        ),
    );
}

const shownAtMost = 40;

export function activityText(found: Activity): string {
  const { program, network, functions, transactions, findings, gap } = found;
  const unusual = transactions.filter(({ marks }) => marks.length > 0);
  const rest = new Set([...transactions.slice(-shownAtMost), ...unusual.slice(-shownAtMost)]);
  const shown = transactions.filter((one) => rest.has(one));
  const hidden = transactions.length - shown.length;
  return [
    `${program} on ${network} from ${formatMoment(found.from)} to ${formatMoment(found.to)}`,
    `From ${found.origin}.`,
    ...(gap === null ? [] : [`! Not looked at: what was before, as ${gap}.`]),
    "",
    ...(transactions.length === 0
      ? ["No transaction."]
      : [
          functionTable(functions),
          "",
          ...(hidden > 0
            ? [`${plural(hidden, "older transaction")} not shown: --json has all of them.`]
            : []),
          table(header, shown.map(rowOf)),
        ]),
    ...findings.map(({ rule, summary }) => `✖ rule ${rule}: ${summary}`),
    ...found.aborted.map(
      ({ id, function: name }) => `! ${name} was aborted, and nothing was paid: ${id}`,
    ),
    ...(unusual.length === 0
      ? []
      : [`! ${plural(unusual.length, "transaction")} marked as unusual.`]),
  ].join("\n");
}

function functionTable(functions: readonly FunctionActivity[]): string {
  return table(
    ["Function", "Accepted", "Rejected", "Callers", "Fees", "In", "Out"],
    functions.map((one) => [
      one.function,
      String(one.accepted),
      String(one.rejected),
      String(one.callers),
      formatCredits(BigInt(one.fees)),
      formatCredits(BigInt(one.creditsIn)),
      formatCredits(BigInt(one.creditsOut)),
    ]),
  );
}

const header = [
  "Time (UTC)",
  "Block",
  "Function",
  "Status",
  "Caller",
  "Amount",
  "Fee",
  "Unusual",
  "Id",
];

function rowOf(one: ActiveTransaction): string[] {
  const amount = amountOf(one);
  const sign = one.creditsOut > one.creditsIn ? "-" : "+";
  return [
    timeText(one.time),
    String(one.height),
    nameOfCall(one),
    one.status === "rejected" ? "✖ rejected" : one.status,
    one.payer === null ? "private" : shortened(one.payer),
    amount === 0 ? "" : `${sign}${formatCredits(BigInt(amount))}`,
    formatCredits(BigInt(one.fee)),
    one.marks.join(", "),
    one.id,
  ];
}

/** What a watch compares a new transaction with. */
const keptForComparison = 2_000;

/** How often a watch looks for what is new. */
const pollMs = { local: 1_000, testnet: 3_000, mainnet: 3_000 } as const;

interface Watcher {
  /** Takes the transactions of one block, the oldest first. */
  readonly tell: (transactions: readonly ActiveTransaction[]) => void;
  /** Is told what the node did not answer. */
  readonly failed: (error: unknown) => void;
}

/**
 * Tells of each transaction of a program from now on, until it is ended. A node that does not
 * answer is asked again.
 */
export async function watchActivity(
  node: NodeClient,
  address: string,
  program: string,
  ended: AbortSignal,
  { tell, failed }: Watcher,
): Promise<void> {
  let height = await node.latestHeight();
  const watched = [{ id: program, address }];
  const before: SeenTransaction[] = [];
  const isEnded = () => ended.aborted;
  while (!isEnded()) {
    await sleep(pollMs[node.network], undefined, { signal: ended }).catch(() => undefined);
    try {
      const head = await node.latestHeight();
      for (const block of await node.blocks(height + 1, head + 1, head)) {
        const { watched: seen, time, height: at } = observe(block, watched);
        const found = seen.map((one) => ({
          ...{ id: one.id, height: at, time, program, kind: one.kind, function: one.function },
          ...{ status: one.status, payer: one.payer ?? null, isFirstOfPayer: false },
          fee: Number(one.fee),
          creditsIn: Number(one.creditsIn),
          creditsOut: Number(one.creditsOut),
        }));
        before.push(...found);
        before.splice(0, before.length - keptForComparison);
        const marks = marksOf(before, { knowsPayers: false, burst: usualBurst });
        const first = before.length - found.length;
        if (found.length > 0) {
          tell(found.map((one, place) => ({ ...one, marks: marks[first + place] ?? [] })));
        }
        height = at;
      }
    } catch (error) {
      if (!isEnded()) failed(error);
    }
  }
}

/** One line for a transaction that was just seen. */
export function liveLine(one: ActiveTransaction): string {
  return rowOf(one)
    .filter((cell) => cell !== "")
    .join("  ");
}
