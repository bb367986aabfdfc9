import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Environment } from "../../settings.ts";

export interface StackRun {
  readonly code: number;
  readonly stdout: string;
  /** Both streams, as they came. */
  readonly output: string;
}

export interface StackRunOptions {
  /** Given to the command's standard input, which ends after it: where secrets go. */
  readonly input?: string;
  readonly environment: Environment;
  /** The project; this directory where it is left out. */
  readonly directory?: string | undefined;
  /** Each line as it comes. */
  readonly onLine?: (line: string) => void;
}

const cli = join(import.meta.dirname, "..", "..", "local", "cli.ts");

/**
 * Runs what the Makefile runs for a stack (`local/cli.ts`), without a terminal. It is a process of its own: operations need nothing of Pulumi.
 */
export function runOnStack(
  args: readonly string[],
  { input = "", environment, directory, onLine = () => undefined }: StackRunOptions,
): Promise<StackRun> {
  const child = spawn(process.execPath, [cli, ...args], {
    cwd: directory,
    env: { ...environment, NO_COLOR: "1" },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let stdout = "";
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => {
      output += `${line}\n`;
      onLine(line);
    });
  }
  // A command that reads nothing may have ended before all is written.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      resolve({ code: code ?? 1, stdout, output });
    });
  });
}
