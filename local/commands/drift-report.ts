import { isDeepStrictEqual } from "node:util";
import { type EngineEvents, nameOf, type Step } from "./engine-events.ts";
import { code, fenced, page } from "./markdown.ts";

export const severities = ["critical", "high", "medium", "low"] as const;
/** As everywhere in the project: how soon somebody must be reached. */
export type Severity = (typeof severities)[number];

interface DriftedResource {
  readonly name: string;
  readonly type: string;
  readonly isGone: boolean;
  /** What differs: `edition: 0 → 1`. Pulumi has blotted out secrets. */
  readonly differences: readonly string[];
}

/** What a drift check found. */
export type DriftReport = { readonly stack: string } & (
  | { readonly kind: "none" }
  | { readonly kind: "busy" }
  | {
      readonly kind: "drift";
      readonly severity: Severity;
      readonly resources: readonly DriftedResource[];
    }
  | { readonly kind: "broken"; readonly severity: Severity; readonly errors: readonly string[] }
);

/** The exit code of `pulumi refresh --expect-no-changes` where there are changes. */
export const driftFound = 7;

/** A check that fails says nothing about drift, and nobody would learn of any. */
const severityOfBroken = "medium";

/** What Pulumi says where another run changes the stack. */
const locked = "the stack is currently locked";

/** How bad it is that somebody changed such a resource by hand; the first that fits counts. */
const severityByType: readonly (readonly [type: RegExp, severity: Severity])[] = [
  [/:AleoProgram$/, "critical"],
  [/:ProgramSetting$/, "high"],
  [/^aws:/, "high"],
  [/^/, "medium"],
];

/**
 * Reads a check from the CLI's exit code and events: 0 is no drift, 7 is drift, anything else means
 * that the check itself failed, or that an `up` is under way.
 */
export function driftReport(stack: string, exitCode: number, events: EngineEvents): DriftReport {
  const kept = events.steps.filter(isUndeclared);
  if (exitCode === 0 && kept.length === 0) return { stack, kind: "none" };
  if (exitCode !== 0 && exitCode !== driftFound) {
    const { errors } = events;
    if (errors.some((error) => error.includes(locked))) return { stack, kind: "busy" };
    return { stack, kind: "broken", severity: severityOfBroken, errors };
  }
  const changed = events.steps.filter(({ operation }) => ["update", "delete"].includes(operation));
  const resources = [
    ...changed.map(driftedResource),
    ...kept.filter((step) => !changed.includes(step)).map(undeclaredResource),
  ];
  const found = resources.map(severityOf);
  const severity = severities.find((level) => found.includes(level)) ?? "medium";
  return { stack, kind: "drift", severity, resources };
}

function severityOf({ type }: DriftedResource): Severity {
  return severityByType.find(([form]) => form.test(type))?.[1] ?? "medium";
}

/** The state has taken over what somebody put on chain, and the project does not declare it yet. */
function isUndeclared({ old, new: found }: Step): boolean {
  return (found ?? old)?.inputs[changedOnChain] !== undefined;
}

/** The input by which dynamic-providers/implementation/on-chain/program.ts marks such a program. */
const changedOnChain = "changedOnChain";

function undeclaredResource({ urn, type, old, new: found }: Step): DriftedResource {
  const edition = shown((found ?? old)?.inputs[changedOnChain]);
  return { name: nameOf(urn), type, isGone: false, differences: [`${changedOnChain}: ${edition}`] };
}

function driftedResource(step: Step): DriftedResource {
  const { urn, type, operation, old, new: found } = step;
  const isGone = operation === "delete";
  const differences = isGone
    ? []
    : [
        ...new Set([
          ...differencesOf(old?.inputs, found?.inputs),
          ...differencesOf(old?.outputs, found?.outputs),
        ]),
      ].filter((difference) => !(type.startsWith("kubernetes:") && clusterOwn.test(difference)));
  return { name: nameOf(urn), type, isGone, differences };
}

/** Of no matter to people, and long. */
const notShown = ["__provider", "__defaults"];
const longestValue = 80;
/** What the cluster itself changes all the time. */
const clusterOwn = /^(status|metadata\.(generation|resourceVersion|managedFields))\b/;

