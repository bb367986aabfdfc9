import { readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { projectDirectory } from "../../local/paths.ts";
import { freePort } from "../../local/ports.ts";
import type { CommandResult } from "./pulumi-project.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

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
const notShared = /^(\.|Pulumi\.|package(-lock)?\.json$|index\.ts$|tests$|coverage$|Makefile$)/;

export async function createLocalProject(
  program: string,
  env: NodeJS.ProcessEnv = {},
): Promise<LocalProject> {
  const temporary = temporaryDirectory("local");
  const directory = temporary.path;
  const port = await freePort();
  const write = (text: string) => {
    writeFileSync(join(directory, "index.ts"), text);
  };
  for (const name of readdirSync(projectDirectory).filter((entry) => !notShared.test(entry))) {
    symlinkSync(join(projectDirectory, name), join(directory, name));
  }
  writeFileSync(
    join(directory, "Pulumi.yaml"),
    "name: aleo-ops\nmain: index.ts\nruntime:\n  name: nodejs\n  options:\n    typescript: false\n",
  );
  writeFileSync(join(directory, "package.json"), '{ "type": "module" }\n');
  write(program);
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
      temporary.remove();
    },
  };
}
