import { networkFees, type NetworkFees } from "../../aleo/fees/network-fees.ts";
import { formatCredits } from "../../aleo/network.ts";
import type { NodeClient } from "../../aleo/node/client.ts";
import { programChecksum } from "../../aleo/program/checksum.ts";
import { parseProgram } from "../../aleo/program/parse.ts";
import { componentsOf } from "../../aleo/program/program.ts";
import { canBeUpgraded } from "../../aleo/program/upgrade.ts";
import { pricingBuilder } from "../../aleo/transaction/builders.ts";
import { deployedImports } from "../../aleo/transaction/imports.ts";
import type { Environment, Settings } from "../../settings.ts";
import { table } from "../text.ts";
import { missing } from "./program.ts";
import { transactionSource } from "./transaction-source.ts";
import { median, nameOfCall, type SeenTransaction, transactionsOf } from "./transactions.ts";

/** What the transactions of a program cost; amounts are decimal strings of microcredits. */
interface ProgramFees {
  readonly program: string;
  readonly edition: number;
  /** What it would cost to deploy this text again, which is what an upgrade of its size costs. */
  readonly deployment: string;
  readonly canBeUpgraded: boolean;
  readonly functions: readonly FunctionFee[];
}

interface FunctionFee {
  readonly function: string;
  /** Calls within the time that was looked at. */
  readonly calls: number;
  /** What the SDK expects a call with a proof to cost; null where calls tell. */
  readonly estimate: string | null;
  /** Median of what was paid; null without a call. */
  readonly usual: string | null;
  readonly least: string | null;
  readonly most: string | null;
  readonly newest: string | null;
}

export interface Fees {
  readonly network: string;
  /** Added to each transaction of this project. */
  readonly priorityFee: string;
  /** The most that `priorityFee` may be. */
  readonly defaultFee: string;
  /** The most that one transaction may cost. */
  readonly maxFee: string;
  readonly origin: string;
  readonly gap: string | null;
  readonly programs: readonly ProgramFees[];
}

const lookBackMs = 7 * 86_400_000;

/**
 * What deployments and calls of these programs cost now. A call's fee depends on its size and its
 * finalize code, which are the same from call to call: what was paid lately is what it costs. Where
 * nobody has called it lately the SDK estimates it.
 * @throws ProgramMissingError for a program that is not on this network
 */
export async function fees(
  settings: Pick<Settings, "network" | "programs" | "priorityFee" | "defaultFee" | "maxFee">,
  node: NodeClient,
  environment: Environment,
  programs: readonly string[],
  show: (text: string) => void = () => undefined,
): Promise<Fees> {
  const now = Date.now();
  const prices = { ...networkFees(node, environment, pricingBuilder(node)), show };
  const source = await transactionSource(node, environment, programs, now - lookBackMs);
  try {
    const found: ProgramFees[] = [];
    for (const program of programs) {
      const span = { from: now - lookBackMs, to: now };
      const seen = transactionsOf(source.store.database, program, span);
      found.push(await feesOf(settings, node, prices, program, seen));
    }
    return {
      network: settings.network,
      priorityFee: settings.priorityFee.toString(),
      defaultFee: settings.defaultFee.toString(),
      maxFee: settings.maxFee.toString(),
      origin: source.origin,
      gap: source.gap ?? null,
      programs: found,
    };
  } finally {
    source.close();
  }
}

interface Prices extends NetworkFees {
  readonly show: (text: string) => void;
}

async function feesOf(
  settings: Pick<Settings, "network" | "programs">,
  node: NodeClient,
  prices: Prices,
  program: string,
  seen: readonly SeenTransaction[],
): Promise<ProgramFees> {
  const deployed = await node.program(program);
  if (deployed === undefined) throw await missing(settings, node, program);
  const { source, edition } = deployed;
  const parsed = parseProgram(source);
  const checksum = programChecksum(parsed);
  const imports = await deployedImports(node, parsed);
  const functions: FunctionFee[] = [];
  for (const functionName of componentsOf(parsed, "function").keys()) {
    const calls = seen.filter((one) => one.kind === "execute" && nameOfCall(one) === functionName);
    if (calls.length === 0) prices.show(`pricing ${program}/${functionName}`);
    const request = { programId: program, source, edition, imports, functionName };
    const estimate =
      calls.length === 0 ? (await prices.calls.estimate(checksum, request)).toString() : null;
    functions.push({ ...functionFee(functionName, calls), estimate });
  }
  prices.show(`pricing the deployment of ${program}`);
  const deployment = await prices.deployments.estimate(checksum, {
    ...{ programId: program, source, edition: 0, priorityFee: 0n, imports },
  });
  return {
    ...{ program, edition, deployment: deployment.toString() },
    canBeUpgraded: canBeUpgraded(parsed),
    functions,
  };
}

function functionFee(
  name: string,
  calls: readonly SeenTransaction[],
): Omit<FunctionFee, "estimate"> {
  const paid = calls.map(({ fee }) => fee);
  const shown = (fee: number | undefined) => (fee === undefined ? null : String(fee));
  return {
    function: name,
    calls: calls.length,
    usual: paid.length === 0 ? null : shown(median(paid)),
    least: paid.length === 0 ? null : shown(Math.min(...paid)),
    most: paid.length === 0 ? null : shown(Math.max(...paid)),
    newest: shown(paid.at(-1)),
  };
}

export function feesText(found: Fees): string {
  const { network, origin, gap, programs } = found;
  const priority = BigInt(found.priorityFee);
  const ceiling = BigInt(found.defaultFee);
  return [
    ...programs.flatMap((one) => [programTable(one), ""]),
    ...(programs.some(({ functions }) => functions.some(({ estimate }) => estimate !== null))
      ? ["About: as the SDK estimates a call with a proof; a devnode takes it without, for less."]
      : []),
    `Calls: from ${origin}${gap === null ? "" : `; ${gap}`}.`,
    priority === 0n
      ? `This project adds no priority fee on ${network}; ALEO_DEFAULT_FEE lets priorityFee add up to ${formatCredits(ceiling)} to each of these.`
      : `This project adds a priority fee of ${formatCredits(priority)} to each of these; ALEO_DEFAULT_FEE lets it be up to ${formatCredits(ceiling)}.`,
    `No transaction of this project may cost more than ${formatCredits(BigInt(found.maxFee))} (maxFee).`,
  ].join("\n");
}

function programTable({
  program,
  edition,
  deployment,
  canBeUpgraded,
  functions,
}: ProgramFees): string {
  const price = formatCredits(BigInt(deployment));
  const amount = (text: string | null) => (text === null ? "–" : formatCredits(BigInt(text)));
  const rows = functions.map((one) => [
    one.function,
    one.estimate === null ? amount(one.usual) : `about ${amount(one.estimate)}`,
    one.least === one.most ? "" : `${amount(one.least)} to ${amount(one.most)}`,
    one.calls === 0 ? "no call lately" : String(one.calls),
  ]);
  return [
    `${program}, edition ${edition}`,
    `  to deploy it anew: ${price}${canBeUpgraded ? "; an upgrade of this size costs the same again" : "; it can't be upgraded"}`,
    table(["  Function", "A call costs", "Paid", "Calls"], rows.map(indented)),
  ].join("\n");
}

function indented([first = "", ...rest]: readonly string[]): string[] {
  return [`  ${first}`, ...rest];
}
