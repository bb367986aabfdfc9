import { parseProgram } from "../../aleo/program/parse.ts";
import type { Program } from "../../aleo/program/program.ts";

const known = new Map<string, Program>();

/**
 * As `parseProgram`; a text that this command has read before is not read again: several sections of a
 * report look at the same programs.
 */
export function parsedProgram(source: string): Program {
  const program = known.get(source) ?? parseProgram(source);
  known.set(source, program);
  return program;
}
