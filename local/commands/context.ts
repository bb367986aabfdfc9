import { existsSync } from "node:fs";
import { join } from "node:path";
import { LocalError } from "../errors.ts";
import { type LocalState, localState } from "../paths.ts";

/** What a command works on, and how it speaks. */
export interface CommandContext {
  readonly project: string;
  readonly state: LocalState;
  readonly env: NodeJS.ProcessEnv;
  /** Standard output carries one JSON document and nothing else. */
  readonly json: boolean;
}

/** @throws LocalError when the directory holds no Pulumi project */
export function contextOf(project: string, env: NodeJS.ProcessEnv, json: boolean): CommandContext {
  if (!existsSync(join(project, "Pulumi.yaml"))) {
    throw new LocalError(`${project} holds no Pulumi.yaml.`, {
      remedy: "Run this in the directory of the project.",
    });
  }
  return { project, state: localState(project), env, json };
}

/** A line for a person: on standard output, or beside it where that carries JSON. */
export function say(context: CommandContext, line: string): void {
  (context.json ? process.stderr : process.stdout).write(`${line}\n`);
}

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
}
