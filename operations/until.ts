import { setTimeout as sleep } from "node:timers/promises";

/** How long a node may go on serving the state before a block. */
export const servedWithinMs = 10_000;

/** Whether a node serves soon what a block has brought about. */
export function served(isReached: () => Promise<boolean>): Promise<boolean> {
  return until(isReached, servedWithinMs, 250);
}

/**
 * Asks again and again until it is so.
 * @param withinMs then it is given up
 * @returns whether it came to be so
 */
export async function until(
  isSo: () => Promise<boolean>,
  withinMs: number,
  everyMs = 500,
): Promise<boolean> {
  const deadline = Date.now() + withinMs;
  while (!(await isSo())) {
    if (Date.now() + everyMs > deadline) return false;
    await sleep(everyMs);
  }
  return true;
}
