import type { IncomingMessage } from "node:http";
import { Agent, request } from "node:https";
import { createInterface } from "node:readline";
import { ApiError } from "./api-error.ts";
import type { ApiObject, ObjectList } from "./wire.ts";

export interface ApiServer {
  readonly port: number;
  /** The certificate of the authority that signed the server's, PEM. */
  readonly authority: string;
  readonly token: string;
}

type Query = Readonly<Record<string, string | number | boolean>>;

type PatchType = "merge" | "strategic-merge" | "apply";

interface CallOptions {
  readonly query?: Query;
  readonly body?: unknown;
  readonly contentType?: string;
}

export interface WatchEvent<T> {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  readonly object: T;
}

const callMs = 30_000;
/** A watch without even a bookmark for this long is taken for dead. The server sends one a minute. */
const silentMs = 150_000;
const retryMs = 1_000;

/**
 * What the node and the start of the cluster need of the API. It speaks plain HTTPS: the complete
 * client, which the project has as well, takes 90 MB and a second.
 */
export class Api {
  readonly #server: ApiServer;
  readonly #agent: Agent;

  constructor(server: ApiServer) {
    this.#server = server;
    this.#agent = new Agent({ keepAlive: true, ca: server.authority });
  }

  get<T>(path: string): Promise<T> {
    return this.#call<T>("GET", path, {});
  }

  /** @returns undefined where there is no such object */
  async find<T>(path: string): Promise<T | undefined> {
    try {
      return await this.get<T>(path);
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    }
  }

  create<T>(path: string, body: unknown): Promise<T> {
    return this.#call<T>("POST", path, { body });
  }

  replace<T>(path: string, body: unknown): Promise<T> {
    return this.#call<T>("PUT", path, { body });
  }

  patch<T>(path: string, type: PatchType, body: unknown): Promise<T> {
    if (type === "apply") {
      const query = { fieldManager: "aleo-ops-local", force: true };
      return this.#call<T>("PATCH", path, {
        query,
        body,
        contentType: "application/apply-patch+yaml",
      });
    }
    return this.#call<T>("PATCH", path, { body, contentType: `application/${type}-patch+json` });
  }

  async remove(path: string, options: unknown): Promise<void> {
    await this.#call("DELETE", path, { body: options });
  }

  /**
   * Lists a collection and then follows it until `signal` aborts. A lost connection is taken up
   * where it was; where that is no longer known, the collection is listed anew.
   */
  async follow<T extends ApiObject>(
    path: string,
    query: Query,
    handlers: {
      /** The whole collection, at the beginning and whenever it was listed anew. */
      readonly listed: (items: T[]) => void;
      readonly changed: (object: T) => void;
      readonly deleted: (object: T) => void;
      readonly lost: (error: unknown) => void;
    },
    signal: AbortSignal,
  ): Promise<void> {
    let version: string | undefined;
    while (!signal.aborted) {
      try {
        if (version === undefined) {
          const list: ObjectList<T> = await this.#call("GET", path, { query });
          handlers.listed(list.items);
          version = list.metadata.resourceVersion;
        }
        for await (const { type, object } of this.#watch<T>(path, query, version, signal)) {
          if (type === "ERROR") {
            version = undefined;
            break;
          }
          version = object.metadata?.resourceVersion ?? version;
          if (type === "DELETED") handlers.deleted(object);
          else if (type !== "BOOKMARK") handlers.changed(object);
        }
      } catch (error) {
        if (isOver(signal)) return;
        if (error instanceof ApiError) version = undefined;
        handlers.lost(error);
        await new Promise((resolve) => setTimeout(resolve, retryMs));
      }
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  async *#watch<T>(
    path: string,
    query: Query,
    resourceVersion: string,
    signal: AbortSignal,
  ): AsyncGenerator<WatchEvent<T>> {
    const watched = { ...query, watch: true, allowWatchBookmarks: true, resourceVersion };
    const response = await this.#send("GET", path, { query: watched }, silentMs, signal);
    if (response.statusCode !== 200) throw await errorOf(response);
    for await (const line of createInterface({ input: response, crlfDelay: Infinity })) {
      yield JSON.parse(line) as WatchEvent<T>;
    }
  }

  async #call<T>(method: string, path: string, options: CallOptions): Promise<T> {
    const response = await this.#send(method, path, options, callMs);
    const { statusCode = 0 } = response;
    if (statusCode < 200 || statusCode > 299) throw await errorOf(response);
    return JSON.parse(await textOf(response)) as T;
  }

  #send(
    method: string,
    path: string,
    { query, body, contentType = "application/json" }: CallOptions,
    timeout: number,
    signal?: AbortSignal,
  ): Promise<IncomingMessage> {
    const search = new URLSearchParams(
      Object.entries(query ?? {}).map(([key, value]): [string, string] => [key, String(value)]),
    );
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const text = body === undefined ? undefined : JSON.stringify(body);
    const outgoing = request(
      {
        host: "127.0.0.1",
        port: this.#server.port,
        method,
        path: `${path}?${search.toString()}`,
        agent: this.#agent,
        timeout,
        ...(signal !== undefined && { signal }),
        headers: {
          authorization: `Bearer ${this.#server.token}`,
          accept: "application/json",
          // Node.js says nothing of the length of what a DELETE carries.
          ...(text !== undefined && {
            "content-type": contentType,
            "content-length": Buffer.byteLength(text),
          }),
        },
      },
      resolve,
    );
    outgoing.once("error", reject);
    outgoing.once("timeout", () => {
      outgoing.destroy(new Error(`the API server said nothing for ${timeout / 1000} s`));
    });
    outgoing.end(text);
    return promise;
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  response.setEncoding("utf8");
  let text = "";
  for await (const part of response) text += part as string;
  return text;
}

async function errorOf(response: IncomingMessage): Promise<ApiError> {
  const { statusCode = 0 } = response;
  const text = await textOf(response);
  try {
    const { reason, message } = JSON.parse(text) as { reason?: string; message?: string };
    return new ApiError(statusCode, reason ?? "", message ?? text);
  } catch {
    return new ApiError(
      statusCode,
      "",
      `the API server answered ${statusCode}: ${text.slice(0, 200)}`,
    );
  }
}

/** As a function of its own, because it changes while the work is waited for. */
function isOver(signal: AbortSignal): boolean {
  return signal.aborted;
}
