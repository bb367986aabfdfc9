import { connect, type NodeClient } from "../aleo/node/client.ts";
import type { Settings } from "../settings.ts";

type Endpoints = Pick<Settings, "network" | "endpoints">;

/** Whoever looks at a network wants to know now that a node is slow, not after its retries. */
const patienceMs = 3_000;

/** A mapping of 100,000 entries in one answer takes a node seconds. */
const longestAnswerMs = 60_000;

/** A client for looking: a question takes at most 3 s with all its retries. */
export function connectToLook({ network, endpoints }: Endpoints): NodeClient {
  return connect({
    network,
    endpoints,
    retryBudgetMs: patienceMs,
    requestTimeoutMs: patienceMs,
  });
}

/** A client for work that nobody waits for: it bears a node that is slow, or away for a while. */
export function connectToWork({ network, endpoints }: Endpoints): NodeClient {
  return connect({
    network,
    endpoints,
    retryBudgetMs: 2 * longestAnswerMs,
    requestTimeoutMs: longestAnswerMs,
  });
}
