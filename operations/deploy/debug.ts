import { readFileSync } from "node:fs";
import { AleoError } from "../../aleo/errors.ts";
import { networkFees } from "../../aleo/fees/network-fees.ts";
import { formatCredits, microcreditsPerCredit } from "../../aleo/network.ts";
import type { DeployedProgram, NodeClient } from "../../aleo/node/client.ts";
import { programChecksum } from "../../aleo/program/checksum.ts";
import { limitViolations } from "../../aleo/program/limits.ts";
import { parseProgram } from "../../aleo/program/parse.ts";
import type { Program } from "../../aleo/program/program.ts";
import { upgradeRight } from "../../aleo/program/upgrade-right.ts";
import { upgradeViolations } from "../../aleo/program/upgrade.ts";
import { pricingBuilder } from "../../aleo/transaction/builders.ts";
import { importsOf } from "../../aleo/transaction/imports.ts";
import { Journal } from "../../aleo/transaction/journal.ts";
import { lookUp } from "../../aleo/transaction/outcome.ts";
import type { Environment, Settings } from "../../settings.ts";
import { bad, type Check, good, notice } from "../checks.ts";

export interface DebugOptions {
  /** What the project declares, by id; for the imports. */
  readonly sourceOf: (id: string) => string | undefined;
  /** Address of the account that is to pay; undefined where no key is given. */
  readonly account: string | undefined;
  /** Why there is no account. */
  readonly accountProblem: string | undefined;
  /** Lines that say that source, compiled program and lock do not belong together. */
  readonly staleness: readonly string[];
  readonly environment: Environment;
  readonly journalDirectory: string;
}

/**
 * Looks for the reason why a deployment fails or would fail, in the order in which it would: the
 * text, the name, the rules of an upgrade, the imports, the fee, the account. Sends nothing.
 */
export async function debugDeployment(
  settings: Settings,
  node: NodeClient,
  source: string,
  options: DebugOptions,
): Promise<Check[]> {
  const checks: Check[] = [compilationCheck(options.staleness)];
  let program: Program;
  try {
    program = parseProgram(source);
    checks.push(good("text", `${program.id} parses`));
  } catch (error) {
    if (!(error instanceof AleoError)) throw error;
    return [...checks, bad("text", error.message, error.remedy)];
  }
  checks.push(...limitChecks(program));
  const deployed = await node.program(program.id);
  checks.push(...(await nameChecks(node, program, deployed, options.account)));
  checks.push(...(await importChecks(node, program, options)));
  checks.push(await pendingCheck(settings, node, program, options.journalDirectory));
  const isThere =
    deployed !== undefined &&
    programChecksum(parseProgram(deployed.source)) === programChecksum(program);
  if (!isThere)
    checks.push(...(await priceChecks(settings, node, program, source, deployed, options)));
  return checks;
}

function compilationCheck(staleness: readonly string[]): Check {
  return staleness.length === 0
    ? good("compilation", "source, compiled program and lock belong together")
    : bad("compilation", staleness.join("; "), "Run `make contracts`, and look at what changed.");
}

function limitChecks(program: Program): Check[] {
  const violations = limitViolations(program);
  if (violations.length === 0)
    return [good("limits", "size, names, calls and constructor are allowed")];
  return violations.map(({ line, reason, rule }) =>
    bad("limits", `line ${line}: ${reason} [${rule}]`, "Correct this line."),
  );
}

async function nameChecks(
  node: NodeClient,
  program: Program,
  deployed: DeployedProgram | undefined,
  account: string | undefined,
): Promise<Check[]> {
  if (deployed === undefined) return [good("name", `${program.id} is free`)];
  const current = parseProgram(deployed.source);
  const { edition, owner = "an unknown account" } = deployed;
  if (programChecksum(current) === programChecksum(program)) {
    return [
      good("name", `the same program is there as edition ${edition}: nothing is left to deploy`),
    ];
  }
  const taken = notice("name", `edition ${edition} of ${owner} is there: this would be an upgrade`);
  const violations = upgradeViolations(current, program).map(({ line, reason, rule }) =>
    bad(
      "upgrade",
      `line ${line}: ${reason} [${rule}]`,
      "Undo this change, or deploy under a new name and migrate to it.",
    ),
  );
  return [taken, ...violations, ...(await rightChecks(node, current, account))];
}

async function rightChecks(
  node: NodeClient,
  current: Program,
  account: string | undefined,
): Promise<Check[]> {
  const right = upgradeRight(current);
  if (right === undefined) return [];
  const allowed =
    right.kind === "address"
      ? right.address
      : await node.mappingValue(current.id, right.mapping, right.key);
  if (allowed === undefined || account === undefined || allowed === account) {
    return [good("right", `${allowed ?? "anybody"} may upgrade it`)];
  }
  return [
    bad(
      "right",
      `only ${allowed} may upgrade it, and the private key is that of ${account}`,
      "Use the key of that account: the chain would keep the fee.",
    ),
  ];
}

