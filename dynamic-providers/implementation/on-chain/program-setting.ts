import { setTimeout as sleep } from "node:timers/promises";
import { AleoError } from "../../../aleo/errors.ts";
import type { ConfirmedTransaction } from "../../../aleo/node/client.ts";
import { ProgramIdError, nearest, programName } from "../../../aleo/program/id.ts";
import { parseProgram } from "../../../aleo/program/parse.ts";
import { componentsOf, type Program } from "../../../aleo/program/program.ts";
import type { PlaintextType } from "../../../aleo/program/types.ts";
import type { ExecutionRequest } from "../../../aleo/transaction/builder.ts";
import { deployedImports } from "../../../aleo/transaction/imports.ts";
import { send } from "../../../aleo/transaction/send.ts";
import { checkBalance, checkFee, paying } from "./affordable.ts";
import { context, type Context } from "./context.ts";
import { shown, shownOnce } from "./failure.ts";
import { transacting, type Pending } from "./transacting.ts";
import { sameValue } from "../same-value.ts";
import { isValueOf } from "./values.ts";

export interface SettingInputs {
  readonly program: string;
  readonly mapping: string;
  readonly key: string;
  readonly value: string;
  readonly function: string;
  readonly arguments: readonly string[];
  /** Microcredits, as a decimal string; filled in by `check` where the program is deployed. */
  readonly estimatedFee?: string;
}

export interface SettingProperties extends SettingInputs, Pending {
  readonly transaction: string;
  /** Microcredits, as a decimal string. */
  readonly paidFee: string;
}

export class SettingError extends AleoError {}

export interface CheckResult {
  inputs: SettingInputs;
  failures?: { property: string; reason: string }[];
}

/** How long a node may go on serving an entry's old value. */
const servedWithinMs = 10_000;

/** Checks that the program has the mapping and the function, and estimates the call's fee where it is deployed. */
export async function check(news: SettingInputs): Promise<CheckResult> {
  try {
    return { inputs: await checked(context(), news) };
  } catch (error) {
    return { inputs: news, failures: [{ property: "", reason: shown(error).message }] };
  }
}

async function checked(run: Context, news: SettingInputs): Promise<SettingInputs> {
  programName(news.program);
  const deployed = await run.node.program(news.program);
  const source = run.declared.get(news.program) ?? deployed?.source;
  if (source === undefined) {
    const meant = nearest(news.program, run.declared.keys());
    throw new ProgramIdError(
      `${news.program} is neither declared in this stack nor deployed on ${run.settings.network}.`,
      {
        remedy:
          meant === undefined
            ? "Check the program id, or declare and deploy the program first."
            : `Did you mean ${meant}?`,
      },
    );
  }
  refuseMismatch(parseProgram(source), news);
  if (deployed === undefined || run.builder === undefined) return news;
  if (!canSet(parseProgram(deployed.source), news)) return news;
  const current = await run.node.mappingValue(news.program, news.mapping, news.key);
  if (sameValue(current, news.value)) return { ...news, estimatedFee: "0" };
  const request = await executionRequest(run, news, deployed.source, deployed.edition);
  const estimated = await run.builder.estimateExecution(request);
  const subject = subjectOf(news);
  checkFee(run, subject, estimated + run.settings.priorityFee);
  run.planned.set(subject, estimated + run.settings.priorityFee);
  await checkBalance(run);
  return { ...news, estimatedFee: estimated.toString() };
}

function refuseMismatch(program: Program, wanted: SettingInputs): void {
  const mappings = componentsOf(program, "mapping");
  const mapping = mappings.get(wanted.mapping);
  if (mapping === undefined) {
    throw absent(`mapping ${wanted.mapping}`, program.id, mappings.keys());
  }
  refuseLiteral(`The key of ${program.id}/${mapping.name}`, wanted.key, mapping.key);
  refuseLiteral(`The value of ${program.id}/${mapping.name}`, wanted.value, mapping.value);
  const functions = componentsOf(program, "function");
  const called = functions.get(wanted.function);
  if (called === undefined) {
    throw absent(`function ${wanted.function}`, program.id, functions.keys());
  }
  if (called.inputs.length !== wanted.arguments.length) {
    throw new SettingError(
      `${program.id}/${wanted.function} takes ${called.inputs.length} inputs; ${wanted.arguments.length} are given.`,
      { remedy: `Give: ${called.inputs.map(({ type }) => type.text).join(", ") || "none"}.` },
    );
  }
  called.inputs.forEach(({ type }, index) => {
    const what = `Argument ${index + 1} of ${program.id}/${called.name}`;
    if (type.plaintext !== undefined)
      refuseLiteral(what, wanted.arguments[index] ?? "", type.plaintext);
  });
}

function refuseLiteral(what: string, text: string, type: PlaintextType): void {
  if (isValueOf(text, type)) return;
  throw new SettingError(`${what} is ${JSON.stringify(text)}, which is no ${type.text}.`, {
    remedy: `Give a value of the type ${type.text}.`,
  });
}

