import {
  type Document,
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  parseDocument,
  stringify,
  type YAMLMap,
} from "yaml";
import { RuleFileError } from "../errors.ts";
import { parseRuleFile } from "./rule-file.ts";

/** What `aleo-ops alerts setup` sets. */
export interface Thresholds {
  /** Share of calls that may be rejected; over 0, up to 1. */
  readonly failureRate?: number | undefined;
  /** 95th percentile of an endpoint's answer times, in ms. */
  readonly responseTimeMs?: number | undefined;
}

/** A file of rules without any. */
export function emptyRuleFile(network: string): string {
  return `# What is watched on ${network}; read again without a restart.\n# Checked by \`aleo-ops alerts check --network ${network}\`.\nrules: {}\n`;
}

/**
 * The text of a file of rules in which a program is watched as well: it is in `programs` unless
 * the stack has it, and in the lists of those rules that name another version of it. Whatever is not
 * concerned stays as it is written, comments and all.
 * @throws RuleFileError for a file that can't be used, before or after
 */
export function withProgram(
  text: string,
  file: string,
  program: string,
  stack: readonly string[],
): string {
  parseRuleFile(text, file);
  const result = watching(text, program, stack);
  parseRuleFile(result, file);
  return result;
}

/**
 * The text of a file of rules with these thresholds in the rules `tx-failure-rate` and
 * `response-time`, which are made where they are missing; the program is watched by them.
 * @throws RuleFileError for a value that is not allowed, or a file that can't be used
 */
export function withThresholds(
  text: string,
  file: string,
  program: string,
  stack: readonly string[],
  { failureRate, responseTimeMs }: Thresholds,
): string {
  parseRuleFile(text, file);
  let result = watching(text, program, stack);
  const rate = ["rules", "tx-failure-rate"];
  result = withRule(result, file, rate, {
    ...{ kind: "failure-rate", severity: "high" },
    runbook: "runbooks/high-failure-rate.md#tx-failure-rate",
  });
  result = included(result, [...rate, "programs"], program);
  if (failureRate !== undefined) result = withValue(result, [...rate, "threshold"], failureRate);
  const time = ["rules", "response-time"];
  result = withRule(result, file, time, {
    ...{ kind: "response-time", severity: "medium" },
    runbook: "runbooks/service-degradation.md#response-time",
  });
  if (responseTimeMs !== undefined) {
    result = withValue(result, [...time, "thresholdMs"], responseTimeMs);
  }
  parseRuleFile(result, file);
  return result;
}

type Path = readonly string[];

function watching(text: string, program: string, stack: readonly string[]): string {
  const rules = parsed(text).get("rules");
  const ids = isMap(rules) ? rules.items.map(({ key }) => String(key)) : [];
  let result = text;
  for (const id of ids) {
    const path = ["rules", id, "programs"];
    if (itemsAt(result, path).some((other) => familyOf(other) === familyOf(program))) {
      result = included(result, path, program);
    }
  }
  if (stack.includes(program)) return result;
  if (parsed(result).has("programs")) return included(result, ["programs"], program);
  const end = result.endsWith("\n") ? "" : "\n";
  return `${result}${end}# Watched besides the programs of the stack.\nprograms: [${program}]\n`;
}

function withRule(
  text: string,
  file: string,
  path: Path,
  settings: Readonly<{ kind: string; severity: string; runbook: string }>,
): string {
  const { kind } = settings;
  const id = path.at(-1) ?? "";
  const rule = parsed(text).getIn(path);
  if (rule === undefined) {
    return withPair(text, path, settings);
  }
  if (isMap(rule) && rule.get("kind") === kind) return text;
  throw new RuleFileError(`${file}: rules.${id} is there, and is not of the kind ${kind}.`, {
    remedy: `Give that rule another name, so that ${id} can be set up.`,
  });
}

/** Sets a plain value of a mapping that is there. */
function withValue(text: string, path: Path, value: number): string {
  const node = parsed(text).getIn(path, true);
  if (node === undefined) return withPair(text, path, value);
  if (!isScalar(node) || node.value === value) return text;
  const [start, end] = rangeOf(node);
  return `${text.slice(0, start)}${value}${text.slice(end)}`;
}

/** Adds an item to a list, unless it holds it or there is no list. */
function included(text: string, path: Path, item: string): string {
  const list = parsed(text).getIn(path);
  if (!isSeq(list) || itemsAt(text, path).includes(item)) return text;
  const last = list.items.at(-1);
  if (!isNode(last)) {
    const [start, end] = rangeOf(list);
    return `${text.slice(0, start)}[${item}]${text.slice(end)}`;
  }
  if (list.flow === true) return inserted(text, rangeOf(last)[1], `, ${item}`);
  const indent = /^ */.exec(lineAt(text, rangeOf(last)[0]))?.[0] ?? "";
  return inserted(text, lineEnd(text, endOf(last)), `\n${indent}- ${item}`);
}

/** Adds the last key of a path to the mapping that is there above it. */
function withPair(text: string, path: Path, value: unknown): string {
  const map = parsed(text).getIn(path.slice(0, -1)) as YAMLMap;
  const pair = { [path.at(-1) ?? ""]: value };
  const last = map.items.at(-1);
  if (last === undefined) {
    const [start, end] = rangeOf(map);
    const lines = stringify(pair).trimEnd().replaceAll(/^/gm, "  ");
    return `${text.slice(0, start).trimEnd()}\n${lines}${text.slice(end)}`;
  }
  if (map.flow === true) {
    const inline = stringify(pair, { collectionStyle: "flow" })
      .trim()
      .replace(/^\{ *| *\}$/g, "");
    return inserted(text, endOf(last.value ?? last.key), `, ${inline}`);
  }
  const indent = /^ */.exec(lineAt(text, rangeOf(last.key)[0]))?.[0] ?? "";
  const lines = stringify(pair).trimEnd().replaceAll(/^/gm, indent);
  return inserted(text, lineEnd(text, endOf(map)), `\n${lines}`);
}

function parsed(text: string): Document.Parsed {
  return parseDocument(text, { prettyErrors: false });
}

function itemsAt(text: string, path: Path): string[] {
  const list = parsed(text).getIn(path);
  return isSeq(list) ? list.toJSON().map(String) : [];
}

function inserted(text: string, at: number, what: string): string {
  return `${text.slice(0, at)}${what}${text.slice(at)}`;
}

/** Where a node's own text ends, without comments behind it. */
function endOf(node: unknown): number {
  if (!isCollection(node) || node.flow === true) return rangeOf(node)[1];
  const last: unknown = node.items.at(-1);
  if (isMap(node)) {
    const pair = node.items.at(-1);
    return endOf(pair?.value ?? pair?.key);
  }
  return endOf(last);
}

function rangeOf(node: unknown): readonly [start: number, end: number] {
  const range = isNode(node) ? node.range : undefined;
  return Array.isArray(range) ? [range[0], range[1]] : [0, 0];
}

function lineAt(text: string, at: number): string {
  return text.slice(text.lastIndexOf("\n", at - 1) + 1, lineEnd(text, at));
}

/** A text block ends behind its last line. */
function lineEnd(text: string, at: number): number {
  const end = text.indexOf("\n", Math.max(0, at - 1));
  return end === -1 ? text.length : end;
}

/** A program without its version: agent_registry for agent_registry_v3.aleo. */
function familyOf(program: string): string {
  return program.replace(/(?:_v\d+)?\.aleo$/, "");
}
