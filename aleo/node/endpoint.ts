import PQueue from "p-queue";
import { Client, Pool, type Dispatcher } from "undici";
import type { HttpAnswer } from "./answer.ts";
import { InvalidEndpointError, type Capability } from "./errors.ts";

/** A request that got no whole HTTP answer. */
export class TransportError extends Error {
  /** Whether any of the request can have reached the node. */
  readonly sent: boolean;
  /** Whether an answer had begun. */
  readonly answered: boolean;
  /** Sending it again over this endpoint is no use. */
  readonly final: boolean;

  constructor(
    reason: string,
    { sent, answered, final = false }: { sent: boolean; answered: boolean; final?: boolean },
    cause: unknown,
  ) {
    super(reason, { cause });
    this.sent = sent;
    this.answered = answered;
    this.final = final;
  }
}

export interface EndpointLimits {
  readonly requestsPerSecond: number;
  readonly maxResponseBytes: number;
}

export interface HttpRequest {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly body?: string;
  /** Asked when the request's turn has come. */
  readonly timeoutMs: () => number;
  /** Goes before the requests that wait for their turn. */
  readonly urgent: boolean;
}

const neverSent = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

const plainReasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: "the connection was refused",
  ENOTFOUND: "there is no host of this name",
  EAI_AGAIN: "the host's name could not be looked up",
  EHOSTUNREACH: "the host can't be reached",
  ENETUNREACH: "the network can't be reached",
  UND_ERR_CONNECT_TIMEOUT: "the connection could not be made in time",
  ECONNRESET: "the connection was cut",
  UND_ERR_SOCKET: "the connection was cut",
  UND_ERR_DESTROYED: "this client was closed",
};

function codeOf(error: unknown): string {
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : "";
}

function transportError(
  error: unknown,
  headersReceived: boolean,
  timeoutMs: number,
): TransportError {
  const code = codeOf(error);
  const answered = headersReceived;
  if (code === "UND_ERR_RES_EXCEEDED_MAX_SIZE") {
    const state = { sent: true, answered: true, final: true };
    return new TransportError("the answer is too large", state, error);
  }
  if (error instanceof Error && error.name === "TimeoutError") {
    const what = answered ? "no whole answer" : "no answer";
    const reason = `${what} within ${timeoutMs / 1000} s`;
    return new TransportError(reason, { sent: true, answered }, error);
  }
  const plain = plainReasons[code] ?? (error instanceof Error ? error.message : String(error));
  const reason = answered ? `half an answer: ${plain}` : plain;
  const final = code === "UND_ERR_DESTROYED";
  return new TransportError(reason, { sent: !neverSent.has(code), answered, final }, error);
}

const loopbackHosts = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** One node's address: its sockets, its request budget and what it was found not to serve. */
export class Endpoint {
  /** The address as it is shown: without credentials, query and trailing slash. */
  readonly label: string;
  /** Path of the base URL, without a trailing slash: `` or `/v2`. */
  readonly basePath: string;
  readonly lacks = new Set<Capability>();
  readonly #origin: string;
  readonly #pool: Pool;
  readonly #queue: PQueue;
  readonly #maxResponseBytes: number;

  constructor(address: string, limits: EndpointLimits) {
    const url = parseAddress(address);
    this.#origin = url.origin;
    this.basePath = url.pathname.replace(/\/+$/, "");
    this.label = `${url.origin}${this.basePath}`;
    this.#maxResponseBytes = limits.maxResponseBytes;
    this.#pool = new Pool(url.origin, {
      connections: 8,
      maxResponseSize: limits.maxResponseBytes,
    });
    this.#queue = new PQueue(
      loopbackHosts.test(url.hostname)
        ? {}
        : { intervalCap: limits.requestsPerSecond, interval: 1000, strict: true },
    );
  }

  /** @throws {TransportError} when no whole HTTP answer came. */
  async send(request: HttpRequest): Promise<HttpAnswer> {
    return this.#queue.add(() => exchange(this.#pool, request), {
      priority: request.urgent ? 1 : 0,
    });
  }

  /**
   * Sends over a connection of its own, so that "never sent" and "cut after it was sent" are told
   * apart: a kept-alive connection that the node has just closed looks like either.
   */
  async sendAlone(request: HttpRequest): Promise<HttpAnswer> {
    return this.#queue.add(
      async () => {
        const client = new Client(this.#origin, { maxResponseSize: this.#maxResponseBytes });
        try {
          return await exchange(client, request);
        } finally {
          await client.destroy();
        }
      },
      { priority: request.urgent ? 1 : 0 },
    );
  }

  async close(): Promise<void> {
    this.#queue.clear();
    await this.#pool.destroy();
  }
}

async function exchange(
  dispatcher: Dispatcher,
  { method, path, body, timeoutMs: askTimeoutMs }: HttpRequest,
): Promise<HttpAnswer> {
  const timeoutMs = Math.max(1, Math.ceil(askTimeoutMs()));
  let headersReceived = false;
  try {
    const response = await dispatcher.request({
      method,
      path,
      headers: {
        accept: "application/json",
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      body: body ?? null,
      signal: AbortSignal.timeout(timeoutMs),
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    headersReceived = true;
    const retryAfter = response.headers["retry-after"];
    return {
      status: response.statusCode,
      body: await response.body.text(),
      retryAfter: Array.isArray(retryAfter) ? retryAfter[0] : retryAfter,
    };
  } catch (error) {
    throw transportError(error, headersReceived, timeoutMs);
  }
}

function parseAddress(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol !== "http:" && url?.protocol !== "https:") {
    throw new InvalidEndpointError(`"${address}" is not an http or https URL.`);
  }
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    throw new InvalidEndpointError(
      `The endpoint at ${url.host} has a user, a query or a fragment in its URL; only a base URL is taken.`,
    );
  }
  return url;
}
