import type { Command } from "commander";
import { act, operation, type Options } from "../command-line.ts";
import { confirm } from "../confirm.ts";
import { withProgress } from "../progress.ts";

interface PauseOptions extends Options {
  readonly all?: true;
  readonly yes?: true;
}

/** `pause` and `unpause`. */
export function addPauseCommands(parent: Command): void {
  add(parent, true, "stop a program's functions at once");
  add(parent, false, "let a paused program run again");
}

function add(parent: Command, paused: boolean, description: string): void {
  const name = paused ? "pause" : "unpause";
  const command = operation(
    parent,
    `${name} [program]`,
    `${description}; needs the admin's ALEO_PRIVATE_KEY, and nothing of Pulumi`,
    `${name} agent_registry_v3.aleo --network mainnet`,
  )
    .option("--all", "every program that the stack declares")
    .option("--yes", "do not ask")
    .action(async (program: string | undefined, options: PauseOptions) => {
      if ((program === undefined) === (options.all === undefined)) {
        command.error("error: name one program, or take --all of them");
      }
      const which = program ?? "every declared program";
      await confirm(
        command,
        options,
        `${paused ? "Pause" : "Unpause"} ${which} on ${options.network}`,
      );
      await act(options, async (settings, node) => {
        const { codeOf, pausePrograms, pauseText } = await import("./pause.ts");
        const { operatingAccount } = await import("../account.ts");
        const account = operatingAccount(settings, node, process.env, `the ${name}`);
        const programs =
          program === undefined ? settings.programs.map((declared) => declared.program) : [program];
        const reports = await withProgress((show) =>
          pausePrograms(account, programs, paused, show),
        );
        return {
          document: reports,
          text: pauseText(reports, paused, settings.network),
          code: codeOf(reports),
        };
      });
    });
}
