import { canonicalText } from "./canonical.ts";
import { bounds, restrictedKeywords } from "./constants.ts";
import { componentsOf, constructorOf } from "./program.ts";
import type { Component, Program } from "./program.ts";
import type { Statement } from "./statements.ts";
import { baseOf } from "./types.ts";
import type { PlaintextType, ValueType } from "./types.ts";

/** Something in a program that parses and that the chain refuses in every deployment. */
export interface LimitViolation {
  /** Stable name of the rule, such as `program-too-large`. */
  readonly rule: string;
  readonly reason: string;
  readonly line: number;
}

/**
 * What the chain refuses in a new program or a new edition besides what its parser refuses, as of
 * consensus version 19. Types inside functions are not checked.
 * Source: snarkVM 4.9.1 synthesizer/src/vm/verify.rs (`check_transaction`) and
 * synthesizer/program/src/lib.rs (the functions that it calls).
 */
export function limitViolations(program: Program): LimitViolation[] {
  return [
    ...sizeViolations(program),
    ...constructorViolations(program),
    ...nameViolations(program),
    ...recordNameViolations(program),
    ...importViolations(program),
    ...closureViolations(program),
    ...callViolations(program),
    ...stringViolations(program),
  ];
}

function sizeViolations(program: Program): LimitViolation[] {
  const bytes = Buffer.byteLength(canonicalText(program));
  if (bytes <= bounds.programBytes) return [];
  const reason = `The program has ${bytes} bytes, the chain takes at most ${bounds.programBytes}.`;
  return [{ rule: "program-too-large", reason, line: program.line }];
}

function constructorViolations(program: Program): LimitViolation[] {
  if (program.id === "credits.aleo") {
    const reason = "credits.aleo is part of the chain and cannot be deployed.";
    return [{ rule: "program-fixed", reason, line: program.line }];
  }
  if (constructorOf(program) !== undefined) return [];
  const reason =
    "The program has no constructor: every new program needs one, which says who can upgrade it.";
  return [{ rule: "constructor-missing", reason, line: program.line }];
}

interface Named {
  readonly name: string;
  readonly line: number;
  readonly what: string;
}

function nameViolations(program: Program): LimitViolation[] {
  const name = program.id.slice(0, -".aleo".length);
  const violations: LimitViolation[] = [];
  if (name.includes("aleo")) {
    const reason = `The program name ${name} holds the reserved word "aleo".`;
    violations.push({ rule: "name-reserved", reason, line: program.line });
  }
  const named: Named[] = [
    { name, line: program.line, what: "program" },
    ...program.components.flatMap(namesIn),
  ];
  return [
    ...violations,
    ...named
      .filter((entry) => restrictedKeywords.has(entry.name))
      .map(({ name, line, what }) => ({
        rule: "name-reserved",
        reason: `The ${what} ${name} has a reserved word as its name.`,
        line,
      })),
  ];
}

function namesIn(component: Component): Named[] {
  switch (component.kind) {
    case "constructor":
      return [];
    case "struct":
      return [named(component), ...component.members.map((member) => named(member, "member"))];
    case "record":
      return [named(component), ...component.entries.map((entry) => named(entry, "entry"))];
    case "function":
      return [
        named(component),
        ...(component.finalize?.statements ?? []).flatMap(({ opcode, position, line }) =>
          opcode === "position" && position !== undefined
            ? [{ name: position, line, what: "position" }]
            : [],
        ),
      ];
    default:
      return [named(component)];
  }
}

function named(part: { name: string; line: number; kind?: string }, what = part.kind ?? ""): Named {
  return { name: part.name, line: part.line, what };
}

/** `check_program_naming_structure`, since consensus version 7. */
function recordNameViolations(program: Program): LimitViolation[] {
  const records = [...componentsOf(program, "record").values()];
  const reserved = records
    .flatMap((record) => [named(record), ...record.entries.map((entry) => named(entry, "entry"))])
    .filter(({ name }) => name.includes("aleo"))
    .map(({ name, line, what }) => ({
      rule: "name-reserved",
      reason: `The ${what} ${name} holds the reserved word "aleo".`,
      line,
    }));
  const inOrder = records.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const prefixes = inOrder.flatMap(({ name, line }, index) => {
    const previous = inOrder[index - 1];
    if (previous === undefined || !name.startsWith(previous.name)) return [];
    const reason = `The name of record ${name} starts with that of record ${previous.name}.`;
    return [{ rule: "record-name-prefix", reason, line }];
  });
  return [...reserved, ...prefixes];
}

