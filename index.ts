import * as pulumi from "@pulumi/pulumi";
import { AleoError } from "./aleo/errors.ts";
import { ContractSuite } from "./components/contract-suite.ts";
import { configNamespace } from "./config-namespace.ts";
import { compiledProgram } from "./contracts/compiled-program.ts";
import { settingsOf } from "./settings.ts";

const { settings, suite } = explained(() => {
  const config = new pulumi.Config(configNamespace);
  const settings = settingsOf(
    {
      get: (key) => config.get(key),
      keys: Object.keys(pulumi.runtime.allConfig()).flatMap((key) =>
        key.startsWith(`${configNamespace}:`) ? key.slice(configNamespace.length + 1) : [],
      ),
      file: `Pulumi.${pulumi.getStack()}.yaml`,
    },
    process.env,
  );
  const suite = new ContractSuite("contracts", {
    programs: settings.programs.map(({ program, paused }) => ({
      source: compiledProgram(program),
      paused,
    })),
  });
  return { settings, suite };
});

export const network = settings.network;
export const programs = suite.programs;

/** Pulumi shows a RunError as its message, and any other with a stack that helps nobody. */
function explained<Result>(declare: () => Result): Result {
  try {
    return declare();
  } catch (error) {
    throw error instanceof AleoError ? new pulumi.RunError(error.explain()) : error;
  }
}
