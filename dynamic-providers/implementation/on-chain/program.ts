import { AleoError } from "../../../aleo/errors.ts";
import type { ConfirmedTransaction, DeployedProgram } from "../../../aleo/node/client.ts";
import { programChecksum } from "../../../aleo/program/checksum.ts";
import { nearest } from "../../../aleo/program/id.ts";
import { interfaceOf, type ProgramInterface } from "../../../aleo/program/interface.ts";
import { limitViolations, type LimitViolation } from "../../../aleo/program/limits.ts";
import { MissingImportError } from "../../../aleo/program/order.ts";
import { parseProgram } from "../../../aleo/program/parse.ts";
import type { Program } from "../../../aleo/program/program.ts";
import { upgradeRight } from "../../../aleo/program/upgrade-right.ts";
import { upgradeViolations, type UpgradeViolation } from "../../../aleo/program/upgrade.ts";
import { otherAdmin } from "../../../aleo/transaction/admin.ts";
import type { DeploymentRequest, Imports } from "../../../aleo/transaction/builder.ts";
import { deploymentPurpose } from "../../../aleo/transaction/deployment-purpose.ts";
import { deployedImports } from "../../../aleo/transaction/imports.ts";
import { programAddress } from "../../../aleo/transaction/program-address.ts";
import { send } from "../../../aleo/transaction/send.ts";
import { checkBalance, checkFee, paying } from "./affordable.ts";
import { context, type Context } from "./context.ts";
import { shown, shownOnce } from "./failure.ts";
import { plannedImports } from "./imports.ts";
import { transacting, type Pending } from "./transacting.ts";

/** What the stack declares (`source`), and what `check` finds out about it. */
export interface ProgramInputs {
  readonly source: string;
  readonly network?: string;
  readonly program?: string;
  readonly interface?: ProgramInterface;
  /** The edition that the chain will hold. */
  readonly edition?: number;
  /** Microcredits, as a decimal string. */
  readonly estimatedFee?: string;
  /** Which edition somebody put on chain besides the stack; left out where nobody did. */
  readonly changedOnChain?: string;
}

type CheckedInputs = Required<Omit<ProgramInputs, "changedOnChain">> &
  Pick<ProgramInputs, "changedOnChain">;

export interface ProgramProperties extends CheckedInputs, Pending {
  readonly transaction: string;
  /** Microcredits, as a decimal string. */
  readonly paidFee: string;
  readonly owner: string;
  readonly address: string;
  /** How often the edition's verifying keys were amended; left out where no node tells. */
  readonly amendments?: number;
}

/** What the state holds: of a half-made program not yet all. */
export type KnownProperties = CheckedInputs & Partial<ProgramProperties>;

export class ProgramError extends AleoError {}

export interface CheckResult {
  inputs: ProgramInputs;
  failures?: { property: string; reason: string }[];
}

/**
 * Refuses what the chain would refuse, and fills in what preview shows: the interface, the edition
 * and the estimated fee.
 */
export async function check(olds: ProgramInputs, news: ProgramInputs): Promise<CheckResult> {
  try {
    return { inputs: await checked(context(), olds, news.source) };
  } catch (error) {
    return { inputs: news, failures: [{ property: "", reason: shown(error).message }] };
  }
}

async function checked(run: Context, olds: ProgramInputs, source: string): Promise<ProgramInputs> {
  const { network } = run.settings;
  if (olds.network !== undefined && olds.network !== network) {
    throw new ProgramError(
      `This stack's programs are on ${olds.network}; its configuration now says ${network}.`,
      { remedy: "A stack stays on its network: set the network back, or use another stack." },
    );
  }
  const program = parseProgram(source);
  refuseViolations(program, limitViolations(program));
  refuseDuplicate(run, program.id);
  const facts = { source, network, program: program.id, interface: interfaceOf(program) };
  const deployed = await run.node.program(program.id);
  await refuseMissingImports(run, program);
  if (deployed !== undefined && isSame(deployed, facts.interface)) {
    if (olds.interface === undefined) await refuseCopy(run, program, deployed);
    run.declared.set(program.id, source);
    return { ...facts, edition: deployed.edition, estimatedFee: "0" };
  }
  refuseForeign(run, program, deployed, olds);
  if (deployed !== undefined) {
    const current = parseProgram(deployed.source);
    refuseViolations(program, upgradeViolations(current, program));
    await refuseStranger(run, current);
  }
  run.declared.set(program.id, source);
  const edition = deployed === undefined ? 0 : deployed.edition + 1;
  const imports = await plannedImports(run, program);
  const request = deploymentRequest(run, program, source, edition, imports);
  const estimated = await run.fees.estimate(facts.interface.checksum, request);
  checkFee(run, program.id, estimated + run.settings.priorityFee);
  run.planned.set(program.id, estimated + run.settings.priorityFee);
  await checkBalance(run);
  return { ...facts, edition, estimatedFee: estimated.toString() };
}

