import { z } from "zod";
import { classify } from "./answer.ts";
import { TransportError, type Endpoint } from "./endpoint.ts";
import {
  BroadcastUncertainError,
  InvalidTransactionError,
  NodeRefusedError,
  NodeUnreachableError,
  RateLimitedError,
} from "./errors.ts";

export interface Broadcast {
  readonly endpoint: Endpoint;
  /** Path of the network's routes, e.g. `/v2/testnet`. */
  readonly prefix: string;
  readonly id: string;
  /** The JSON text of the transaction. */
  readonly transaction: string;
  readonly timeoutMs: number;
}

/**
 * Sends a transaction exactly once; returns when the node has it, now or from before.
 *
 * The node is asked to check it first (snarkOS node/rest/src/routes.rs, `transaction_broadcast`): a
 * refusal then comes back with its reason, where else the transaction would vanish silently.
 *
 * @throws {BroadcastUncertainError | NodeRefusedError | NodeUnreachableError | RateLimitedError}
 */
export async function broadcastOnce(broadcast: Broadcast): Promise<void> {
  const { endpoint, prefix, id, transaction, timeoutMs } = broadcast;
  const { label } = endpoint;
  const request = `POST /transaction/broadcast of ${id}`;
  const http = await endpoint
    .sendAlone({
      method: "POST",
      path: `${prefix}/transaction/broadcast?check_transaction=true`,
      body: transaction,
      timeoutMs: () => timeoutMs,
      urgent: true,
    })
    .catch((error: unknown) => {
      if (!(error instanceof TransportError)) throw error;
      if (error.sent) throw new BroadcastUncertainError(id, label, error.message);
      const failures = [{ endpoint: label, reason: error.message }];
      throw new NodeUnreachableError({ request, failures });
    });
  const answer = classify(http);
  if (answer.kind === "value") {
    if (answer.value === id) return;
    throw new BroadcastUncertainError(id, label, "the node answered with something else");
  }
  const { kind, reason } = answer;
  if (reason.includes(`'${id}' already exists`)) return;
  if (kind === "rate-limited") {
    throw new RateLimitedError({ request, failures: [{ endpoint: label, reason }] });
  }
  if (kind === "unserved" || (kind === "refused" && answer.status !== 408)) {
    throw new NodeRefusedError(request, label, reason);
  }
  throw new BroadcastUncertainError(id, label, reason);
}

/** @throws {InvalidTransactionError} */
export function transactionIdOf(transaction: string): string {
  let json: unknown;
  try {
    json = JSON.parse(transaction);
  } catch {
    throw new InvalidTransactionError("it is not JSON");
  }
  const parsed = z.object({ id: z.string().startsWith("at1") }).safeParse(json);
  if (!parsed.success) throw new InvalidTransactionError("it has no transaction id");
  return parsed.data.id;
}
