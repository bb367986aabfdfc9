import { parseProgram } from "../../aleo/program/parse.ts";
import type { Program } from "../../aleo/program/program.ts";
import type { Imports } from "../../aleo/transaction/builder.ts";
import type { Context } from "./context.ts";

/**
 * Sources and editions of all that a program imports, directly and through others, each after what
 * it imports itself. A declared source stands in for one that is not deployed yet. `credits.aleo`
 * is part of every process.
 */
export async function importsOf(
  run: Pick<Context, "node" | "declared">,
  program: Program,
): Promise<Imports> {
  const found: Record<string, { source: string; edition: number }> = {};
  const visit = async ({ imports }: Program): Promise<void> => {
    for (const { id } of imports) {
      if (id === "credits.aleo" || id in found) continue;
      const deployed = await run.node.program(id);
      const source = deployed?.source ?? run.declared.get(id);
      if (source === undefined) continue;
      await visit(parseProgram(source));
      found[id] = { source, edition: deployed?.edition ?? 0 };
    }
  };
  await visit(program);
  return found;
}
