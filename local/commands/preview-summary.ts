import { changedCount, type EngineEvents, nameOf, type Step } from "./engine-events.ts";
import { code, fenced, page } from "./markdown.ts";
import { formatCredits } from "./programs-table.ts";

export interface Preview {
  readonly stack: string;
  /** Whether the CLI ended well: a preview that fails shows why. */
  readonly succeeded: boolean;
  readonly events: EngineEvents;
  /** What `pulumi preview --diff` printed, without colours. */
  readonly diff: string;
  /** The public balance of the account that deployed the programs so far; undefined where it is not known. */
  readonly balance?: { readonly address: string; readonly microcredits: bigint } | undefined;
}

const programType = ":AleoProgram";
const settingType = ":ProgramSetting";

/** By this line a comment is found again, to be edited. */
export function previewMarker(stack: string): string {
  return `<!-- aleo-ops: preview of ${stack} -->`;
}

/**
 * What a preview would do, for the people who review it: what it deletes or replaces comes first,
 * then what changes on chain and what that costs, then the rest in numbers and the diff.
 */
export function previewSummary(preview: Preview): string {
  const { stack, succeeded, events, diff } = preview;
  const lines = [
    previewMarker(stack),
    `### ${title(preview)}`,
    ...failure(preview),
    ...losses(events.steps),
    ...programs(preview),
    ...staleImage(preview),
    ...settings(events.steps),
    ...rest(events, succeeded),
  ];
  if (diff.trim() === "") return page(lines);
  return page(lines, { title: "Diff", text: marked(diff.trimEnd()), language: "diff" });
}

/** The account whose balance is worth a look: undefined where no program costs anything, or it is new. */
export function payingAccount(events: EngineEvents): string | undefined {
  const owner = events.steps
    .filter(isProgramChange)
    .map(({ old }) => old?.outputs.owner)
    .find((address) => typeof address === "string");
  return costOf(events.steps) > 0n ? owner : undefined;
}

function title({ stack, succeeded, events }: Preview): string {
  if (!succeeded) return `The preview of ${stack} failed`;
  const changes = changedCount(events);
  if (changes === 0) return `Nothing would change on ${stack}`;
  return `${plural(changes, "change")} on ${stack}`;
}

function failure({ succeeded, events }: Preview): string[] {
  const broken = events.violations
    .filter(({ isMandatory }) => isMandatory)
    .map(
      ({ rule, urn, message }) =>
        `${rule}${urn === undefined ? "" : ` (${nameOf(urn)})`}\n${message}`,
    );
  const errors = succeeded ? [] : events.errors;
  return [...broken, ...errors].flatMap((text) => ["", fenced(text)]);
}

/** Kinds of steps after which something is gone, and how a person calls them. */
const gone: Readonly<Record<string, string>> = { delete: "deleted", replace: "replaced" };

function losses(steps: readonly Step[]): string[] {
  const lines = steps.flatMap(({ operation, urn, type }) => {
    const word = gone[operation];
    if (word === undefined) return [];
    const onChain = type.endsWith(programType) ? " from the stack; it stays on chain" : "";
    return `- ${code(nameOf(urn))} (${code(type)}) is **${word}**${onChain}`;
  });
  return lines.length === 0 ? [] : ["", "**Deleted or replaced:**", "", ...lines];
}

function isProgramChange({ type, operation }: Step): boolean {
  return type.endsWith(programType) && ["create", "update"].includes(operation);
}

function programs({ events: { steps }, balance }: Preview): string[] {
  const changed = steps.filter(isProgramChange);
  if (changed.length === 0) return [];
  const rows = changed.map((step) => {
    const [now, then] = [step.old?.outputs.edition, step.new?.inputs.edition].map(number);
    return `| ${code(programOf(step))} | ${now ?? "new"} → ${then ?? "?"} | ${credits(feeOf(step))} |`;
  });
  const cost = costOf(steps);
  const together = `Together: ${formatCredits(cost)} credits, priority fees and executions not counted.`;
  return [
    "",
    "| Program | Edition | Cost in credits |",
    "|---|---|---|",
    ...rows,
    "",
    balance === undefined ? together : `${together} ${balanceAfter(balance, cost)}`,
    ...changed.flatMap(interfaceChanges),
  ];
}

function balanceAfter(balance: NonNullable<Preview["balance"]>, cost: bigint): string {
  const { address, microcredits } = balance;
  const after = microcredits - cost;
  const account = `${code(address)} holds ${formatCredits(microcredits)}`;
  return after < 0n
    ? `**${account}, which is not enough.**`
    : `${account}, then ${formatCredits(after)}.`;
}

const monitorType = "kubernetes:apps/v1:StatefulSet";

