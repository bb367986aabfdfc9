import { join } from "node:path";
import { z } from "zod";
import { FileError } from "../../../aleo/file-error.ts";
import { readIfThere } from "../../../aleo/files.ts";
import type { Settings } from "../../../settings.ts";
import { formatAge } from "../../text.ts";
import { type Line, type Section, unseen, unseenFor } from "../report.ts";

/** As local/commands/drift-record.ts writes it. */
const driftRecord = z.object({
  at: z.iso.datetime(),
  resources: z.array(z.object({ name: z.string(), type: z.string(), isGone: z.boolean() })),
});

type DriftRecord = z.infer<typeof driftRecord>;

/** A comparison that is older says little of today, in ms. */
const freshMs = 86_400_000;
const everything = "all that the stack declares";

/**
 * What the last `make drift` of this folder found that is not as the stack left it: the comparison is
 * Pulumi's, and too slow for a report.
 * @param directory of the project
 */
export async function driftSection(
  { network }: Pick<Settings, "network">,
  directory: string = process.cwd(),
): Promise<Section> {
  const file = join(directory, ".state", "drift", `${network}.json`);
  const check = `Run \`make drift STACK=${network}\`.`;
  return { title: "Drift: what Pulumi declares", lines: await linesIn(file, check) };
}

async function linesIn(file: string, check: string): Promise<Line[]> {
  try {
    const text = await readIfThere(file);
    if (text === undefined) return [unseen(everything, "no drift check was run here", check)];
    return linesOf(driftRecord.parse(JSON.parse(text)), check);
  } catch (error) {
    if (error instanceof FileError) return [unseenFor(everything, error)];
    return [unseen(everything, `${file} is damaged`, check)];
  }
}

function linesOf({ at, resources }: DriftRecord, check: string): Line[] {
  const ageMs = Math.max(0, Date.now() - Date.parse(at));
  const age = `${formatAge(ageMs)} ago`;
  if (resources.length > 0) {
    return resources.map(({ name, type, isGone }) => ({
      subject: name,
      verdict: "bad",
      finding: `${isGone ? "was gone" : "was not as the stack left it"} ${age} (${type})`,
      remedy: `${check} It says whether it still is so, and what to do.`,
    }));
  }
  return ageMs <= freshMs
    ? [{ subject: everything, verdict: "good", finding: `as the stack left them, ${age}` }]
    : [
        {
          ...{ subject: everything, verdict: "notice", remedy: check },
          finding: `as the stack left them, but that was ${age}`,
        },
      ];
}
