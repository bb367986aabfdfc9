import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { lock } from "proper-lockfile";
import { LocalError } from "../errors.ts";
import type { Progress } from "./tool.ts";

export interface CachedToolOptions {
  /** Where the finished tool is; its name holds the version, so that versions live side by side. */
  readonly directory: string;
  /** Fills an empty directory beside `directory`. */
  readonly make: (aside: string) => Promise<void>;
  readonly progress: Progress;
  /** How long a lock may go without a sign of life before another run takes it over. */
  readonly staleMs?: number;
}

const patienceMs = 30 * 60_000;
const retryMs = 500;

/**
 * Makes sure that the tool is in its directory, and makes it once however many runs ask at the same
 * time. It is written aside and renamed at the end: an interrupted run leaves no half tool.
 *
 * @throws LocalError when another run has been making it for half an hour
 */
export async function ensureCached(options: CachedToolOptions): Promise<string> {
  const { directory, progress } = options;
  if (existsSync(directory)) return directory;

  const parent = dirname(directory);
  await mkdir(parent, { recursive: true });
  const release = await takeLock(directory, options.staleMs ?? 15_000, progress);
  try {
    if (existsSync(directory)) return directory;
    await removeLeftovers(directory);
    const aside = await mkdtemp(`${directory}.partial-`);
    try {
      await options.make(aside);
      await rename(aside, directory);
    } catch (error) {
      await rm(aside, { recursive: true, force: true });
      throw error;
    }
    return directory;
  } finally {
    await release();
  }
}

async function takeLock(
  directory: string,
  staleMs: number,
  progress: Progress,
): Promise<() => Promise<void>> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    try {
      const release = await lock(directory, {
        realpath: false,
        stale: staleMs,
        // A lock lost while the machine slept does no harm: whoever renames first wins.
        onCompromised: () => undefined,
      });
      return () => release().catch(() => undefined);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ELOCKED") throw error;
      if (Date.now() > deadline) {
        throw new LocalError(`Another run has held ${directory}.lock for half an hour.`, {
          remedy: `End that run, or delete ${directory}.lock where there is none.`,
        });
      }
      progress("another run is getting it, waiting");
      await new Promise((resolve) => setTimeout(resolve, retryMs));
    }
  }
}

async function removeLeftovers(directory: string): Promise<void> {
  const parent = dirname(directory);
  const prefix = `${basename(directory)}.partial-`;
  for (const name of await readdir(parent)) {
    if (name.startsWith(prefix)) await rm(join(parent, name), { recursive: true, force: true });
  }
}