/** The list of programs is in the image, which is built of what is merged. */
function staleImage({ stack, events: { steps } }: Preview): string[] {
  const [monitor] = steps.filter(({ type }) => type === monitorType);
  const [before, after] = [monitor?.old, monitor?.new].map((state) => imageOf(state?.inputs));
  const isNew = (step: Step) => isProgramChange(step) && step.operation === "create";
  if (!steps.some(isNew) || before === undefined || before !== after) return [];
  return [
    "",
    `**The image stays as it is**, and with it the programs that the monitor and the scheduled operations know: what is new here is not watched, backed up or reported by them yet. When this is merged, put the image that ${code("image.yml")} prints into ${code(`Pulumi.${stack}.yaml`)}.`,
  ];
}

/** Of the first container of a workload. */
function imageOf(inputs: unknown): string | undefined {
  return /"image":"([^"]+)"/.exec(JSON.stringify(inputs ?? {}))?.[1];
}

/** What callers and upgrades see of a program, as lines that went and lines that came. */
function interfaceChanges(step: Step): string[] {
  if (step.old === undefined) return [];
  const [before, after] = [step.old.inputs.interface, step.new?.inputs.interface].map(shownLines);
  if (before === undefined || after === undefined) return [];
  const lines = [
    ...before.filter((line) => !after.includes(line)).map((line) => `- ${line}`),
    ...after.filter((line) => !before.includes(line)).map((line) => `+ ${line}`),
  ];
  const name = code(programOf(step));
  return lines.length === 0
    ? ["", `The interface of ${name} stays as it is.`]
    : ["", `The interface of ${name}:`, "", fenced(lines.join("\n"), "diff")];
}

/** Follow from the rest, and change with every edition. */
const notShown = ["checksum", "size", "program"];

function shownLines(shown: unknown): string[] | undefined {
  if (!isObject(shown)) return undefined;
  return Object.entries(shown).flatMap(([part, value]) => {
    if (notShown.includes(part)) return [];
    if (Array.isArray(value)) return value.map((name) => `${part}: ${String(name)}`);
    if (!isObject(value)) return `${part}: ${String(value)}`;
    return Object.entries(value).map(([name, text]) => `${part}: ${name} ${String(text)}`);
  });
}

function settings(steps: readonly Step[]): string[] {
  const lines = steps
    .filter(
      ({ type, operation }) =>
        type.endsWith(settingType) && ["create", "update"].includes(operation),
    )
    .map(({ old, new: next, urn }) => {
      const { program, mapping, key, value } = next?.inputs ?? {};
      const entry = [program, mapping, key].every((part) => typeof part === "string")
        ? `${String(program)}/${String(mapping)}[${String(key)}]`
        : nameOf(urn);
      const before = old === undefined ? "not managed" : JSON.stringify(old.inputs.value);
      return `- ${code(entry)}: ${code(before)} → ${code(JSON.stringify(value))}`;
    });
  return lines.length === 0 ? [] : ["", "**Set on chain by a transaction each:**", "", ...lines];
}

const words: readonly (readonly [operation: string, words: string])[] = [
  ["create", "to create"],
  ["update", "to update"],
  ["replace", "to replace"],
  ["delete", "to delete"],
  ["import", "to import"],
  ["same", "unchanged"],
];

function rest({ counts, steps }: EngineEvents, succeeded: boolean): string[] {
  const onChain = steps.filter(isProgramChange);
  const parts = words.flatMap(([operation, text]) => {
    const count =
      (counts[operation] ?? 0) - onChain.filter((step) => step.operation === operation).length;
    return count > 0 ? `${count} ${text}` : [];
  });
  if (parts.length === 0) return [];
  const until = succeeded ? "" : " until it failed";
  return [
    "",
    `${onChain.length > 0 ? "Everything else" : "Resources"}${until}: ${parts.join(", ")}.`,
  ];
}

function programOf({ urn, old, new: next }: Step): string {
  const name = next?.inputs.program ?? old?.inputs.program;
  return typeof name === "string" ? name : nameOf(urn);
}

function feeOf(step: Step): bigint | undefined {
  const fee = step.new?.inputs.estimatedFee;
  return typeof fee === "string" && /^\d+$/.test(fee) ? BigInt(fee) : undefined;
}

function costOf(steps: readonly Step[]): bigint {
  return steps.filter(isProgramChange).reduce((sum, step) => sum + (feeOf(step) ?? 0n), 0n);
}

function credits(microcredits: bigint | undefined): string {
  return microcredits === undefined ? "not known" : formatCredits(microcredits);
}

function number(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

/** GitHub colours a line by the sign in its first column. */
function marked(diff: string): string {
  return diff
    .split("\n")
    .map((line) =>
      line.replace(
        /^( *)([-+~])(?=[ -])/,
        (_, indent: string, sign: string) => `${sign === "~" ? "!" : sign}${indent}`,
      ),
    )
    .join("\n");
}
