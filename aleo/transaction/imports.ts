import type { NodeClient } from "../node/client.ts";
import { parseProgram } from "../program/parse.ts";
import type { Program } from "../program/program.ts";
import type { Imports } from "./builder.ts";

type Imported = Imports[string];

/**
 * Sources and editions of all that a program imports, directly and through others, each after what
 * it imports itself, as they stand on chain. `credits.aleo` is part of every process.
 */
export function deployedImports(node: NodeClient, program: Program): Promise<Imports> {
  return importsOf(program, (id) => node.program(id));
}

/** As `deployedImports`, with each program as `find` knows it; what it does not know is left out. */
export async function importsOf(
  program: Program,
  find: (id: string) => Promise<Imported | undefined>,
): Promise<Imports> {
  const found: Record<string, Imported> = {};
  const visit = async ({ imports }: Program): Promise<void> => {
    for (const { id } of imports) {
      if (id === "credits.aleo" || id in found) continue;
      const imported = await find(id);
      if (imported === undefined) continue;
      await visit(parseProgram(imported.source));
      found[id] = { source: imported.source, edition: imported.edition };
    }
  };
  await visit(program);
  return found;
}
