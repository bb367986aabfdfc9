import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { DriftReport } from "./drift-report.ts";

/**
 * Keeps what a check found for the reports of `aleo-ops`, in `.state/drift/<stack>.json` of the project:
 * `{at, resources: [{name, type, isGone}]}`, with `at` in ISO 8601. A check that says nothing about
 * drift leaves what the last one found.
 */
export async function keepDrift(project: string, report: DriftReport): Promise<void> {
  if (report.kind !== "none" && report.kind !== "drift") return;
  const drifted = report.kind === "drift" ? report.resources : [];
  const resources = drifted.map(({ name, type, isGone }) => ({ name, type, isGone }));
  const folder = join(project, ".state", "drift");
  const file = join(folder, `${report.stack}.json`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const aside = `${file}.${process.pid}`;
  await writeFile(aside, JSON.stringify({ at: new Date().toISOString(), resources }));
  await rename(aside, file);
}
