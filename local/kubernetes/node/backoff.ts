const firstMs = 10_000;
const longestMs = 300_000;
/** A container that ran for this long is taken for healthy: its next end is its first one. */
const healthyMs = 600_000;

/** How long a container that has ended `crashes` times in a row waits before it is started again. */
export function backoffMs(crashes: number): number {
  return crashes <= 1 ? 0 : Math.min(firstMs * 2 ** (crashes - 2), longestMs);
}

/** How many times in a row a container has ended, with a run that has just ended. */
export function crashesAfter(before: number, ranMs: number): number {
  return ranMs >= healthyMs ? 1 : before + 1;
}
