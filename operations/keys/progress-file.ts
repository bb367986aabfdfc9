import { mkdir, open, readFile, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { AleoError } from "../../aleo/errors.ts";
import { explainingFiles } from "../../aleo/file-error.ts";
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
  /** What is not, and why. */
  left: z.array(z.string()),
  /** Transactions by program; empty where the chain was there without one. */
  funded: z.string().nullable(),
  offered: byProgram,
  accepted: byProgram,
  secretReplaced: z.boolean(),
  clusterUpdated: z.boolean(),
  refused: byProgram,
  emptied: z.string().nullable(),
  /** The stack holds the key of another account, which stays where it is. */
  stackHoldsAnother: z.boolean().default(false),
});

/** How far a rotation is. It holds no key. */
export type RotationProgress = z.infer<typeof shape>;

export function progressPath(network: Network, directory = process.cwd()): string {
  return join(directory, ".state", "rotation", `${network}.json`);
}

/** @throws RotationProgressError where the file is damaged */
export async function readProgress(path: string): Promise<RotationProgress | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
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
  return explainingFiles(() => write(path, progress));
}

async function write(path: string, progress: RotationProgress): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const aside = `${path}.tmp`;
  const file = await open(aside, "w", 0o600);
  try {
    await file.writeFile(`${JSON.stringify(progress, undefined, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(aside, path);
}

/** Keeps it as the record of a rotation that is done. */
export async function closeProgress(path: string, to: string): Promise<void> {
  await rename(path, path.replace(/\.json$/, `-${to.slice(0, 14)}.done.json`));
}
