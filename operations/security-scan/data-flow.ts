import type { Function } from "../../aleo/program/program.ts";
import type { Statement } from "../../aleo/program/statements.ts";

/** Where a value comes from: `caller`, `input r0`, `mapping admin`, `fixed` for an address in the program's text. */
export type Sources = ReadonlySet<string>;

/** For each register, where its value comes from. What a register is made of counts, not how. */
export type Flow = (operand: string) => Sources;

export const caller = "caller";
const callers = ["self.caller", "self.signer"];
const asserts = new Set(["assert.eq", "assert.neq"]);
const none: Sources = new Set();

/** The flow in a function's body, and in its finalize, which gets what the body hands to `async`. */
export function flowOf(made: Function): { readonly body: Flow; readonly finalize: Flow } {
  const body = new Map<string, Sources>(
    made.inputs.map(({ operand }) => [operand, new Set([`input ${operand}`])]),
  );
  follow(made.statements, body);
  adoptCaller(made.statements, body);
  const handed = made.statements.find(({ opcode }) => opcode === "async")?.operands ?? [];
  const finalize = new Map<string, Sources>(
    made.finalize?.inputs.map(({ operand }, index) => [
      operand,
      sourcesIn(body, handed[index] ?? ""),
    ]) ?? [],
  );
  follow(made.finalize?.statements ?? [], finalize);
  return {
    body: (operand) => sourcesIn(body, operand),
    finalize: (operand) => sourcesIn(finalize, operand),
  };
}

/** Those of all the statement's operands. */
export function sourcesOf(flow: Flow, { operands }: Pick<Statement, "operands">): Sources {
  return new Set(operands.flatMap((operand) => [...flow(operand)]));
}

function sourcesIn(known: ReadonlyMap<string, Sources>, operand: string): Sources {
  if (callers.includes(operand)) return new Set([caller]);
  if (operand.startsWith("aleo1")) return new Set(["fixed"]);
  return known.get(/^r[0-9]+/.exec(operand)?.[0] ?? "") ?? none;
}

function follow(statements: readonly Statement[], known: Map<string, Sources>): void {
  for (const statement of statements) {
    const sources = new Set(sourcesOf((operand) => sourcesIn(known, operand), statement));
    if (statement.opcode.startsWith("get") && statement.target !== undefined) {
      sources.add(`mapping ${statement.target}`);
    }
    for (const register of statement.destinations) {
      known.set(register, new Set([...(known.get(register) ?? []), ...sources]));
    }
  }
}

/** An input that must be equal to the caller stands for the caller from then on. */
function adoptCaller(statements: readonly Statement[], known: Map<string, Sources>): void {
  for (const { opcode, operands } of statements) {
    if (!asserts.has(opcode) || opcode === "assert.neq") continue;
    const other = operands.find((operand) => !callers.includes(operand));
    if (operands.some((operand) => callers.includes(operand)) && other !== undefined) {
      known.set(other, new Set([...sourcesIn(known, other), caller]));
    }
  }
}

export function isAssert({ opcode }: Statement): boolean {
  return asserts.has(opcode);
}