/** Pulumi checks a resource once in a run, except one that is to be replaced. */
function refuseDuplicate({ declared }: Context, id: string): void {
  if (!declared.has(id)) return;
  throw new ProgramError(`${id} is declared twice in this stack.`, {
    remedy: "Declare each program once. (Nor can a program be replaced: leave --replace away.)",
  });
}

function refuseViolations(
  program: Program,
  violations: readonly (LimitViolation | UpgradeViolation)[],
): void {
  if (violations.length === 0) return;
  const upgrade = violations.some((violation) => "component" in violation);
  throw new ProgramError(
    [
      upgrade
        ? `The chain would refuse this upgrade of ${program.id}:`
        : `The chain would refuse ${program.id}:`,
      ...violations.map((violation) => `  ${violationText(violation)}`),
    ].join("\n"),
    {
      remedy: upgrade
        ? "Undo these changes, or deploy the program under a new name and migrate to it."
        : "Correct these lines.",
    },
  );
}

/** The account that pays must be the one that the constructor lets upgrade, where it says whom. */
async function refuseStranger(run: Context, deployed: Program): Promise<void> {
  const right = upgradeRight(deployed);
  if (right === undefined || run.builder === undefined) return;
  const allowed =
    right.kind === "address"
      ? right.address
      : await run.node.mappingValue(deployed.id, right.mapping, right.key);
  const signer = await run.builder.signer();
  if (allowed === undefined || allowed === signer) return;
  throw new ProgramError(
    `Only ${allowed} may upgrade ${deployed.id}; the private key is that of ${signer}.`,
    { remedy: "Use the private key of that account. The chain would have kept the fee." },
  );
}

function violationText(violation: LimitViolation | UpgradeViolation): string {
  const { rule, reason, line } = violation;
  const gone = "source" in violation && violation.source === "deployed";
  return `line ${line}${gone ? " of the deployed source" : ""}: ${reason} [${rule}]`;
}

async function refuseMissingImports(run: Context, program: Program): Promise<void> {
  for (const { id, line } of program.imports) {
    if (id === "credits.aleo" || run.declared.has(id)) continue;
    if ((await run.node.programEdition(id)) !== undefined) continue;
    const others = [...run.declared.keys(), "credits.aleo"].filter((name) => name !== program.id);
    const meant = nearest(id, others);
    throw new MissingImportError(program.id, id, line, meant);
  }
}

/** Whoever knows a program's text can deploy it first: then it is the same, and theirs. */
async function refuseCopy(
  { node, builder, settings }: Context,
  program: Program,
  { edition }: DeployedProgram,
): Promise<void> {
  const { id } = program;
  const known = `${id}@${edition}`;
  if (builder === undefined || settings.overwrite.includes(known)) return;
  const other = await otherAdmin(node, builder, program);
  if (other === undefined) return;
  throw new ProgramError(
    `${id} is on chain with the declared text, but its admin is ${other.admin}, and the private key is that of ${other.signer}.`,
    {
      remedy: `If that is not an account of yours, give your program another name: somebody took this one. If it is, ALEO_OVERWRITE=${known} lets one run take the program over as it is.`,
    },
  );
}

function isSame(deployed: DeployedProgram, wanted: ProgramInterface): boolean {
  return programChecksum(parseProgram(deployed.source)) === wanted.checksum;
}