interface Placed<T> {
  readonly value: T;
  readonly line: number;
}

/** Programs that are named in types, calls, reads of mappings and facts such as `a.aleo/edition`. */
function importViolations(program: Program): LimitViolation[] {
  const known = new Set([program.id, ...program.imports.map(({ id }) => id)]);
  const used = [
    ...typesIn(program).map(({ value, line }) => ({ value: programOf(value), line })),
    ...statementsIn(program).flatMap(({ target, operands, line }) =>
      [target, ...operands.filter((operand) => /^[a-z0-9_]+\.aleo\//.test(operand))].map(
        (value) => ({ value, line }),
      ),
    ),
  ];
  const own = program.imports
    .filter(({ id }) => id === program.id)
    .map(({ line }) => ({
      rule: "import-of-itself",
      reason: `${program.id} imports itself.`,
      line,
    }));
  const missing = used.flatMap(({ value, line }) => {
    const id = value?.includes("/") === true ? value.slice(0, value.indexOf("/")) : undefined;
    if (id === undefined || known.has(id)) return [];
    return [
      {
        rule: "import-missing",
        reason: `${value ?? id} is used, but ${id} is not imported.`,
        line,
      },
    ];
  });
  return [...own, ...missing];
}

function programOf(type: ValueType | PlaintextType): string | undefined {
  if (type.kind === "external-record" || type.kind === "future") return type.text;
  const plaintext = plaintextOf(type);
  const base = plaintext && baseOf(plaintext);
  return base?.kind === "external-struct" ? base.text : undefined;
}

function plaintextOf(type: ValueType | PlaintextType): PlaintextType | undefined {
  if ("plaintext" in type) return type.plaintext;
  return type.kind === "literal" ||
    type.kind === "struct" ||
    type.kind === "external-struct" ||
    type.kind === "array"
    ? type
    : undefined;
}

function typesIn(program: Program): Placed<ValueType | PlaintextType>[] {
  return program.components.flatMap((component): Placed<ValueType | PlaintextType>[] => {
    switch (component.kind) {
      case "constructor":
        return [];
      case "mapping":
        return [component.key, component.value].map((value) => ({ value, line: component.line }));
      case "struct":
        return component.members.map(({ type, line }) => ({ value: type, line }));
      case "record":
        return component.entries.map(({ type, line }) => ({ value: type, line }));
      default: {
        const finalize = component.kind === "function" ? component.finalize : undefined;
        const ports = [...component.inputs, ...component.outputs, ...(finalize?.inputs ?? [])];
        return ports.map(({ type, line }) => ({ value: type, line }));
      }
    }
  });
}

function statementsIn(program: Program): Statement[] {
  return program.components.flatMap((component) => {
    if (!("statements" in component)) return [];
    const finalize = component.kind === "function" ? component.finalize : undefined;
    return [...component.statements, ...(finalize?.statements ?? [])];
  });
}

/** Since consensus version 15. */
function closureViolations(program: Program): LimitViolation[] {
  return [...componentsOf(program, "closure").values()].flatMap(({ name, outputs }) =>
    outputs
      .filter(({ type }) => type.kind.endsWith("record"))
      .map(({ line }) => ({
        rule: "closure-outputs-record",
        reason: `The closure ${name} outputs a record.`,
        line,
      })),
  );
}

/** `check_external_calls_to_credits_upgrade`. */
function callViolations(program: Program): LimitViolation[] {
  return [...componentsOf(program, "function").values()]
    .flatMap(({ statements }) => statements)
    .filter(({ opcode, target }) => opcode === "call" && target === "credits.aleo/upgrade")
    .map(({ line }) => ({
      rule: "call-restricted",
      reason: "credits.aleo/upgrade cannot be called by a program.",
      line,
    }));
}

/** `contains_string_type`, since consensus version 12; it does not look at what closures take. */
function stringViolations(program: Program): LimitViolation[] {
  const components = program.components.filter(({ kind }) => kind !== "closure");
  const types = typesIn({ ...program, components }).filter(({ value }) => {
    const plaintext = plaintextOf(value);
    const base = plaintext && baseOf(plaintext);
    return base?.kind === "literal" && base.text === "string";
  });
  const texts = statementsIn(program).filter(({ operands }) =>
    operands.some((operand) => operand.startsWith('"')),
  );
  return [...types, ...texts].map(({ line }) => ({
    rule: "string-type",
    reason: "The type string is not allowed any more.",
    line,
  }));
}
