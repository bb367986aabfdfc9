import { readdirSync, readFileSync } from "node:fs";
import { AleoError } from "../aleo/errors.ts";
import { fileError } from "../aleo/file-error.ts";
import { isMissing } from "../aleo/files.ts";
import { nearest } from "../aleo/program/id.ts";

/** The project has no such program. */
export class UnknownProgramError extends AleoError {}

/**
 * The compiled text of one of this project's programs, by id: `contracts/x/x.aleo` for `x.aleo`.
 * @throws UnknownProgramError naming the programs that are there
 * @throws FileError where it is there and can't be read
 */
export function compiledProgram(id: string): string {
  const name = id.replace(/\.aleo$/, "");
  try {
    return readFileSync(new URL(`./${name}/${id}`, import.meta.url), "utf8");
  } catch (cause) {
    if (!isMissing(cause)) throw fileError(cause) ?? cause;
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
