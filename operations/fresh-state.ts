import { AleoError } from "../aleo/errors.ts";
import type { NodeClient } from "../aleo/node/client.ts";
import { formatAge } from "./text.ts";

/** Blocks come about every 3 s: a public network that made none for that long stands still. */
export const stalledAfterMs = 120_000;

/** Every endpoint is behind the chain, or the network stands still. */
class StaleStateError extends AleoError {}

/** How new what the endpoints say is. */
export interface Freshness {
  readonly height: number;
  /** Since the block of that height was made, in ms. */
  readonly ageMs: number;
  /** The chain may be further by now. */
  readonly isStale: boolean;
}

/** From now on the client reads from the furthest endpoint alone (`followFreshest`). */
export async function freshness(node: NodeClient): Promise<Freshness> {
  const { height, timeMs } = await node.followFreshest();
  const ageMs = Math.max(0, Date.now() - timeMs);
  // A devnode may make blocks only for transactions.
  return { height, ageMs, isStale: node.network !== "local" && ageMs > stalledAfterMs };
}

/**
 * As `freshness`, before something is decided by state that must not be old.
 * @param undone says that nothing happened, as in "Nothing was sent."
 * @throws StaleStateError
 */
export async function requireFresh(node: NodeClient, undone: string): Promise<Freshness> {
  const found = await freshness(node);
  if (!found.isStale) return found;
  throw new StaleStateError(
    `The newest block that an endpoint of ${node.network} serves is ${String(found.height)}, made ${formatAge(found.ageMs)} ago: what they say may be old.`,
    {
      remedy: `${undone} Compare with a block explorer, and name an endpoint that follows the chain in ALEO_NODE_URL; where the network itself stands still, wait.`,
    },
  );
}

/** `block 812, made 3 s ago` */
export function freshnessText({ height, ageMs }: Pick<Freshness, "height" | "ageMs">): string {
  return `block ${height}, made ${formatAge(ageMs)} ago`;
}
