import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { createInterface } from "node:readline/promises";
import { LocalError } from "../errors.ts";
import { deleteCluster } from "../kubernetes/cluster.ts";
import { LocalNetwork } from "../network/network.ts";
import { type CommandContext, printJson, say } from "./context.ts";

/**
 * Stops the network and deletes all that the network `local` left on disk, after asking.
 *
 * @throws LocalError when there is nobody to ask and `yes` is not set
 */
export async function reset(context: CommandContext, options: { yes: boolean }): Promise<void> {
  const { directory, journal, kubernetes } = context.state;
  const paths = [directory, journal].filter((path) => existsSync(path));
  if (paths.length > 0 && !options.yes && !(await agreed(paths))) {
    say(context, "Nothing was deleted.");
    return;
  }
  await new LocalNetwork(context.project).stop();
  await deleteCluster(kubernetes);
  for (const path of paths) await rm(path, { recursive: true, force: true });
  if (context.json) printJson({ deleted: paths });
  else if (paths.length === 0) say(context, "There was nothing to delete.");
  else for (const path of paths) say(context, `Deleted ${path}`);
}

async function agreed(paths: readonly string[]): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new LocalError(`This would delete ${paths.join(" and ")}, and nobody can be asked.`, {
      remedy: "Run it in a terminal, or say so beforehand: make reset YES=1.",
    });
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(
      `This deletes the local network (ledger, state, journal):\n${paths.map((path) => `  ${path}\n`).join("")}Delete it? [y/N] `,
    );
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}
