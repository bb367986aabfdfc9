import { connect, type NodeClient } from "../aleo/node/client.ts";
import type { Settings } from "../settings.ts";

/** Whoever looks at a network wants to know now that a node is slow, not after its retries. */
const patienceMs = 3_000;

/** A client for looking: a question takes at most 3 s with all its retries. */
export function connectToLook(settings: Pick<Settings, "network" | "endpoints">): NodeClient {
  return connect({
    network: settings.network,
    endpoints: settings.endpoints,
    retryBudgetMs: patienceMs,
    requestTimeoutMs: patienceMs,
  });
}
