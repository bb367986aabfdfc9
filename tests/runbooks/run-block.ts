import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import type { Block, Remark } from "../../operations/docs-check/markdown.ts";
import type { World } from "./world.ts";

/** Why a block can't be run here; undefined where it is run. */
export function reasonNotToRun({ remarks }: Block): string | undefined {
  return remarks.find(({ kind }) => kind === "not run")?.text;
}

/**
 * Runs a block as somebody would type it, in a shell that knows the variables of the blocks before, and
 * asserts what the page says: `expect` (a text, or a pattern between slashes, of one line of what is
 * printed) and `exit` (the code of the last command, 0 without it; every command before must succeed).
 * @param variables the file in which the shell's variables go from block to block
 */
export async function runBlock(world: World, block: Block, variables: string): Promise<void> {
  if (!existsSync(variables)) writeFileSync(variables, "");
  const script = [
    "set -a",
    `. '${variables}'`,
    `trap 'code=$?; set +e; declare -p | grep -E "^declare (--|-x) [A-Z]" > "${variables}"; exit $code' EXIT`,
    "set -eo pipefail",
    ...block.lines,
  ].join("\n");
  const { exitCode, all } = await execa("bash", ["-c", script], {
    ...{ cwd: world.directory, env: world.environment, extendEnv: false },
    ...{ all: true, reject: false, stdin: "ignore", timeout: 280_000 },
  });
  const shown = `${block.lines.join("\n")}\n--- ended with ${String(exitCode)}:\n${all}`;
  assert.equal(exitCode, Number(remarkOf(block, "exit") ?? 0), shown);
  const lines = all.split("\n");
  for (const { text } of block.remarks.filter(({ kind }) => kind === "expect")) {
    assert.ok(lines.some(matches(text)), `no line has ${text}:\n${shown}`);
  }
}

function remarkOf({ remarks }: Block, kind: Remark["kind"]): string | undefined {
  return remarks.find((remark) => remark.kind === kind)?.text;
}

function matches(text: string): (line: string) => boolean {
  const pattern = /^\/(.*)\/$/.exec(text)?.[1];
  if (pattern === undefined) return (line) => line.includes(text);
  const expression = new RegExp(pattern, "u");
  return (line) => expression.test(line);
}

/** The file of a runbook's variables. */
export function variablesFile(world: World, runbook: string): string {
  return join(world.directory, "..", `${runbook}.variables`);
}
