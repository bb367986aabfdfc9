import { AleoError } from "../errors.ts";
import { bounds, keywords } from "./constants.ts";

export class ProgramIdError extends AleoError {}

/**
 * The name in a program id such as `token.aleo`.
 * Source: snarkVM console/program/src/id/mod.rs, and synthesizer/program/src/lib.rs (`new`).
 * @throws ProgramIdError saying what is wrong with it
 */
export function programName(id: string): string {
  const problem = programIdProblem(id);
  if (problem !== undefined) {
    throw new ProgramIdError(`${JSON.stringify(id)} is no program id: ${problem}.`, {
      remedy: "Give an id such as token.aleo.",
    });
  }
  return id.slice(0, -".aleo".length);
}

function programIdProblem(id: string): string | undefined {
  if (!id.endsWith(".aleo")) return "it does not end in .aleo";
  const name = id.slice(0, -".aleo".length);
  if (!/^[a-z]/.test(name)) return "its name does not start with a lower-case letter";
  if (!/^[a-z0-9_]+$/.test(name)) return "its name has other than a-z, 0-9 and _";
  if (name.length > bounds.nameBytes) {
    return `its name has ${name.length} characters, at most ${bounds.nameBytes} are allowed`;
  }
  if (keywords.has(name)) return `${name} is a reserved word`;
  return undefined;
}

/**
 * The candidate that differs least from an id that may be misspelt; undefined where none is near.
 */
export function nearest(id: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Math.max(2, Math.floor(id.length / 5)) + 1;
  for (const candidate of candidates) {
    const changes = editDistance(id, candidate);
    if (changes < least) {
      least = changes;
      best = candidate;
    }
  }
  return best;
}

/** Characters to add, drop or replace (Levenshtein). */
function editDistance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const replaced = (previous[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[to.length] ?? 0;
}
