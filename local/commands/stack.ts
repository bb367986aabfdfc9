import { execa } from "execa";
import { detachedDevnodeUrl } from "../devnode.ts";
import { LocalError } from "../errors.ts";
import { localStackEnvironment, pulumiEnvironment } from "../pulumi-environment.ts";
import { ensurePulumi } from "../tools/pulumi.ts";
import type { CommandContext } from "./context.ts";

/** A stack and the CLI set up for it. */
export interface Stack {
  readonly name: string;
  /** Runs the CLI with this terminal as its own, and gives back its exit code. */
  show(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<number>;
  /**
   * Runs the CLI and gives back what it prints.
   * @throws LocalError with its words when it fails
   */
  read(args: readonly string[]): Promise<string>;
}

export const localStack = "local";

/**
 * The stack of that name. Stack `local` works against the devnode that runs, others against what
 * their configuration and the user's environment name.
 *
 * @throws LocalError when the devnode of stack `local` does not run
 */
export async function openStack(name: string, context: CommandContext): Promise<Stack> {
  const pulumi = await ensurePulumi(() => undefined, context.env);
  const env = {
    ...pulumiEnvironment(pulumi, context.env),
    ...(name === localStack && (await localEnvironment(context))),
  };
  const options = { cwd: context.project, env, extendEnv: false, reject: false } as const;
  return {
    name,
    show: (args, more) =>
      withoutInterrupts(async () => {
        const { exitCode, signal } = await execa(pulumi.binary, args, {
          ...options,
          env: { ...env, ...more },
          stdin: "inherit",
          stdout: context.json ? 2 : "inherit",
          stderr: "inherit",
        });
        return exitCode ?? (signal === "SIGINT" ? 130 : 1);
      }),
    read: async (args) => {
      const all = [...args, "--non-interactive", "--color", "never"];
      const { exitCode, stdout, stderr } = await execa(pulumi.binary, all, {
        ...options,
        stdin: "ignore",
      });
      if (exitCode !== 0) {
        throw new LocalError(`pulumi ${args.join(" ")} failed: ${stderr || stdout}`, {
          remedy: "See what Pulumi says above.",
        });
      }
      return stdout;
    },
  };
}

async function localEnvironment(context: CommandContext): Promise<NodeJS.ProcessEnv> {
  const url = detachedDevnodeUrl(context.state.devnodeRecord);
  if (url === undefined && context.env.ALEO_NODE_URL === undefined) {
    throw new LocalError("The network local is not up: its devnode does not run.", {
      remedy: "Run `make up` first.",
    });
  }
  return localStackEnvironment(context.state, url ?? "", context.env);
}

/** An interrupt goes to the CLI as well, which ends its update in good order: wait for that. */
async function withoutInterrupts<T>(work: () => Promise<T>): Promise<T> {
  const ignore = () => undefined;
  process.on("SIGINT", ignore);
  try {
    return await work();
  } finally {
    process.removeListener("SIGINT", ignore);
  }
}
