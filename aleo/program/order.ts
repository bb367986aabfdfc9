import { AleoError } from "../errors.ts";
import { nearest } from "./id.ts";
import type { Program } from "./program.ts";

/** Programs that import one another in a circle; `cycle` starts and ends with the same id. */
export class ImportCycleError extends AleoError {
  readonly cycle: readonly string[];

  constructor(cycle: readonly string[]) {
    super(`These programs import one another in a circle: ${cycle.join(" → ")}.`, {
      remedy: "Move what they share into a program that both import.",
    });
    this.cycle = cycle;
  }
}

/** An import that is neither declared beside its importer nor deployed. */
export class MissingImportError extends AleoError {
  readonly importer: string;
  readonly missing: string;
  readonly line: number;

  constructor(importer: string, missing: string, line: number, meant: string | undefined) {
    super(
      `${importer} imports ${missing} (line ${line}), which is neither declared nor deployed.`,
      {
        remedy:
          meant === undefined
            ? `Declare ${missing} too, or deploy it first.`
            : `Did you mean ${meant}? Otherwise declare ${missing} too, or deploy it first.`,
      },
    );
    this.importer = importer;
    this.missing = missing;
    this.line = line;
  }
}

/** One program id declared twice. */
export class DuplicateProgramError extends AleoError {
  readonly program: string;

  constructor(program: string) {
    super(`${program} is declared twice.`, { remedy: "Declare each program once." });
    this.program = program;
  }
}

/**
 * The programs in an order in which each comes after those that it imports, and otherwise as given.
 * @param isDeployed whether an import that is not among `programs` is on the chain already
 * @throws DuplicateProgramError, MissingImportError, ImportCycleError
 */
export function deploymentOrder<Declared extends Program>(
  programs: readonly Declared[],
  isDeployed: (id: string) => boolean = () => false,
): Declared[] {
  const declared = new Map<string, Declared>();
  for (const program of programs) {
    if (declared.has(program.id)) throw new DuplicateProgramError(program.id);
    declared.set(program.id, program);
  }
  const done = new Set<string>();
  const order: Declared[] = [];
  const visit = (program: Declared, path: readonly string[]): void => {
    if (done.has(program.id)) return;
    if (path.includes(program.id)) {
      throw new ImportCycleError([...path.slice(path.indexOf(program.id)), program.id]);
    }
    for (const { id, line } of program.imports) {
      const imported = declared.get(id);
      if (imported !== undefined) visit(imported, [...path, program.id]);
      else if (id !== "credits.aleo" && !isDeployed(id)) {
        const meant = nearest(id, [...declared.keys(), "credits.aleo"]);
        throw new MissingImportError(program.id, id, line, meant);
      }
    }
    done.add(program.id);
    order.push(program);
  };
  for (const program of programs) visit(program, []);
  return order;
}
