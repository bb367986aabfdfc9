import { AleoError } from "../../aleo/errors.ts";
import { redact } from "../../aleo/keys.ts";
import type { Environment } from "../../settings.ts";
import { runOnStack } from "../deploy/stack.ts";

class StackSecretError extends AleoError {}

/** The encrypted configuration of a stack, and its `up`. Values go through pipes, never into arguments. */
export interface StackSecrets {
  readonly stack: string;
  /** Undefined where it is not set. */
  get(key: string): Promise<string | undefined>;
  set(key: string, value: string): Promise<void>;
  remove(key: string): Promise<void>;
  /** Brings what runs to what the stack declares; with the stack's own key, not that of the environment. */
  up(show: (line: string) => void): Promise<void>;
}

/** By the Pulumi CLI, as `make pulumi` and `make up` run it. */
export function stackSecrets(
  stack: string,
  environment: Environment,
  directory?: string,
): StackSecrets {
  const own = Object.fromEntries(
    Object.entries(environment).filter(([name]) => name !== "ALEO_PRIVATE_KEY"),
  );
  const pulumi = (args: readonly string[], input?: string) =>
    runOnStack(["pulumi", "--stack", stack, "--", ...args, "--stack", stack], {
      environment: own,
      directory,
      ...(input === undefined ? {} : { input }),
    });
  const must = async (what: string, args: readonly string[], input?: string) => {
    const { code, output } = await pulumi(args, input);
    if (code !== 0) throw failed(what, stack, output);
  };
  return {
    stack,
    get: async (key) => {
      const { code, stdout, output } = await pulumi(["config", "get", key]);
      if (code === 0) return stdout.trim();
      if (output.includes("not found")) return undefined;
      throw failed(`Reading ${key}`, stack, output);
    },
    set: (key, value) => must(`Setting ${key}`, ["config", "set", "--secret", key], value),
    remove: (key) => must(`Removing ${key}`, ["config", "rm", key]),
    up: async (show) => {
      const { code, output } = await runOnStack(["up", "--stack", stack, "--yes"], {
        environment: own,
        directory,
        onLine: show,
      });
      if (code !== 0) throw failed("`up`", stack, output);
    },
  };
}

const shownLines = 15;

function failed(what: string, stack: string, output: string): StackSecretError {
  const last = output.trimEnd().split("\n").slice(-shownLines).join("\n  ");
  return new StackSecretError(`${what} of the stack ${stack} failed:\n  ${redact(last)}`, {
    remedy: "Put right what Pulumi names, then run again: it goes on here.",
  });
}
