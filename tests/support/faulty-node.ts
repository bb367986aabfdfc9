import { createServer, request as forward, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** What happens to a request in place of the node's answer. */
export type Fault =
  /** A whole answer of this kind. */
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly body?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** The node's answer, cut in its middle. */
  | { readonly kind: "half-body" }
  /** The connection is cut without an answer. */
  | { readonly kind: "cut" }
  /** No answer, the connection stays open. */
  | { readonly kind: "hang" }
  /** An endless answer. */
  | { readonly kind: "too-large" }
  /** The node's answer, after this time. */
  | { readonly kind: "slow"; readonly delayMs: number };

interface FaultRule {
  /** Requests whose path, with its query, matches. */
  readonly path: RegExp;
  readonly fault: Fault;
  /** How often; for good without it. */
  readonly times?: number;
  /** How many such requests are let through before. */
  readonly after?: number;
  /** The node gets the request all the same; only its answer is lost. */
  readonly reachesNode?: boolean;
}

interface SeenRequest {
  readonly method: string;
  readonly path: string;
  /** Whether a fault took the place of the node's answer. */
  readonly faulted: boolean;
}

export interface FaultyNode {
  readonly url: string;
  readonly requests: readonly SeenRequest[];
  /** Adds a rule; of those that match, the first that is not used up counts. */
  add(rule: FaultRule): void;
  /** Forgets the rules and the requests. */
  clear(): void;
  count(path: RegExp): number;
  close(): Promise<void>;
}

const internalError: Fault = { kind: "answer", status: 500, body: "storage is busy" };
const serviceUnavailable: Fault = {
  kind: "answer",
  status: 503,
  headers: { "retry-after": "0" },
};
const tooManyRequests: Fault = {
  kind: "answer",
  status: 429,
  body: "Too Many Requests! Wait for 0s",
};
const wrongJson: Fault = { kind: "answer", status: 200, body: '{"block_hash": ' };

/** The faults of a node that does not answer as it should, by name. */
export const nodeFaults: Readonly<Record<string, Fault>> = {
  "a 500": internalError,
  "a 503 with Retry-After": serviceUnavailable,
  "a 429": tooManyRequests,
  "half a body": { kind: "half-body" },
  "a cut connection": { kind: "cut" },
  "wrong JSON": wrongJson,
  nothing: { kind: "hang" },
  "an answer without end": { kind: "too-large" },
};

interface ArmedRule extends FaultRule {
  seen: number;
}

/** A proxy in front of a node that spoils the answers to chosen paths. */
export async function startFaultyNode(target: string): Promise<FaultyNode> {
  const rules: ArmedRule[] = [];
  const requests: SeenRequest[] = [];

  const faultFor = (path: string): FaultRule | undefined => {
    for (const rule of rules.filter((one) => one.path.test(path))) {
      const turn = rule.seen++ - (rule.after ?? 0);
      if (turn >= 0 && turn < (rule.times ?? Infinity)) return rule;
    }
    return undefined;
  };

  const server = createServer((incoming, outgoing) => {
    const path = incoming.url ?? "/";
    const rule = faultFor(path);
    requests.push({ method: incoming.method ?? "GET", path, faulted: rule !== undefined });
    const fault = rule?.fault;
    const cut = () => outgoing.socket?.destroy();
    const reachesNode = (rule?.reachesNode ?? false) || needsNode(fault);
    Promise.resolve(reachesNode ? askNode(incoming, target) : undefined)
      .then(async (node) => {
        switch (fault?.kind) {
          case undefined:
            break;
          case "answer":
            outgoing.writeHead(fault.status, fault.headers).end(fault.body);
            return;
          case "cut":
            cut();
            return;
          case "hang":
            return;
          case "too-large":
            outgoing.writeHead(200);
            await pipeline(Readable.from(endless()), outgoing);
            return;
          case "slow":
            await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
            break;
          case "half-body":
            break;
        }
        if (node === undefined) return;
        outgoing.writeHead(node.status, {
          "content-type": node.type,
          "content-length": node.body.length,
        });
        if (fault?.kind !== "half-body") {
          outgoing.end(node.body);
          return;
        }
        outgoing.write(node.body.subarray(0, node.body.length / 2), cut);
      })
      .catch(cut);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    add: (rule) => rules.push({ ...rule, seen: 0 }),
    clear: () => {
      rules.length = 0;
      requests.length = 0;
    },
    count: (path) => requests.filter((seen) => path.test(seen.path)).length,
    close: () => closeServer(server),
  };
}

function* endless(): Generator<string> {
  for (;;) yield "9".repeat(65_536);
}

function needsNode(fault: Fault | undefined): boolean {
  return fault === undefined || fault.kind === "half-body" || fault.kind === "slow";
}

interface NodeAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: Buffer;
}

function askNode(incoming: IncomingMessage, target: string): Promise<NodeAnswer> {
  return new Promise((resolve, reject) => {
    const { method, headers } = incoming;
    const outgoing = forward(new URL(incoming.url ?? "/", target), {
      method,
      headers: { ...headers, host: new URL(target).host, connection: "close" },
    });
    outgoing.on("error", reject);
    outgoing.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        resolve({
          status: response.statusCode ?? 502,
          type: response.headers["content-type"] ?? "text/plain",
          body: Buffer.concat(chunks),
        });
      });
    });
    incoming.pipe(outgoing);
  });
}

function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) =>
    server.close(() => {
      resolve();
    }),
  );
}