async function importChecks(
  node: NodeClient,
  { imports }: Program,
  { sourceOf }: DebugOptions,
): Promise<Check[]> {
  if (imports.length === 0) return [good("imports", "none")];
  return Promise.all(
    imports.map(async ({ id, line }) => {
      if (id === "credits.aleo" || (await node.programEdition(id)) !== undefined) {
        return good("imports", `${id} is on chain`);
      }
      if (sourceOf(id) !== undefined)
        return notice("imports", `${id} is declared, and deployed before`);
      return bad(
        "imports",
        `${id} (line ${line}) is neither on chain nor declared`,
        "Correct the name, or deploy it first.",
      );
    }),
  );
}

/** What an earlier run sent may be what is in the way. */
async function pendingCheck(
  { network }: Settings,
  node: NodeClient,
  { id }: Program,
  directory: string,
): Promise<Check> {
  const sent = await new Journal(directory, network).read(id);
  if (sent === undefined)
    return good("under way", "no transaction for it is noted on this machine");
  const { status } = await lookUp(node, sent.id);
  if (status === "unseen") {
    return notice(
      "under way",
      `${sent.id} (${sent.purpose}) was sent and is in no block: the next \`up\` goes on with it`,
    );
  }
  return notice("under way", `${sent.id} was ${status}: the next \`up\` takes note of it`);
}

async function priceChecks(
  settings: Settings,
  node: NodeClient,
  program: Program,
  source: string,
  deployed: DeployedProgram | undefined,
  options: DebugOptions,
): Promise<Check[]> {
  const edition = deployed === undefined ? 0 : deployed.edition + 1;
  let fee: bigint;
  try {
    fee = (await priceOf(node, program, source, edition, options)) + settings.priorityFee;
  } catch (error) {
    if (!(error instanceof AleoError)) throw error;
    return [bad("fee", error.message, error.remedy)];
  }
  const shown = formatCredits(fee);
  const feeCheck =
    fee <= settings.maxFee
      ? good("fee", `${shown}, below the limit of ${formatCredits(settings.maxFee)}`)
      : bad(
          "fee",
          `${shown}, over the limit of ${formatCredits(settings.maxFee)} that aleo-ops:maxFee sets`,
          feeRemedy(program, fee),
        );
  return [feeCheck, await balanceCheck(node, fee, options)];
}

/** A name of fewer than 10 characters costs ten times more for each. */
function feeRemedy({ id }: Program, fee: bigint): string {
  const missing = Math.max(0, 10 - (id.length - ".aleo".length));
  const forName = 10n ** BigInt(missing) * microcreditsPerCredit;
  return forName * 2n > fee
    ? `Choose a name of at least 10 characters: this one alone costs ${formatCredits(forName)}.`
    : `Make the program smaller, or raise aleo-ops:maxFee to ${fee.toString()} knowingly.`;
}

async function priceOf(
  node: NodeClient,
  program: Program,
  source: string,
  edition: number,
  { environment, sourceOf }: DebugOptions,
): Promise<bigint> {
  const imports = await importsOf(program, async (id) => {
    const found = await node.program(id);
    const declared = sourceOf(id);
    return found ?? (declared === undefined ? undefined : { source: declared, edition: 0 });
  });
  const { deployments } = networkFees(node, environment, pricingBuilder(node));
  return deployments.estimate(programChecksum(program), {
    ...{ programId: program.id, source, edition, imports, priorityFee: 0n },
  });
}

async function balanceCheck(
  node: NodeClient,
  fee: bigint,
  { account, accountProblem }: DebugOptions,
): Promise<Check> {
  if (account === undefined) {
    return bad(
      "balance",
      accountProblem ?? "there is no private key to pay with",
      "Set ALEO_PRIVATE_KEY, or the stack's secret privateKey, which only `up` reads.",
    );
  }
  const held = await node.balance(account);
  return held >= fee
    ? good("balance", `${account} holds ${formatCredits(held)}`)
    : bad(
        "balance",
        `${account} holds ${formatCredits(held)}: ${formatCredits(fee - held)} are missing`,
        node.network === "mainnet"
          ? "Transfer credits to it."
          : "Transfer credits to it, or take some from https://faucet.aleo.org.",
      );
}

/** A compiled program in a file. */
export function sourceIn(path: string): string {
  return readFileSync(path, "utf8");
}
