import { componentsOf, constructorOf } from "../program/program.ts";
import { parseProgram } from "../program/parse.ts";
import { splitTarget } from "./types.ts";

/**
 * The programs whose mappings a program's finalizes, views and constructor read, without itself and
 * credits.aleo, of which a replay watches accounts only. What a `get.dynamic` reads is not known before.
 */
export function programsRead(source: string): readonly string[] {
  const program = parseProgram(source);
  const statements = [
    ...[...componentsOf(program, "function").values()].flatMap(
      ({ finalize }) => finalize?.statements ?? [],
    ),
    ...[...componentsOf(program, "view").values()].flatMap((view) => view.statements),
    ...(constructorOf(program)?.statements ?? []),
  ];
  const read = statements.flatMap(({ opcode, target }) => {
    const isRead = opcode === "get" || opcode === "get.or_use" || opcode === "contains";
    const other = isRead && target !== undefined ? splitTarget(target)[0] : undefined;
    return other === undefined || other === program.id || other === "credits.aleo" ? [] : [other];
  });
  return [...new Set(read)];
}
