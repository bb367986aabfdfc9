import type { Command } from "commander";
import { look, operation, type Options } from "../command-line.ts";
import { exitCode } from "../exit-code.ts";

/** `dependencies`. */
export function addDependenciesCommand(parent: Command): void {
  operation(
    parent,
    "dependencies",
    "show packages that are behind or vulnerable, Leo and SDK against the network; exit code 3 where something must be done",
    "dependencies --network mainnet",
  ).action((options: Options) =>
    look(options, async (settings, node) => {
      const { dependencies, dependenciesText, needsAction } = await import("./dependencies.ts");
      const found = await dependencies(process.cwd(), settings, node);
      return {
        document: found,
        text: dependenciesText(found),
        code: needsAction(found) ? exitCode.verificationFailed : exitCode.ok,
      };
    }),
  );
}
