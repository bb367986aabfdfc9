import { homedir } from "node:os";
import { join } from "node:path";
import { DeploymentFees } from "../../aleo/fees/deployment-fees.ts";
import { formatCredits } from "../../aleo/network.ts";
import type { NodeClient } from "../../aleo/node/client.ts";
import { programChecksum } from "../../aleo/program/checksum.ts";
import { parseProgram } from "../../aleo/program/parse.ts";
import { componentsOf, constructorOf } from "../../aleo/program/program.ts";
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
  /** Calls within the time that was looked at; the fee is known from them only. */
  readonly calls: number;
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
 * finalize code, which are the same from call to call: what was paid lately is what it costs.
 * @throws ProgramMissingError for a program that is not on this network
 */
export async function fees(
  settings: Pick<Settings, "network" | "programs" | "priorityFee" | "defaultFee" | "maxFee">,
  node: NodeClient,
  environment: Environment,
  programs: readonly string[],
): Promise<Fees> {
  const now = Date.now();
  const prices = new DeploymentFees(
    join(environment.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "aleo-ops", "deployment-fees"),
    pricingBuilder(node),
  );
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

async function feesOf(
  settings: Pick<Settings, "network" | "programs">,
  node: NodeClient,
  prices: DeploymentFees,
  program: string,
  seen: readonly SeenTransaction[],
): Promise<ProgramFees> {
  const deployed = await node.program(program);
  if (deployed === undefined) throw await missing(settings, node, program);
  const { source, edition } = deployed;
  const parsed = parseProgram(source);
  const deployment = await prices.estimate(programChecksum(parsed), {
    ...{ programId: program, source, edition: 0, priorityFee: 0n },
    imports: await deployedImports(node, parsed),
  });
  const names = [...componentsOf(parsed, "function").keys()];
  return {
    ...{ program, edition, deployment: deployment.toString() },
    canBeUpgraded: (constructorOf(parsed)?.statements.length ?? 0) > 0 && !isNoUpgrade(source),
    functions: names.map((name) => functionFee(name, seen)),
  };
}

/** The constructor of `@noupgrade` demands edition 0. */
function isNoUpgrade(source: string): boolean {
  return /constructor:\s+assert\.eq edition 0u16;/.test(source);
}

function functionFee(name: string, seen: readonly SeenTransaction[]): FunctionFee {
  const calls = seen.filter((one) => one.kind === "execute" && nameOfCall(one) === name);
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
    `Calls: from ${origin}.${gap === null ? "" : ` ${gap}.`}`,
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
    amount(one.usual),
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
