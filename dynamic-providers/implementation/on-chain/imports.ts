import { programChecksum } from "../../../aleo/program/checksum.ts";
import { parseProgram } from "../../../aleo/program/parse.ts";
import type { Program } from "../../../aleo/program/program.ts";
import type { Imports } from "../../../aleo/transaction/builder.ts";
import { importsOf } from "../../../aleo/transaction/imports.ts";
import type { Context } from "./context.ts";

/** What a program imports, as it will stand once what the stack declares is deployed. */
export function plannedImports(
  { node, declared }: Pick<Context, "node" | "declared">,
  program: Program,
): Promise<Imports> {
  return importsOf(program, async (id) => {
    const deployed = await node.program(id);
    const source = declared.get(id);
    if (source === undefined) return deployed;
    if (deployed === undefined) return { source, edition: 0 };
    return isSameProgram(source, deployed.source)
      ? deployed
      : { source, edition: deployed.edition + 1 };
  });
}

function isSameProgram(a: string, b: string): boolean {
  return programChecksum(parseProgram(a)) === programChecksum(parseProgram(b));
}
