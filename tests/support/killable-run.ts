import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { PulumiProject } from "./pulumi-project.ts";

const freezeAt = import.meta.resolve("./freeze-at.ts");

/** Where a run was when it was killed, for people. */
type Hit = string;

/**
 * Runs `up` and kills the CLI and all its plugins when a Node process of the run reaches the step
 * (see freeze-at.ts).
 * @throws Error where the run ends without reaching it
 */
export async function killUpAt(
  project: PulumiProject,
  step: string,
  args: readonly string[] = ["up", "--yes", "--skip-preview"],
): Promise<Hit> {
  const marker = join(project.directory, "frozen");
  rmSync(marker, { force: true });
  const env = { FREEZE_AT: step, FREEZE_MARKER: marker, NODE_OPTIONS: `--import=${freezeAt}` };
  const run = project.spawn([...args, "--stack", project.stack], { env });
  const reached = await Promise.race([
    run.result.then(() => false),
    until(() => existsSync(marker)).then(() => true),
  ]);
  if (!reached) {
    const { code, stdout, stderr } = await run.result;
    throw new Error(`up ended with ${code} before ${step}:\n${stdout}${stderr}`);
  }
  run.killTree();
  await run.result;
  return readFileSync(marker, "utf8");
}

/** Runs `up` and kills it as soon as `condition` holds, wherever it is by then. */
export async function killUpWhen(
  project: PulumiProject,
  condition: () => boolean,
): Promise<"killed" | "ended before"> {
  const run = project.spawn(["up", "--yes", "--skip-preview", "--stack", project.stack]);
  const reached = await Promise.race([
    run.result.then(() => false),
    until(condition).then(() => true),
  ]);
  run.killTree();
  await run.result;
  return reached ? "killed" : "ended before";
}

/** The locks that a killed run left in the file backend. */
export function backendLocks(project: PulumiProject): string[] {
  const directory = join(project.directory, ".pulumi-test", "backend", ".pulumi", "locks");
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".json"),
  );
}

/** `up` as after a killed run: the lock that it left is removed first, as Pulumi tells people to. */
export async function upAfterKill(project: PulumiProject) {
  if (backendLocks(project).length > 0) {
    const { code, stderr } = await project.pulumi(["cancel", "--yes", project.stack]);
    if (code !== 0) throw new Error(`pulumi cancel ended with ${code}: ${stderr}`);
  }
  return project.up();
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
}
