import { readFileSync } from "node:fs";
import { type Document, isNode, LineCounter, parseDocument } from "yaml";
import { z } from "zod";
import { nearest } from "../../aleo/program/id.ts";
import type { Severity } from "../alert/severity.ts";
import { RuleFileError } from "../errors.ts";
import type { Select } from "../metrics/select.ts";
import type { Facts, Finding, Kind } from "./kind.ts";
import { kinds } from "./kinds.ts";
import type { Probe } from "../watch/probe.ts";

/** A rule of a file, with its settings applied. */
export interface Rule {
  readonly id: string;
  readonly kind: string;
  readonly cause: Kind["cause"];
  readonly severity: Severity;
  /** In ms. */
  readonly for: number;
  readonly resolveAfter: number;
  readonly runbook: string | undefined;
  readonly probes: (facts: Facts) => Probe[];
  readonly evaluate: (facts: Facts) => Finding[];
  /** Its condition in PromQL; undefined where the monitor's metrics don't tell. */
  readonly query: (select: Select) => string | undefined;
}

export interface RuleFile {
  readonly rules: readonly Rule[];
  /** Programs that are watched besides those of the stack. */
  readonly programs: readonly string[];
}

type Path = readonly PropertyKey[];

const programsAllowed = "a list of program ids, such as [agent_registry_v3.aleo]";
const programList = z.array(z.string().regex(/^\w+\.aleo$/)).default([]);

/** @throws RuleFileError that names file, line, key and what is allowed */
export function readRules(file: string): readonly Rule[] {
  return readRuleFile(file).rules;
}

/** @throws RuleFileError as `readRules` does */
export function readRuleFile(file: string): RuleFile {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new RuleFileError(`The rules in ${file} can't be read: ${String(error)}.`, {
      remedy: "Name the folder that holds <network>.yaml in MONITOR_RULES.",
      cause: error,
    });
  }
  return parseRuleFile(text, file);
}

/** @throws RuleFileError as `readRules` does */
export function parseRules(text: string, file: string): readonly Rule[] {
  return parseRuleFile(text, file).rules;
}

/** @throws RuleFileError as `readRules` does */
export function parseRuleFile(text: string, file: string): RuleFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const refuse = (at: number, what: string, remedy: string): never => {
    throw new RuleFileError(`${file}:${at}: ${what}`, { remedy });
  };
  const [fault] = document.errors;
  if (fault !== undefined) {
    refuse(lines.linePos(fault.pos[0]).line, fault.message, "Correct the YAML.");
  }
  const lineOf = (path: Path) => lineAt(document, lines, path);
  const content: unknown = document.toJS();
  const isKnown = (key: string) => key === "rules" || key === "programs";
  if (!isRecord(content) || !isRecord(content.rules) || !Object.keys(content).every(isKnown)) {
    return refuse(
      1,
      "it has not the form of a file of rules.",
      "It holds the key rules, with a rule under each name, and may hold programs.",
    );
  }
  const watched = programList.safeParse(content.programs);
  if (!watched.success) {
    const path = ["programs", ...(watched.error.issues[0]?.path ?? [])];
    return refuse(
      lineOf(path),
      `programs is no list of programs.`,
      `Allowed is ${programsAllowed}.`,
    );
  }
  const rules = Object.entries(content.rules).map(([id, settings]) => {
    const here = `rules.${id}`;
    if (!/^[a-z][a-z0-9-]*$/.test(id)) {
      refuse(
        lineOf(["rules", id]),
        `${id} is no name of a rule.`,
        "Use small letters, digits and hyphens.",
      );
    }
    const kindName = isRecord(settings) ? settings.kind : undefined;
    const kind = kinds.get(String(kindName));
    if (kind === undefined) {
      const meant = nearest(String(kindName), [...kinds.keys()]);
      return refuse(
        lineOf(["rules", id, "kind"]),
        `${here}.kind is ${JSON.stringify(kindName)}, which is no kind of rule.`,
        `${meant === undefined ? "" : `Did you mean ${meant}? `}The kinds are: ${[...kinds.keys()].join(", ")}.`,
      );
    }
    const parsed = kind.schema.safeParse(settings);
    if (!parsed.success) {
      const { path, what, remedy } = explain(kind, parsed.error.issues[0], settings);
      return refuse(
        lineOf(["rules", id, ...path]),
        `${[here, ...path.map(String)].join(".")} ${what}.`,
        remedy,
      );
    }
    const values = parsed.data as Parameters<Kind["evaluate"]>[0];
    const wrong = kind.check(values);
    if (wrong !== undefined) {
      refuse(
        lineOf(["rules", id, wrong.key]),
        `${here}.${wrong.key}: ${wrong.message}.`,
        `Allowed is ${allowedFor(kind, wrong.key)}.`,
      );
    }
    return ruleOf(id, kind, values);
  });
  return { rules, programs: watched.data };
}

function ruleOf(id: string, kind: Kind, settings: Parameters<Kind["evaluate"]>[0]): Rule {
  const { severity, for: lasting, resolveAfter, runbook, summary } = settings;
  return {
    id,
    kind: kind.name,
    cause: kind.cause,
    severity,
    for: lasting,
    resolveAfter,
    runbook,
    probes: (facts) => kind.probes(settings, facts),
    query: (select) => kind.query(settings, select),
    evaluate: (facts) =>
      kind
        .evaluate(settings, facts)
        .map((finding) =>
          summary === undefined
            ? finding
            : { ...finding, summary: filled(summary, finding, facts.network) },
        ),
  };
}

function filled(template: string, { subject, value }: Finding, network: string): string {
  return template
    .replaceAll("{subject}", subject)
    .replaceAll("{value}", value)
    .replaceAll("{network}", network);
}

function explain(
  kind: Kind,
  issue: z.core.$ZodIssue | undefined,
  settings: unknown,
): { path: Path; what: string; remedy: string } {
  if (issue?.code === "unrecognized_keys") {
    const [key = ""] = issue.keys;
    const known = Object.keys(kind.schema.shape);
    const meant = issue.path.length === 0 ? nearest(key, known) : undefined;
    return {
      path: [...issue.path, key],
      what: `is no setting of the kind ${kind.name}`,
      remedy:
        issue.path.length === 0
          ? `${meant === undefined ? "" : `Did you mean ${meant}? `}The settings are: ${known.join(", ")}.`
          : `Allowed is ${allowedFor(kind, String(issue.path[0]))}.`,
    };
  }
  const path = issue?.path ?? [];
  const found = path.reduce<unknown>(
    (value, key) => (isRecord(value) || Array.isArray(value) ? Reflect.get(value, key) : undefined),
    settings,
  );
  return {
    path,
    what:
      found === undefined
        ? "is not set"
        : `is ${JSON.stringify(found)}: ${(issue?.message ?? "not valid").replace(/\.$/, "")}`,
    remedy: `Allowed is ${allowedFor(kind, String(path[0]))}.`,
  };
}

function allowedFor(kind: Kind, key: string): string {
  let schema: z.ZodType | undefined = kind.schema.shape[key] as z.ZodType | undefined;
  for (;;) {
    if (schema === undefined) return "another value";
    if (schema.description !== undefined) return schema.description;
    schema = (schema.def as unknown as { readonly innerType?: z.ZodType }).innerType;
  }
}

/** The line of a key, or of the nearest one above it that is there. */
function lineAt(document: Document, lines: LineCounter, path: Path): number {
  for (let length = path.length; length > 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true);
    const range = isNode(node) ? node.range : undefined;
    if (Array.isArray(range)) return lines.linePos(range[0]).line;
  }
  return 1;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