/** The program on chain must be the one that the state knows, or there must be none in both. */
function refuseForeign(
  { settings }: Context,
  program: Program,
  deployed: DeployedProgram | undefined,
  olds: Pick<ProgramInputs, "interface" | "edition" | "changedOnChain">,
): void {
  if (deployed === undefined) {
    if (olds.interface === undefined || olds.edition === 0) return;
    throw new ProgramError(
      `${program.id} is at edition ${String(olds.edition)} in the state, but the node does not know it.`,
      { remedy: "Check that the endpoints serve the ledger that the program was deployed to." },
    );
  }
  const owner = deployed.owner ?? "an unknown account";
  if (olds.interface === undefined) {
    throw new ProgramError(
      `The name ${program.id} is taken: ${owner} deployed another program under it (edition ${deployed.edition}).`,
      {
        remedy:
          "Give your program another name. If the deployed one is yours, declare its deployed source first, run `up`, and then change it.",
      },
    );
  }
  const isForeign = olds.changedOnChain !== undefined || !isSame(deployed, olds.interface);
  const edition = `${program.id}@${deployed.edition}`;
  if (isForeign && !settings.overwrite.includes(edition)) {
    throw new ProgramError(
      `${program.id} was changed on chain besides this stack: ${editionText(deployed)}. It is not what the project declares, and \`up\` does not upgrade over what it does not know.`,
      {
        remedy: `Find out who did it and why. If it was wanted, declare its source (\`aleo-ops program ${program.id} --source\`) and run \`up\`: nothing is sent. If it was not, ALEO_OVERWRITE=${edition} lets one run upgrade over exactly this edition.`,
      },
    );
  }
}

function editionText({ edition, owner, transactionId }: DeployedProgram): string {
  const by = owner === undefined ? "" : ` by ${owner}`;
  const transaction = transactionId === undefined ? "" : ` in transaction ${transactionId}`;
  return `edition ${edition}${by}${transaction}`;
}

function deploymentRequest(
  { settings }: Context,
  { id }: Program,
  source: string,
  edition: number,
  imports: Imports,
): DeploymentRequest {
  return { programId: id, source, edition, imports, priorityFee: settings.priorityFee };
}

export async function create(
  inputs: ProgramInputs,
): Promise<{ id: string; outs: ProgramProperties }> {
  const wanted = inputs as CheckedInputs;
  const id = `${wanted.network}/${wanted.program}`;
  return { id, outs: await bring(id, wanted, undefined) };
}

export async function update(
  id: string,
  olds: KnownProperties,
  news: ProgramInputs,
): Promise<{ outs: ProgramProperties }> {
  return { outs: await bring(id, news as CheckedInputs, olds) };
}

/**
 * Brings the chain to the wanted edition: adopts it where it is already there, waits for it where
 * it is under way, else deploys it. Nothing is sent before the last transaction's outcome is known.
 */
function bring(
  id: string,
  wanted: CheckedInputs,
  known: KnownProperties | undefined,
): Promise<ProgramProperties> {
  const run = context();
  const subject = wanted.program;
  const purpose = deploymentPurpose(subject, wanted.edition, wanted.interface.checksum);
  const isReached = async () => {
    const deployed = await run.node.program(wanted.program);
    return deployed !== undefined && isSame(deployed, wanted.interface);
  };
  return transacting(run, { id, subject, purpose, isReached, wanted, known }, (earlier) =>
    bringAlone(run, purpose, wanted, known, earlier),
  );
}

