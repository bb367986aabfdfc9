import { AleoError } from "../errors.ts";

/** Why one endpoint did not give a usable answer. */
export interface EndpointFailure {
  readonly endpoint: string;
  readonly reason: string;
}

/** What was asked of which endpoints, and what each of them answered. */
interface FailedRequest {
  /** Method and route, without the endpoint: `GET /program/credits.aleo`. */
  readonly request: string;
  readonly failures: readonly EndpointFailure[];
}

function listed(failures: readonly EndpointFailure[]): string {
  return failures.map(({ endpoint, reason }) => `${endpoint}: ${reason}`).join("; ");
}

/** An endpoint's address that can't be used: no http(s) URL, or none at all. */
export class InvalidEndpointError extends AleoError {
  constructor(message: string) {
    super(message, {
      remedy:
        "Set each endpoint to the base URL of a node, e.g. http://127.0.0.1:3030 or https://api.explorer.provable.com/v2.",
    });
  }
}

/** No endpoint answered within the time for retries; says nothing of what is on the chain. */
export class NodeUnreachableError extends AleoError {
  readonly failures: readonly EndpointFailure[];

  constructor({ request, failures, withinMs }: FailedRequest & { readonly withinMs?: number }) {
    const within = withinMs === undefined ? "" : ` within ${withinMs / 1000} s`;
    super(`No node answered ${request}${within}: ${listed(failures)}.`, {
      remedy:
        "Check that the node is up and that this machine reaches it, or name a further endpoint; then run it again.",
    });
    this.failures = failures;
  }
}

/** The endpoints answered, with something that is no answer: wrong JSON, half a body, too much. */
export class NodeResponseError extends AleoError {
  readonly failures: readonly EndpointFailure[];

  constructor(
    { request, failures }: FailedRequest,
    { message, remedy }: { readonly message: string; readonly remedy: string } = {
      message: `No usable answer to ${request}: ${listed(failures)}.`,
      remedy:
        "Check that each endpoint is the base URL of an Aleo node (not of a web page or a proxy's login) and that the node is in order; then run it again.",
    },
  ) {
    super(message, { remedy });
    this.failures = failures;
  }
}

/** Every endpoint answers that this machine, or this account, may not ask it. */
export class NodeDeniedError extends NodeResponseError {
  constructor(failed: FailedRequest) {
    super(failed, {
      message: `No endpoint permits ${failed.request}: ${listed(failed.failures)}.`,
      remedy:
        "Ask who runs the endpoint to let this machine in (its address, or a key in the URL's path), or name another one in aleo-ops:endpoints or ALEO_NODE_URL.",
    });
  }
}

/** Every endpoint says that it has had too many requests. The request was not carried out. */
export class RateLimitedError extends AleoError {
  readonly failures: readonly EndpointFailure[];

  constructor({ request, failures }: FailedRequest) {
    super(`Too many requests: ${request} was turned away: ${listed(failures)}.`, {
      remedy: "Wait a minute and run it again, or name a further endpoint.",
    });
    this.failures = failures;
  }
}

/** A node understood the request and refused it for good: nothing was done, repeating is no use. */
export class NodeRefusedError extends AleoError {
  readonly endpoint: string;
  /** The node's own words. */
  readonly reason: string;

  constructor(request: string, endpoint: string, reason: string) {
    super(`${endpoint} refused ${request}: ${reason}.`, {
      remedy: "Correct what the node names; nothing was changed on chain by this request.",
    });
    this.endpoint = endpoint;
    this.reason = reason;
  }
}

/**
 * A transaction was sent and the node's answer did not arrive or says nothing of it: it may or may
 * not be on its way to a block.
 */
export class BroadcastUncertainError extends AleoError {
  readonly transactionId: string;
  readonly endpoint: string;

  constructor(transactionId: string, endpoint: string, reason: string) {
    super(
      `Transaction ${transactionId} was sent once to ${endpoint} and it is not known whether it was taken: ${reason}.`,
      {
        remedy:
          "Look the transaction up by its id before anything is sent again: sending a new one may pay twice.",
      },
    );
    this.transactionId = transactionId;
    this.endpoint = endpoint;
  }
}

/** An endpoint serves another network than the one asked for. */
export class WrongNetworkError extends AleoError {
  constructor(endpoint: string, wanted: string, served: string) {
    super(`${endpoint} serves ${served}, not ${wanted}.`, {
      remedy: `Name an endpoint of ${wanted}, or choose the network that this endpoint serves.`,
    });
  }
}

/** What some nodes can do and others can't; found out by asking, never assumed. */
export type Capability = "mapping listing" | "amendment count" | "memory pool";

/** None of the endpoints serves what only some nodes serve. */
export class CapabilityMissingError extends AleoError {
  readonly capability: Capability;

  constructor(capability: Capability, endpoints: readonly string[]) {
    super(`No endpoint serves the ${capability}: ${endpoints.join(", ")}.`, {
      remedy: `Name an endpoint of a node that serves the ${capability} (a devnode, or a node of your own).`,
    });
    this.capability = capability;
  }
}

/** A transaction that can't be sent because it is not the JSON of one. */
export class InvalidTransactionError extends AleoError {
  constructor(reason: string) {
    super(`This is no transaction: ${reason}.`, {
      remedy: "Pass the JSON text of a built transaction; nothing was sent.",
    });
  }
}
