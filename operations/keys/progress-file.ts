import { rename } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { AleoError } from "../../aleo/errors.ts";
import { readIfThere, writeWhole } from "../../aleo/files.ts";
import type { Network } from "../../aleo/network.ts";

class RotationProgressError extends AleoError {}

const byProgram = z.record(z.string(), z.string());

const shape = z.object({
  from: z.string(),
  /** Null until the new key is where it is kept. */
  to: z.string().nullable(),
  /** Where the new key is kept: `pulumi`, or `file:` and a path. */
  store: z.string(),
  /** What is handed over. */
  programs: z.array(z.string()),
  /** What stays with the old key, and why. */
  left: z.array(z.string()),
  /** Who else is the admin, one line a program. */
  others: z.array(z.string()).default([]),
  /** Transactions by program; empty where the chain was there without one. */
  funded: z.string().nullable(),
  accepted: byProgram,
  /** Who took a program over before the new account could, by program. */
  lost: byProgram.default({}),
  /** Empty where the old account could not pay for the call. */
  refused: byProgram,
  /** Programs that let the old key do what only the admin may. */
  stillOpen: z.array(z.string()).default([]),
  emptied: z.string().nullable(),
  secretReplaced: z.boolean(),
  clusterUpdated: z.boolean(),
  /** Whether the stack holds the key of another account, which stays where it is; null until it is asked. */
  stackHoldsAnother: z.boolean().nullable().default(null),
});

/** How far a rotation is. It holds no key. */
export type RotationProgress = z.infer<typeof shape>;

export function progressPath(network: Network, directory = process.cwd()): string {
  return join(directory, ".state", "rotation", `${network}.json`);
}

/**
 * @throws RotationProgressError where the file is damaged
 * @throws FileError where it can't be read
 */
export async function readProgress(path: string): Promise<RotationProgress | undefined> {
  const text = await readIfThere(path);
  if (text === undefined) return undefined;
  try {
    return shape.parse(JSON.parse(text));
  } catch (cause) {
    throw new RotationProgressError(`${path} can't be read, so it is not known how far it came.`, {
      remedy:
        "Compare admin[0u8] and offered_admin[0u8] of each program (`aleo-ops program ID`) with the old and the new address, and correct or remove the file.",
      cause,
    });
  }
}

/**
 * Whole or not at all, and on disk when it returns.
 * @throws FileError where it can't be written
 */
export function writeProgress(path: string, progress: RotationProgress): Promise<void> {
  return writeWhole(path, `${JSON.stringify(progress, undefined, 2)}\n`);
}

/** Keeps it as the record of a rotation that is done. */
export async function closeProgress(path: string, to: string): Promise<void> {
  await rename(path, path.replace(/\.json$/, `-${to.slice(0, 14)}.done.json`));
}