async function bringAlone(
  run: Context,
  purpose: string,
  wanted: CheckedInputs,
  olds: KnownProperties | undefined,
  earlier: ConfirmedTransaction | undefined,
): Promise<ProgramProperties> {
  const program = parseProgram(wanted.source);
  const before =
    earlier === undefined
      ? await run.node.program(wanted.program)
      : await deployedEdition(run, wanted);
  if (before !== undefined && isSame(before, wanted.interface)) {
    run.planned.delete(wanted.program);
    return properties(run, wanted, before, olds);
  }
  refuseForeign(run, program, before, olds ?? {});
  const edition = before === undefined ? 0 : before.edition + 1;
  if (edition !== wanted.edition) {
    throw new ProgramError(
      `${wanted.program} would become edition ${edition}, but edition ${wanted.edition} was previewed.`,
      { remedy: "Somebody else changed it in between. Run `pulumi refresh`, then `up` again." },
    );
  }
  const builder = paying(run, wanted.program);
  const imports = await deployedImports(run.node, program);
  const request = deploymentRequest(run, program, wanted.source, edition, imports);
  const transaction = await builder.deployment(request);
  checkFee(run, wanted.program, transaction.fee);
  run.planned.set(wanted.program, transaction.fee);
  await checkBalance(run);
  await send(run, wanted.program, purpose, transaction);
  run.planned.delete(wanted.program);
  return properties(run, wanted, await deployedEdition(run, wanted), olds);
}

/** A node may not serve a program for seconds after the block that holds it. */
async function deployedEdition(run: Context, wanted: CheckedInputs): Promise<DeployedProgram> {
  const deadline = Date.now() + run.confirmationTimeoutMs;
  for (;;) {
    const deployed = await run.node.program(wanted.program);
    if (deployed !== undefined && deployed.edition >= wanted.edition) return deployed;
    if (Date.now() > deadline) {
      throw new ProgramError(
        `The deployment of ${wanted.program} was accepted, but no endpoint serves edition ${wanted.edition} yet.`,
        { remedy: "Run `up` again in a minute: it will find the program and pay nothing." },
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/** @param known what an earlier run found out and can't have changed, so that it is not asked again */
async function properties(
  run: Context,
  wanted: CheckedInputs,
  deployed: DeployedProgram,
  known: Partial<ProgramProperties> = {},
): Promise<ProgramProperties> {
  const transaction = deployed.transactionId;
  const paidFee = async () =>
    transaction && ((await run.node.confirmedTransaction(transaction))?.fee ?? 0n).toString();
  return {
    ...wanted,
    edition: deployed.edition,
    transaction: transaction ?? "",
    paidFee:
      (transaction === known.transaction ? known.paidFee : undefined) ?? (await paidFee()) ?? "0",
    owner: deployed.owner ?? "",
    address: known.address ?? (await programAddress(run.settings.network, wanted.program)),
    ...(deployed.amendments === undefined ? {} : { amendments: deployed.amendments }),
  };
}

/**
 * Compares the chain with the state. A program can't vanish, so a node that does not know it is an
 * error, and so is one that does not answer. What somebody put there besides the stack stays marked as
 * such until the project declares it.
 */
export async function read(
  id: string,
  known: KnownProperties | undefined,
): Promise<{ id: string; props: KnownProperties; inputs: ProgramInputs }> {
  try {
    if (known === undefined) throw new Error(`${id} is not in the state`);
    const run = context();
    const deployed = await run.node.program(known.program);
    if (deployed === undefined) {
      if (known.transaction === undefined) return { id, props: known, inputs: inputsOf(known) };
      throw new ProgramError(`The node does not know ${known.program}, which is in the state.`, {
        remedy: "Check that the endpoints serve the ledger that the program was deployed to.",
      });
    }
    const found = await properties(run, inputsOf(known), deployed, known);
    const changed = isSame(deployed, known.interface)
      ? {}
      : {
          source: deployed.source,
          interface: interfaceOf(parseProgram(deployed.source)),
          changedOnChain: editionText(deployed),
        };
    const { pendingTransaction } = known;
    const pending = pendingTransaction === undefined ? {} : { pendingTransaction };
    const props = { ...found, ...changed, ...pending };
    return { id, props, inputs: inputsOf(props) };
  } catch (error) {
    throw shownOnce(error, id);
  }
}

function inputsOf(known: CheckedInputs): CheckedInputs {
  const { source, network, program, interface: declared, edition, estimatedFee } = known;
  const { changedOnChain } = known;
  const marked = changedOnChain === undefined ? {} : { changedOnChain };
  return { source, network, program, interface: declared, edition, estimatedFee, ...marked };
}
