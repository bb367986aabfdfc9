import { programChecksum } from "../../../aleo/program/checksum.ts";
import { parseProgram } from "../../../aleo/program/parse.ts";
import type { Program } from "../../../aleo/program/program.ts";
import type { Imports } from "../../../aleo/transaction/builder.ts";
import type { Context } from "./context.ts";

type Run = Pick<Context, "node" | "declared">;
type Imported = Imports[string];

/**
 * Sources and editions of all that a program imports, directly and through others, each after what
 * it imports itself, as they stand on chain. `credits.aleo` is part of every process.
 */
export function deployedImports({ node }: Run, program: Program): Promise<Imports> {
  return collect(program, (id) => node.program(id));
}

/** As `deployedImports`, but as they will stand once what the stack declares is deployed. */
export function plannedImports({ node, declared }: Run, program: Program): Promise<Imports> {
  return collect(program, async (id) => {
    const deployed = await node.program(id);
    const source = declared.get(id);
    if (source === undefined) return deployed;
    if (deployed === undefined) return { source, edition: 0 };
    return isSameProgram(source, deployed.source)
      ? deployed
      : { source, edition: deployed.edition + 1 };
  });
}

async function collect(
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

function isSameProgram(a: string, b: string): boolean {
  return programChecksum(parseProgram(a)) === programChecksum(parseProgram(b));
}
