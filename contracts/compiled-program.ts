import { readdirSync, readFileSync } from "node:fs";
import { AleoError } from "../aleo/errors.ts";
import { nearest } from "../aleo/program/id.ts";

class UnknownProgramError extends AleoError {}

/**
 * The compiled text of one of this project's programs, by id: `contracts/x/x.aleo` for `x.aleo`.
 * @throws UnknownProgramError naming the programs that are there
 */
export function compiledProgram(id: string): string {
  const name = id.replace(/\.aleo$/, "");
  try {
    return readFileSync(new URL(`./${name}/${id}`, import.meta.url), "utf8");
  } catch (cause) {
    const known = readdirSync(import.meta.dirname, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => `${entry.name}.aleo`);
    const meant = nearest(id, known);
    throw new UnknownProgramError(`There is no compiled program contracts/${name}/${id}.`, {
      remedy: `${meant === undefined ? "" : `Did you mean ${meant}? `}The programs are: ${known.join(", ")}.`,
      cause,
    });
  }
}
