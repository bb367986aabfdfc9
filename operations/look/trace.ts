import type { Statement } from "../../aleo/program/statements.ts";
import { componentsOf, type Program } from "../../aleo/program/program.ts";

/** What stands behind a statement of a finalize: all that its operands were computed from. */
export interface Trace {
  readonly statement: Statement;
  /** Mappings that were read for it, its own among them. */
  readonly mappings: ReadonlySet<string>;
  /** Opcodes on the way, its own among them. */
  readonly opcodes: ReadonlySet<string>;
  /** Members of structs that were looked at: `controller` of `r5.controller`. */
  readonly members: ReadonlySet<string>;
}

/**
 * Follows the registers of a statement back through its finalize.
 * @param line of the statement, in the source of the program
 * @returns undefined where no finalize of that function has a statement there
 */
export function traceOf(program: Program, functionName: string, line: number): Trace | undefined {
  const finalize = componentsOf(program, "function").get(functionName)?.finalize;
  const statements = finalize?.statements ?? [];
  const place = statements.findIndex((statement) => statement.line === line);
  const statement = statements[place];
  if (statement === undefined) return undefined;
  const mappings = new Set<string>();
  const opcodes = new Set<string>();
  const members = new Set<string>();
  const wanted = new Set<string>();
  const visit = ({ opcode, text, target, operands }: Statement) => {
    opcodes.add(opcode);
    const mapping = mappingOf(opcode, target, text);
    if (mapping !== undefined) mappings.add(mapping);
    for (const operand of operands) {
      const [register, member] = operand.split(".");
      if (/^r\d+/.test(operand)) wanted.add(registerOf(register ?? ""));
      if (/^r\d+/.test(operand) && member !== undefined) members.add(member);
    }
  };
  visit(statement);
  for (const before of statements.slice(0, place).toReversed()) {
    if (before.destinations.some((register) => wanted.has(registerOf(register)))) visit(before);
  }
  return { statement, mappings, opcodes, members };
}

const readers = new Set(["get", "get.or_use", "contains"]);

function mappingOf(opcode: string, target: string | undefined, text: string): string | undefined {
  if (!readers.has(opcode)) return undefined;
  return target ?? /^\S+ ([\w./]+)\[/.exec(text)?.[1];
}

/** Without what is taken out of it: `r2` of `r2[0u32]`. */
function registerOf(text: string): string {
  return /^r\d+/.exec(text)?.[0] ?? text;
}
