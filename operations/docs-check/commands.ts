import type { Command } from "commander";
import { operation, type Options, report } from "../command-line.ts";
import { exitCode } from "../exit-code.ts";

/** `docs check`. */
export function addDocsCommands(parent: Command): void {
  const docs = parent.command("docs").description("look after the runbooks and the other pages");
  operation(
    docs,
    "check",
    "check commands, links, headings and review dates of the runbooks and pages; exit code 3 where something is wrong",
    "docs check",
  ).action(async (options: Options) => {
    const { commandTree } = await import("./command-tree.ts");
    const { checkDocs } = await import("./check.ts");
    const { docsCheckText } = await import("./text.ts");
    const check = await checkDocs(process.cwd(), commandTree(parent), new Date());
    report(options, {
      document: check,
      text: docsCheckText(check),
      code: check.problems.length > 0 ? exitCode.verificationFailed : exitCode.ok,
    });
  });
}
