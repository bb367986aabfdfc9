import { realpath, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { readIfThere, writeWhole } from "../../aleo/files.ts";
import type { NodeClient } from "../../aleo/node/client.ts";
import { nearest } from "../../aleo/program/id.ts";
import { RuleFileError } from "../../monitor/errors.ts";
import {
  emptyRuleFile,
  type Thresholds,
  withProgram,
  withThresholds,
} from "../../monitor/rule/edit.ts";
import { type Environment, monitorSettings } from "../../monitor/settings.ts";
import type { Settings } from "../../settings.ts";
import type { Answer } from "../command-line.ts";
import { textDiff } from "../text-diff.ts";
import { AlertError } from "./alerts.ts";

type Stack = Pick<Settings, "network" | "programs">;

/**
 * Has a program watched, by rules with these thresholds. A monitor that runs takes it over at its
 * next poll.
 * @throws AlertError for a program that is not on chain, or values that are not allowed; then
 * nothing is written
 */
export function setUpAlerts(
  stack: Stack,
  environment: Environment,
  node: NodeClient,
  program: string,
  thresholds: Thresholds,
): Promise<Answer> {
  return change(stack, environment, node, program, (text, file, known) =>
    withThresholds(text, file, program, known, thresholds),
  );
}

/**
 * Has one more program watched, and by those rules that name another version of it.
 * @throws AlertError as `setUpAlerts` does
 */
export function addContract(
  stack: Stack,
  environment: Environment,
  node: NodeClient,
  program: string,
): Promise<Answer> {
  return change(stack, environment, node, program, (text, file, known) =>
    withProgram(text, file, program, known),
  );
}

async function change(
  { network, programs }: Stack,
  environment: Environment,
  node: NodeClient,
  program: string,
  edit: (text: string, file: string, known: readonly string[]) => string,
): Promise<Answer> {
  const known = programs.map((one) => one.program);
  await requireOnChain(node, program, known);
  const { rulesFile: file } = monitorSettings(network, environment);
  const before = await textOf(file);
  const after = edited(() => edit(before ?? emptyRuleFile(network), file, known));
  const isChanged = after !== before;
  if (isChanged) await write(file, before, after);
  const changes = textDiff(before ?? "", after, file);
  return {
    document: { file, program, changed: isChanged, diff: changes },
    text: isChanged
      ? `${changes}\n\n${file} is written. A monitor that reads it goes by it from its next poll on; in the cluster, from the next \`pulumi up\` on.`
      : `${file}: ${program} is watched so already, nothing is changed.`,
  };
}

async function requireOnChain(
  node: NodeClient,
  program: string,
  known: readonly string[],
): Promise<void> {
  if ((await node.programEdition(program)) !== undefined) return;
  const meant = nearest(
    program,
    known.filter((id) => id !== program),
  );
  throw new AlertError(`There is no program ${program} on ${node.network}. Nothing is written.`, {
    remedy: `${meant === undefined ? "" : `Did you mean ${meant}? `}Deploy it first, or check its name.`,
  });
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readIfThere(file);
  } catch (error) {
    throw new AlertError(`The rules in ${file} can't be read: ${String(error)}.`, {
      remedy: "Name the folder that holds <network>.yaml in MONITOR_RULES.",
      cause: error,
    });
  }
}

function edited(edit: () => string): string {
  try {
    return edit();
  } catch (error) {
    if (!(error instanceof RuleFileError)) throw error;
    throw new AlertError(`${error.message} Nothing is written.`, {
      remedy: error.remedy,
      cause: error,
    });
  }
}

/** Whole, so that a monitor never reads half a file; whoever could read it still can. */
async function write(file: string, before: string | undefined, after: string): Promise<void> {
  if ((await textOf(file)) !== before) {
    throw new AlertError(`${file} was changed by somebody else meanwhile. Nothing is written.`, {
      remedy: "Run the command again.",
    });
  }
  try {
    // A folder that is not there is a wrong MONITOR_RULES: it is not made.
    const target =
      before === undefined
        ? join(await realpath(dirname(file)), basename(file))
        : await realpath(file);
    const mode = before === undefined ? 0o644 : (await stat(target)).mode & 0o777;
    await writeWhole(target, after, { mode });
  } catch (error) {
    throw new AlertError(`${file} can't be written: ${String(error)}.`, {
      remedy:
        "Run it where the file can be written. In the cluster the rules come from the stack: run it in the project, then `pulumi up`.",
      cause: error,
    });
  }
}
