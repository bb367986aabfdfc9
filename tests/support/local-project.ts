import { join } from "node:path";
import { execa } from "execa";
import { projectDirectory } from "../../local/paths.ts";
import { freePort } from "../../local/ports.ts";
import { createProjectDirectory } from "./project-directory.ts";
import type { CommandResult } from "./pulumi-project.ts";

/** A project of its own on which the commands of local/ are run as the Makefile runs them. */
export interface LocalProject {
  readonly directory: string;
  readonly port: number;
  write(program: string): void;
  /** Runs `local/cli.ts` in the project. */
  run(...args: string[]): Promise<CommandResult>;
  /** Stops what runs and deletes the project. */
  dispose(): Promise<void>;
}

const cli = join(projectDirectory, "local", "cli.ts");
export async function createLocalProject(
  program: string,
  env: NodeJS.ProcessEnv = {},
): Promise<LocalProject> {
  const { path: directory, write, remove } = createProjectDirectory("local", program);
  const port = await freePort();
  const run = async (...args: string[]): Promise<CommandResult> => {
    const { exitCode, stdout, stderr } = await execa(process.execPath, [cli, ...args], {
      cwd: directory,
      env: { NO_COLOR: "1", ...env },
      stdin: "ignore",
      reject: false,
    });
    return { code: exitCode ?? -1, stdout, stderr };
  };
  return {
    directory,
    port,
    write,
    run,
    dispose: async () => {
      await run("down");
      remove();
    },
  };
}
