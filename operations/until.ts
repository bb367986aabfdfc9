import { setTimeout as sleep } from "node:timers/promises";

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
