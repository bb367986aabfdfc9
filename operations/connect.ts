import { connect, type NodeClient } from "../aleo/node/client.ts";
import type { Settings } from "../settings.ts";

type Endpoints = Pick<Settings, "network" | "endpoints">;

/** Whoever looks at a network wants to know now that a node is slow, not after its retries. */
const patienceMs = 3_000;

/** Whoever acts in an emergency waits for a busy node, and not for minutes. */
const urgentPatienceMs = 15_000;

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

/**
 * A client for what is urgent: it bears a node that stumbles, goes on to the next where one hangs, and
 * says soon that none answers.
 */
export function connectToAct({ network, endpoints }: Endpoints): NodeClient {
  return connect({
    network,
    endpoints,
    retryBudgetMs: urgentPatienceMs,
    requestTimeoutMs: urgentPatienceMs / 3,
  });
}
