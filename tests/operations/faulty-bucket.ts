import {
  createServer,
  request as forward,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** What happens to a request, or to its answer. */
export type BucketFault =
  /** An S3 error in place of the answer. */
  | {
      readonly kind: "error";
      readonly status: number;
      readonly code: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** The connection is cut; the bucket never sees the request. */
  | { readonly kind: "cut" }
  /** The bucket does what it is asked, and the connection is cut before it says so. */
  | { readonly kind: "lost answer" }
  /** The answer comes after this time. */
  | { readonly kind: "slow"; readonly delayMs: number }
  /** One bit of what is sent is flipped on its way. */
  | { readonly kind: "flipped on the way there" }
  /** One bit of what is read is flipped on its way. */
  | { readonly kind: "flipped on the way back" }
  /** The connection is cut in the middle of what is read. */
  | { readonly kind: "half an answer" };

interface Rule {
  /** Requests that match: `PUT /bucket/key?query`. */
  readonly request: RegExp;
  readonly fault: BucketFault;
  /** How many such requests are let through before. */
  readonly after?: number;
  /** How often; for good without it. */
  readonly times?: number;
}

export interface FaultyBucket {
  readonly url: string;
  /** Every request since `clear`: `PUT /bucket/key`, without the query. */
  readonly requests: readonly string[];
  readonly lastHeaders: IncomingHttpHeaders;
  /** Called with the number of each request, before or after the bucket has seen it. */
  watch(watcher: (moment: "before" | "after", count: number) => void): void;
  add(rule: Rule): void;
  /** Forgets the rules, the requests and the watcher. */
  clear(): void;
  close(): Promise<void>;
}

/** A proxy in front of an S3 endpoint that spoils chosen requests. */
export async function startFaultyBucket(target: string): Promise<FaultyBucket> {
  let rules: (Rule & { seen: number })[] = [];
  let requests: string[] = [];
  let lastHeaders: IncomingHttpHeaders = {};
  let watcher: Parameters<FaultyBucket["watch"]>[0] = () => undefined;

  const faultFor = (request: string): BucketFault | undefined => {
    for (const rule of rules.filter((one) => one.request.test(request))) {
      const turn = rule.seen++ - (rule.after ?? 0);
      if (turn >= 0 && turn < (rule.times ?? Infinity)) return rule.fault;
    }
    return undefined;
  };

  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const { method = "GET", url = "/", headers } = incoming;
    const body = await bodyOf(incoming);
    const fault = faultFor(`${method} ${url}`);
    requests.push(`${method} ${url.split("?")[0] ?? ""}`);
    lastHeaders = headers;
    const count = requests.length;
    watcher("before", count);
    if (fault?.kind === "cut") {
      outgoing.socket?.destroy();
      return;
    }
    if (fault?.kind === "error") {
      outgoing.writeHead(fault.status, { "content-type": "application/xml", ...fault.headers });
      outgoing.end(
        method === "HEAD"
          ? undefined
          : `<Error><Code>${fault.code}</Code><Message>${fault.code} by the test</Message></Error>`,
      );
      return;
    }
    const sent = fault?.kind === "flipped on the way there" ? flipped(body) : body;
    const answer = await ask(target, method, url, headers, sent);
    watcher("after", count);
    if (fault?.kind === "slow") await sleep(fault.delayMs);
    if (fault?.kind === "lost answer") {
      outgoing.socket?.destroy();
      return;
    }
    outgoing.writeHead(answer.status, answer.headers);
    if (fault?.kind === "half an answer") {
      outgoing.write(answer.body.subarray(0, answer.body.length / 2), () =>
        outgoing.socket?.destroy(),
      );
      return;
    }
    outgoing.end(fault?.kind === "flipped on the way back" ? flipped(answer.body) : answer.body);
  };

  const server = createServer((incoming, outgoing) => {
    serve(incoming, outgoing).catch(() => outgoing.socket?.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get requests() {
      return requests;
    },
    get lastHeaders() {
      return lastHeaders;
    },
    watch: (one) => {
      watcher = one;
    },
    add: (rule) => rules.push({ ...rule, seen: 0 }),
    clear: () => {
      rules = [];
      requests = [];
      watcher = () => undefined;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function flipped(body: Buffer): Buffer {
  const copy = Buffer.from(body);
  const middle = copy.length >> 1;
  copy[middle] = (copy[middle] ?? 0) ^ 0b100;
  return copy;
}

async function bodyOf(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

function ask(
  target: string,
  method: string,
  path: string,
  headers: IncomingHttpHeaders,
  body: Buffer,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = forward(new URL(path, target), {
      method,
      headers: { ...headers, connection: "close" },
    });
    outgoing.on("error", reject);
    outgoing.on("response", (response) => {
      bodyOf(response).then((content) => {
        resolve({ status: response.statusCode ?? 502, headers: response.headers, body: content });
      }, reject);
    });
    outgoing.end(body);
  });
}
