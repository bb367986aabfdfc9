import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { LocalError } from "../errors.ts";
import { LocalNetwork } from "../network/network.ts";
import { localBackendEnvironment, pulumiEnvironment } from "../pulumi-environment.ts";
import { ensurePulumi, type Pulumi } from "../tools/pulumi.ts";
import type { CommandContext } from "./context.ts";

/** A stack and the CLI set up for it. */
export interface Stack {
  readonly name: string;
  /** Runs the CLI with this terminal as its own, and gives back its exit code. */
  show(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<number>;
  /** As `show`, and gives back as well what the CLI prints, without colours. */
  copy(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Copied>;
  /**
   * Runs the CLI and gives back what it prints.
   * @throws LocalError with its words when it fails
   */
  read(args: readonly string[]): Promise<string>;
}

interface Copied {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

export const localStack = "local";

/**
 * The stack of that name. Stack `local` works against the local network that runs, others against
 * what their configuration and the user's environment name.
 *
 * @throws LocalError when the local network of stack `local` does not run, for a stack that has no
 * file, and where it is not said where its state is
 */
export async function openStack(name: string, context: CommandContext): Promise<Stack> {
  if (name !== localStack) refuseUnknown(name, context);
  const pulumi = await ensurePulumi(() => undefined, context.env);
  const env = await stackEnvironment(name, pulumi, context);
  const options = { cwd: context.project, env, extendEnv: false, reject: false } as const;
  const terminal = context.json ? 2 : "inherit";
  const run = (
    args: readonly string[],
    more: NodeJS.ProcessEnv | undefined,
    isCopied: boolean,
  ): Promise<Copied> =>
    withoutInterrupts(async () => {
      const { exitCode, signal, ...result } = await execa(pulumi.binary, args, {
        ...options,
        env: { ...env, ...more },
        stdin: "inherit",
        stdout: isCopied ? [terminal, "pipe"] : terminal,
        stderr: isCopied ? ["inherit", "pipe"] : "inherit",
      });
      const code = exitCode ?? (signal === "SIGINT" ? 130 : 1);
      return { code, output: text(result.stdout), errors: text(result.stderr) };
    });
  return {
    name,
    show: async (args, more) => (await run(args, more, false)).code,
    copy: (args, more) => run([...args, "--color", "never"], more, true),
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

function refuseUnknown(name: string, { project, env }: CommandContext): void {
  const known = readdirSync(project).flatMap(
    (file) => /^Pulumi\.([\w-]+)\.yaml$/.exec(file)?.[1] ?? [],
  );
  // Pulumi Cloud knows a stack by its organization as well: owner/testnet.
  const file = name.split("/").at(-1) ?? name;
  if (!known.includes(file)) {
    throw new LocalError(`There is no stack "${name}": the project holds no Pulumi.${file}.yaml.`, {
      remedy: `The stacks are: ${known.join(", ")}.`,
    });
  }
  const home = env.PULUMI_HOME ?? join(env.HOME ?? homedir(), ".pulumi");
  const isSaid =
    env.PULUMI_BACKEND_URL !== undefined ||
    env.PULUMI_ACCESS_TOKEN !== undefined ||
    existsSync(join(home, "credentials.json"));
  if (isSaid) return;
  throw new LocalError(`It is not said where Pulumi keeps the state of stack ${name}.`, {
    remedy: `Set PULUMI_BACKEND_URL to where it is, or PULUMI_ACCESS_TOKEN for Pulumi Cloud. Where there is none yet, \`make backend STACK=${name}\` makes one on AWS, and says what to set.`,
  });
}

/** What was piped; nothing of what went to the terminal alone. */
function text(stream: unknown): string {
  return typeof stream === "string" ? stream : "";
}

/** The environment in which the CLI and its plugins run a stack. */
export async function stackEnvironment(
  name: string,
  pulumi: Pulumi,
  { project, state, env }: CommandContext,
): Promise<NodeJS.ProcessEnv> {
  const common = pulumiEnvironment(pulumi, env);
  if (name !== localStack) return common;
  const network = new LocalNetwork(project);
  const { ALEO_NODE_URL, ALEO_PRIVATE_KEY } = env;
  const missing = network.declared.find(
    (part) =>
      part.environment() === undefined && !(part.title === "Ledger" && ALEO_NODE_URL !== undefined),
  );
  if (missing !== undefined) {
    throw new LocalError(`The network local is not up: its ${missing.title} does not run.`, {
      remedy: "Run `make up` first.",
    });
  }
  return {
    ...common,
    ...(await localBackendEnvironment(state)),
    ...network.environment(),
    ...(ALEO_NODE_URL !== undefined && { ALEO_NODE_URL }),
    ...(ALEO_PRIVATE_KEY !== undefined && { ALEO_PRIVATE_KEY }),
  };
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
