import type { Statement } from "../program/statements.ts";
import type { Code, Load } from "./code.ts";
import { halt } from "./halt.ts";
import { operandOf } from "./operands.ts";
import { stepOf } from "./steps.ts";
import { registerIndex } from "./types.ts";

/** Makes code of the statements of a finalize, a constructor or a view, once for all its runs. */
export function compile(
  name: string,
  inputs: readonly string[],
  statements: readonly Statement[],
  outputs: readonly string[],
): Code {
  const positions = new Map(
    statements.flatMap(({ opcode, position }, index) =>
      opcode === "position" && position !== undefined ? [[position, index] as const] : [],
    ),
  );
  const references = new Set<string>();
  const load = (operand: string): Load => {
    const { load: found, reference } = operandOf(operand);
    if (reference !== undefined) references.add(reference);
    return found;
  };
  const compiled = statements.map((source, index) => {
    const operands = source.operands.map(load);
    const other = otherProgram(source);
    if (other !== undefined) references.add(other);
    const target = (position: string): number => {
      const found = positions.get(position) ?? -1;
      return found > index ? found : halt(`there is no position ${position} behind it`);
    };
    return { source, operands, step: stepOf(source, operands, target) };
  });
  return {
    name,
    inputs: inputs.map(registerIndex),
    statements: compiled,
    outputs: outputs.map(load),
    references: [...references],
  };
}

/** The program of which a statement needs more than a mapping: a struct or a view. */
function otherProgram({ opcode, target, type }: Statement): string | undefined {
  const named = opcode === "call" ? target : type;
  return named === undefined ? undefined : /([a-z0-9_]+\.aleo)\//.exec(named)?.[1];
}
