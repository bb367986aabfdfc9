import { rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { AleoError } from "../../aleo/errors.ts";
import { readIfThere, writeWhole } from "../../aleo/files.ts";

/** New program ids by the old ones. */
export type NewNames = ReadonlyMap<string, string>;

class NewNamesError extends AleoError {}

const shape = z.record(z.string(), z.string());

/** Where a clean slate keeps the new names until all is done, so that a second run goes on with them. */
export function notePathOf(network: string, directory = process.cwd()): string {
  return join(directory, ".state", "emergency", `clean-slate-${network}.json`);
}

/**
 * @throws NewNamesError where the note is damaged
 * @throws FileError where it can't be read
 */
export async function readNewNames(path: string): Promise<NewNames> {
  const text = await readIfThere(path);
  if (text === undefined) return new Map();
  try {
    return new Map(Object.entries(shape.parse(JSON.parse(text))));
  } catch (cause) {
    throw new NewNamesError(
      `${path} does not say under which names an earlier run deployed: it is damaged.`,
      {
        remedy:
          'Nothing was sent. Correct it ({"old.aleo": "new.aleo"}), or remove it: the next free names are taken then, and what an earlier run deployed stays on chain (`aleo-ops pause NEW` where it is not paused).',
        cause,
      },
    );
  }
}

/** @throws FileError where it can't be written */
export function writeNewNames(path: string, names: NewNames): Promise<void> {
  return names.size === 0
    ? rm(path, { force: true })
    : writeWhole(path, `${JSON.stringify(Object.fromEntries(names), undefined, 2)}\n`);
}
