import { existsSync } from "node:fs";
import { mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { withLock } from "../lock.ts";
import type { Progress } from "./tool.ts";

export interface CachedToolOptions {
  /** Where the finished tool is; its name holds the version, so that versions live side by side. */
  readonly directory: string;
  /** Fills an empty directory beside `directory`. */
  readonly make: (aside: string) => Promise<void>;
  readonly progress: Progress;
  readonly staleMs?: number;
}

/**
 * Makes sure that the tool is in its directory, and makes it once however many runs ask at the same
 * time. It is written aside and renamed at the end: an interrupted run leaves no half tool.
 */
export async function ensureCached(options: CachedToolOptions): Promise<string> {
  const { directory, make, progress, ...lockOptions } = options;
  if (existsSync(directory)) return directory;
  const waiting = () => {
    progress("another run is getting it, waiting");
  };
  await withLock(directory, { waiting, ...lockOptions }, async () => {
    if (existsSync(directory)) return;
    await removeLeftovers(directory);
    const aside = await mkdtemp(`${directory}.partial-`);
    try {
      await make(aside);
      await rename(aside, directory);
    } catch (error) {
      await rm(aside, { recursive: true, force: true });
      throw error;
    }
  });
  return directory;
}

async function removeLeftovers(directory: string): Promise<void> {
  const parent = dirname(directory);
  const prefix = `${basename(directory)}.partial-`;
  for (const name of await readdir(parent)) {
    if (name.startsWith(prefix)) await rm(join(parent, name), { recursive: true, force: true });
  }
}
