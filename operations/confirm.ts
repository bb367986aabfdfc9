import type { Command } from "commander";
import { createInterface } from "node:readline";
import { AleoError } from "../aleo/errors.ts";

/** Somebody was asked and did not say yes. */
class NotConfirmedError extends AleoError {}

/**
 * Asks on the terminal before something that can't be taken back. Where nobody can be asked the
 * command ends as wrong usage, unless `--yes` was given. Call it before any work.
 * @param what as in "Pause agent_registry_v3.aleo on mainnet"
 * @throws NotConfirmedError for another answer than yes, and for Ctrl-C
 */
export async function confirm(
  command: Command,
  { yes }: { readonly yes?: true },
  what: string,
): Promise<void> {
  if (yes === true) return;
  if (!process.stdin.isTTY) {
    command.error("error: nobody can be asked here: there is no terminal. Give --yes to do it.");
  }
  const answer = await ask(`${what}? [y/N] `);
  if (/^y(es)?$/i.test(answer.trim())) return;
  throw new NotConfirmedError("Nothing was done.", {
    remedy: "Run it again and answer with y, or give --yes.",
  });
}

/** The line that a person types; empty where they end the input or press Ctrl-C. */
export function ask(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  return new Promise((resolve) => {
    const end = (answer: string) => {
      terminal.close();
      resolve(answer);
    };
    terminal.once("SIGINT", () => {
      process.stderr.write("\n");
      end("");
    });
    terminal.once("close", () => {
      resolve("");
    });
    terminal.question(question, end);
  });
}