/** The mapping and the function may come with an upgrade that the stack declares. */
function canSet(deployed: Program, { mapping, function: called }: SettingInputs): boolean {
  return (
    componentsOf(deployed, "mapping").has(mapping) && componentsOf(deployed, "function").has(called)
  );
}

function absent(what: string, programId: string, names: Iterable<string>): SettingError {
  return new SettingError(`${programId} has no ${what}.`, {
    remedy: `It has: ${[...names].join(", ") || "none"}.`,
  });
}

async function executionRequest(
  run: Context,
  wanted: SettingInputs,
  source: string,
  edition: number,
): Promise<ExecutionRequest> {
  return {
    programId: wanted.program,
    source,
    edition,
    imports: await deployedImports(run.node, parseProgram(source)),
    functionName: wanted.function,
    inputs: wanted.arguments,
    priorityFee: run.settings.priorityFee,
  };
}

export async function create(
  inputs: SettingInputs,
): Promise<{ id: string; outs: SettingProperties }> {
  const id = `${context().settings.network}/${subjectOf(inputs)}`;
  return { id, outs: await bring(id, inputs, undefined) };
}

export async function update(
  id: string,
  olds: SettingProperties,
  news: SettingInputs,
): Promise<{ outs: SettingProperties }> {
  return { outs: await bring(id, news, olds) };
}

function bring(
  id: string,
  wanted: SettingInputs,
  known: SettingProperties | undefined,
): Promise<SettingProperties> {
  const run = context();
  const subject = subjectOf(wanted);
  const purpose = `call of ${wanted.program}/${wanted.function} that sets ${subject} to ${wanted.value}`;
  const isReached = async () => sameValue(await valueNow(run, wanted), wanted.value);
  return transacting(run, { id, subject, purpose, isReached, wanted, known }, (earlier) =>
    bringAlone(run, purpose, wanted, earlier),
  );
}

async function bringAlone(
  run: Context,
  purpose: string,
  wanted: SettingInputs,
  earlier: ConfirmedTransaction | undefined,
): Promise<SettingProperties> {
  const subject = subjectOf(wanted);
  if (earlier !== undefined) return settledBy(run, wanted, earlier);
  if (sameValue(await valueNow(run, wanted), wanted.value)) {
    run.planned.delete(subject);
    return { ...wanted, transaction: "", paidFee: "0" };
  }
  const deployed = await run.node.program(wanted.program);
  if (deployed === undefined) {
    throw new SettingError(`${wanted.program} is not deployed on ${run.settings.network}.`, {
      remedy: "Deploy it first: make this resource depend on the program's.",
    });
  }
  const builder = paying(run, subject);
  const request = await executionRequest(run, wanted, deployed.source, deployed.edition);
  const transaction = await builder.execution(request);
  checkFee(run, subject, transaction.fee);
  run.planned.set(subject, transaction.fee);
  await checkBalance(run);
  return settledBy(run, wanted, await send(run, subject, purpose, transaction));
}

function valueNow({ node }: Context, { program, mapping, key }: SettingInputs) {
  return node.mappingValue(program, mapping, key);
}

/** A node may serve the old value for seconds after the block that changes it. */
async function settledBy(
  run: Context,
  wanted: SettingInputs,
  { id, fee }: ConfirmedTransaction,
): Promise<SettingProperties> {
  const subject = subjectOf(wanted);
  const deadline = Date.now() + servedWithinMs;
  let value = await valueNow(run, wanted);
  while (!sameValue(value, wanted.value) && Date.now() < deadline) {
    await sleep(500);
    value = await valueNow(run, wanted);
  }
  run.planned.delete(subject);
  if (!sameValue(value, wanted.value)) {
    throw new SettingError(
      `${wanted.program}/${wanted.function} was accepted (${id}), but ${subject} is ${value ?? "not set"}, not ${wanted.value}.`,
      { remedy: "Check that this function with these arguments sets that entry to that value." },
    );
  }
  return { ...wanted, transaction: id, paidFee: (fee ?? 0n).toString() };
}

/** Shows what the entry is on chain; an entry that is not set shows as an empty value. */
export async function read(
  id: string,
  known: SettingProperties | undefined,
): Promise<{ id: string; props: SettingProperties; inputs: SettingInputs }> {
  try {
    if (known === undefined) throw new Error(`${id} is not in the state`);
    const found =
      (await context().node.mappingValue(known.program, known.mapping, known.key)) ?? "";
    const props = { ...known, value: sameValue(found, known.value) ? known.value : found };
    const { program, mapping, key, value, function: called, arguments: given } = props;
    const inputs = { program, mapping, key, value, function: called, arguments: given };
    const { estimatedFee } = props;
    return {
      id,
      props,
      inputs: estimatedFee === undefined ? inputs : { ...inputs, estimatedFee },
    };
  } catch (error) {
    throw shownOnce(error, id);
  }
}

function subjectOf({ program, mapping, key }: SettingInputs): string {
  return `${program}/${mapping}[${key}]`;
}
