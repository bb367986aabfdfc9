import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { LocalError } from "../errors.ts";
import type { CommandContext } from "./context.ts";
import { noEvents, withEventLog } from "./engine-events.ts";
import { policyPack } from "./policy-pack.ts";
import { payingAccount, type Preview, previewSummary } from "./preview-summary.ts";
import { openStack } from "./stack.ts";

export interface PreviewOptions {
  readonly stack: string;
  /** Where to write a summary in Markdown for the people who review the change. */
  readonly summaryFile?: string;
}

/** Shows what `up` would change, on chain included; gives back the exit code of the CLI. */
export async function preview(context: CommandContext, options: PreviewOptions): Promise<number> {
  const { stack: name, summaryFile } = options;
  const args = ["preview", "--diff", "--stack", name, ...policyPack(context, name)];
  if (summaryFile === undefined) return (await openStack(name, context)).show(args);
  try {
    const stack = await openStack(name, context);
    const { result, events } = await withEventLog((log, env) => stack.copy([...args, ...log], env));
    const balance = await balanceOf(payingAccount(events), name, context);
    const succeeded = result.code === 0;
    await writeSummary(summaryFile, {
      stack: name,
      succeeded,
      events,
      diff: result.output,
      balance,
    });
    return result.code;
  } catch (error) {
    if (error instanceof LocalError) {
      const events = { ...noEvents, errors: [error.explain()] };
      await writeSummary(summaryFile, { stack: name, succeeded: false, events, diff: "" });
    }
    throw error;
  }
}

function writeSummary(file: string, summary: Preview): Promise<void> {
  return writeFile(file, previewSummary(summary));
}

/** Asked by the operations' command line, which knows the nodes; undefined where it can't tell. */
async function balanceOf(
  address: string | undefined,
  network: string,
  { project, env }: CommandContext,
): Promise<Preview["balance"]> {
  if (address === undefined) return undefined;
  const cli = join(project, "operations", "cli.ts");
  const { stdout } = await execa(
    process.execPath,
    [cli, "balance", address, "--network", network, "--json"],
    { cwd: project, env, extendEnv: false, reject: false, stdin: "ignore" },
  );
  const microcredits = /"microcredits": *"(\d+)"/.exec(stdout)?.[1];
  return microcredits === undefined ? undefined : { address, microcredits: BigInt(microcredits) };
}
