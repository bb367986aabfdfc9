import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { lock } from "proper-lockfile";
import { LocalError } from "./errors.ts";

const patienceMs = 30 * 60_000;
const retryMs = 250;

export interface LockOptions {
  /** Called once when another run has the lock. */
  readonly waiting: () => void;
  /** How long a lock may go without a sign of life before another run takes it over. */
  readonly staleMs?: number;
}

/**
 * Runs `work` while no other run on this machine does so for the same path. The lock of a run that
 * was killed is taken over after `staleMs`.
 *
 * @throws LocalError when another run has held the lock for half an hour
 */
export async function withLock<T>(
  path: string,
  options: LockOptions,
  work: () => Promise<T>,
): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  const release = await take(path, options);
  try {
    return await work();
  } finally {
    // Already gone when the machine slept for longer than `staleMs` and another run took it over.
    await release().catch(() => undefined);
  }
}

async function take(path: string, options: LockOptions): Promise<() => Promise<void>> {
  const deadline = Date.now() + patienceMs;
  for (let attempt = 1; ; attempt++) {
    try {
      return await lock(path, {
        realpath: false,
        stale: options.staleMs ?? 15_000,
        onCompromised: () => undefined,
      });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ELOCKED") throw error;
      if (Date.now() > deadline) {
        throw new LocalError(`Another run has held ${path}.lock for half an hour.`, {
          remedy: `End that run, or delete ${path}.lock where there is none.`,
        });
      }
      if (attempt === 1) options.waiting();
      await new Promise((resolve) => setTimeout(resolve, retryMs));
    }
  }
}