function differencesOf(before: unknown, after: unknown, path = ""): string[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (!isObject(before) || !isObject(after) || isSecret(before) || isSecret(after)) {
    return [`${path}: ${shown(before)} → ${shown(after)}`];
  }
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((key) => !notShown.includes(key))
    .flatMap((key) => {
      const inner = Array.isArray(after) ? `${path}[${key}]` : path === "" ? key : `${path}.${key}`;
      return differencesOf(before[key], after[key], inner);
    });
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/** The key by which Pulumi marks values that are more than JSON, such as secrets. */
const signature = "4dabf18193072939515e22adb298388d";

function isSecret(value: Readonly<Record<string, unknown>>): boolean {
  return signature in value;
}

function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  if (isObject(value) && isSecret(value)) return "[secret]";
  const text = JSON.stringify(value);
  return text.length > longestValue ? `${text.slice(0, longestValue)}…` : text;
}

/** An issue about one stack: by its marker it is found again, to be updated or closed. */
export interface Issue {
  readonly marker: string;
  readonly title: string;
  readonly body: string;
}

export const issueLabel = "drift";

export function issueMarker(stack: string, kind: "drift" | "broken"): string {
  return `<!-- aleo-ops: ${kind === "drift" ? "drift of" : "broken drift check of"} ${stack} -->`;
}

/** The issue that a report is worth; undefined where all is well. */
export function issueOf(report: DriftReport, runUrl: string | undefined): Issue | undefined {
  if (report.kind === "none" || report.kind === "busy") return undefined;
  const { stack, kind, severity } = report;
  const marker = issueMarker(stack, kind);
  const link = runUrl === undefined ? "" : ` ([the run](${runUrl}))`;
  const facts = [marker, `Severity: **${severity}**.${link}`, ""];
  if (kind === "broken") {
    const body = page([
      ...facts,
      "The check itself failed. That says nothing about drift, and until it works nobody would learn of any.",
      ...report.errors.flatMap((error) => ["", fenced(error)]),
      "",
      `Look at the log of the run, then run \`make drift STACK=${stack}\`. This issue closes itself when the check works again.`,
    ]);
    return { marker, title: `The drift check of ${stack} is broken`, body };
  }
  const count = report.resources.length;
  const body = page([
    ...facts,
    `The network is not as stack ${stack} left it: somebody or something changed it besides.`,
    "",
    ...report.resources.flatMap(resourceLines),
    "",
    `${bringingBack(stack)} This issue closes itself when the drift is gone.`,
  ]);
  return { marker, title: `Drift on ${stack}: ${summaryOf(count)}`, body };
}

function bringingBack(stack: string): string {
  const pulumi = (args: string) => `\`make pulumi STACK=${stack} ARGS="${args}"\``;
  return `${pulumi("preview --refresh --diff")} shows what bringing it back would do, ${pulumi("up --refresh")} does it: without \`--refresh\` neither looks at what was changed by hand. Where the change was wanted, declare it in the project. A program's edition can't be brought back: declare what is on chain.`;
}

/** What was changed, for a person at a terminal. */
export function driftText({ stack, resources }: Extract<DriftReport, { kind: "drift" }>): string {
  return [
    `Drift: the network is not as stack ${stack} left it.`,
    ...resources.flatMap(({ name, type, isGone, differences }) => [
      `  ${name} (${type}) ${isGone ? "is gone" : "was changed"}`,
      ...differences.map((difference) => `      ${difference}`),
    ]),
    `What to do: ${bringingBack(stack)}`,
  ].join("\n");
}

function resourceLines({ name, type, isGone, differences }: DriftedResource): string[] {
  return [
    `- ${code(name)} (${code(type)}) ${isGone ? "is **gone**" : "was **changed**"}`,
    ...differences.map((difference) => `  - ${code(difference)}`),
  ];
}

function summaryOf(count: number): string {
  return count === 1 ? "1 resource" : `${count} resources`;
}

/** One line for whom is paged. */
export function pageSummary(report: Extract<DriftReport, { kind: "drift" | "broken" }>): string {
  const { stack } = report;
  if (report.kind === "broken") return `The drift check of ${stack} is broken.`;
  const names = report.resources.map(({ name, isGone }) => (isGone ? `${name} (gone)` : name));
  return `Drift on ${stack}: ${names.join(", ")}.`;
}
