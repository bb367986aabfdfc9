import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { pulumiEnvironment } from "../../local/pulumi-environment.ts";
import { ensurePulumi } from "../../local/tools/pulumi.ts";
import { killTree } from "./process-tree.ts";
import { createProjectDirectory } from "./project-directory.ts";

export interface PulumiProjectOptions {
  /** The text of index.ts. */
  readonly program: string;
  /** The stack's configuration; a key without a namespace belongs to the project. */
  readonly config?: Readonly<Record<string, string>>;
  readonly env?: NodeJS.ProcessEnv;
}

export interface CommandResult {
  /** The exit code; -1 when a signal ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface RunningCommand {
  readonly pid: number;
  readonly result: Promise<CommandResult>;
  /** SIGKILL to the CLI and to its plugins, which have process groups of their own. */
  killTree(): void;
}

export interface PulumiProject {
  readonly directory: string;
  readonly stack: string;
  /** Replaces index.ts. */
  write(program: string): void;
  /** Runs the CLI in the project; the stack is selected. */
  pulumi(args: readonly string[], options?: { env?: NodeJS.ProcessEnv }): Promise<CommandResult>;
  /** `up --yes`, without a preview first. */
  up(options?: { env?: NodeJS.ProcessEnv }): Promise<CommandResult>;
  /** `preview --diff`. */
  preview(options?: { env?: NodeJS.ProcessEnv }): Promise<CommandResult>;
  /** The drift run: exit code 7 for drift. */
  refreshCheck(options?: { env?: NodeJS.ProcessEnv }): Promise<CommandResult>;
  outputs(): Promise<Record<string, unknown>>;
  exportState(): Promise<PulumiState>;
  /** Starts the CLI without waiting for it, to be killed. */
  spawn(args: readonly string[], options?: { env?: NodeJS.ProcessEnv }): RunningCommand;
  dispose(): void;
}

interface PulumiState {
  readonly deployment: {
    readonly resources?: readonly {
      readonly urn: string;
      readonly type: string;
      readonly id?: string;
      readonly inputs?: Readonly<Record<string, unknown>>;
      readonly outputs?: Readonly<Record<string, unknown>>;
    }[];
    readonly pending_operations?: readonly unknown[];
  };
}

const stack = "local";

/**
 * A Pulumi project in a temporary directory with a backend of its own, in which everything else of
 * this repository is found where it is here.
 */
export async function createPulumiProject(options: PulumiProjectOptions): Promise<PulumiProject> {
  const { path: directory, write, remove } = createProjectDirectory("project", options.program);
  for (const folder of ["backend", "home"])
    mkdirSync(join(directory, ".pulumi-test", folder), { recursive: true });

  const pulumi = await ensurePulumi(() => undefined);
  const base: NodeJS.ProcessEnv = {
    ...pulumiEnvironment(pulumi),
    // With metadata the backend writes a second file in place beside each: a run that is killed
    // meanwhile leaves it empty, and the state can't be read any more.
    PULUMI_BACKEND_URL: `file://${join(directory, ".pulumi-test", "backend")}?metadata=skip`,
    PULUMI_HOME: join(directory, ".pulumi-test", "home"),
    PULUMI_CONFIG_PASSPHRASE: "test",
    ...options.env,
  };
  const spawn = (args: readonly string[], env?: NodeJS.ProcessEnv): RunningCommand => {
    const child = execa(pulumi.binary, [...args, "--non-interactive", "--color", "never"], {
      cwd: directory,
      env: { ...base, ...env },
      extendEnv: false,
      stdin: "ignore",
      reject: false,
    });
    const { pid } = child;
    if (pid === undefined) throw new Error(`${pulumi.binary} could not be started`);
    return {
      pid,
      result: child.then(({ exitCode, stdout, stderr }) => ({
        code: exitCode ?? -1,
        stdout,
        stderr,
      })),
      killTree: () => {
        killTree(pid);
      },
    };
  };
  const run = (args: readonly string[], env?: NodeJS.ProcessEnv): Promise<CommandResult> =>
    spawn(args, env).result;
  const must = async (args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await run(args);
    if (code !== 0)
      throw new Error(`pulumi ${args.join(" ")} ended with ${code}:\n${stdout}${stderr}`);
    return stdout;
  };

  try {
    await must(["stack", "init", stack]);
    const config = Object.entries(options.config ?? {}).flatMap(([key, value]) => [
      "--plaintext",
      `${key}=${value}`,
    ]);
    if (config.length > 0) await must(["config", "set-all", ...config, "--stack", stack]);
  } catch (error) {
    remove();
    throw error;
  }

  return {
    directory,
    stack,
    write,
    pulumi: (args, { env } = {}) => run(args, env),
    up: ({ env } = {}) => run(["up", "--yes", "--skip-preview", "--stack", stack], env),
    preview: ({ env } = {}) => run(["preview", "--diff", "--stack", stack], env),
    refreshCheck: ({ env } = {}) =>
      run(["refresh", "--preview-only", "--expect-no-changes", "--stack", stack], env),
    outputs: async () =>
      JSON.parse(
        await must(["stack", "output", "--json", "--show-secrets", "--stack", stack]),
      ) as Record<string, unknown>,
    exportState: async () =>
      JSON.parse(await must(["stack", "export", "--stack", stack])) as PulumiState,
    spawn: (args, { env } = {}) => spawn(args, env),
    dispose: remove,
  };
}
