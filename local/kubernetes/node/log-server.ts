import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { TLSSocket } from "node:tls";
import { messageOf } from "../../errors.ts";
import { type LogOptions, readLog } from "./container-log.ts";
import { Run } from "./run.ts";

export interface LogServerOptions {
  readonly port: number;
  readonly certificate: string;
  readonly key: string;
  /** The authority whose clients may read. */
  readonly authority: string;
  /** The directory of a pod, by its namespace and name. */
  readonly podDirectory: (namespace: string, name: string) => string | undefined;
  readonly ready: () => boolean;
}

/** The common name of the API server's certificate as a client of nodes. */
const reader = "kube-apiserver-node-client";

/**
 * Serves what the API server asks of a kubelet for `kubectl logs`. Other users of this machine reach
 * the port, so it answers only who holds the API server's own key; anybody may ask `/healthz`.
 */
export async function startLogServer(options: LogServerOptions): Promise<Server> {
  const { certificate, key, authority, port } = options;
  const server = createServer(
    { cert: certificate, key, ca: authority, requestCert: true, rejectUnauthorized: false },
    (request, response) => {
      answer(request, response, options).catch((error: unknown) => {
        if (!response.headersSent) say(response, 500, messageOf(error));
        else response.destroy();
      });
    },
  );
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return server;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: LogServerOptions,
): Promise<void> {
  const url = new URL(request.url ?? "/", "https://127.0.0.1");
  if (url.pathname === "/healthz") {
    say(response, options.ready() ? 200 : 503, options.ready() ? "ok" : "not ready");
    return;
  }
  const { socket } = request;
  if (
    !(socket instanceof TLSSocket) ||
    !socket.authorized ||
    socket.getPeerCertificate().subject.CN !== reader
  ) {
    say(response, 401, "Only the API server may ask.");
    return;
  }
  const [, what = "", namespace = "", pod = "", container = ""] = url.pathname.split("/");
  if (what !== "containerLogs") {
    const text = `The node "local" runs containers as processes of this machine: it has logs, but no ${what}.`;
    say(response, 501, text);
    return;
  }
  const directory = options.podDirectory(namespace, pod);
  if (directory === undefined) {
    say(response, 404, `pod ${namespace}/${pod} is not on this node`);
    return;
  }
  await sendLog(response, join(directory, "containers", container), container, url.searchParams);
}

async function sendLog(
  response: ServerResponse,
  directory: string,
  container: string,
  query: URLSearchParams,
): Promise<void> {
  const previous = query.get("previous") === "true";
  const attempt = attemptsIn(directory)[previous ? 1 : 0];
  if (attempt === undefined) {
    const which = previous ? "previous terminated container" : "container";
    say(response, 400, `${which} "${container}" has no log: it has not run yet`);
    return;
  }
  const run = join(directory, `${attempt}`);
  const restored = Run.restore(run, attempt);
  const ended = () => restored === undefined || restored.state.kind === "ended";
  const gone = new AbortController();
  response.once("close", () => {
    gone.abort();
  });
  response.writeHead(200, { "content-type": "text/plain" });
  response.flushHeaders();
  for await (const text of readLog(join(run, "log"), parse(query), ended, gone.signal)) {
    if (!response.write(text)) {
      await new Promise<void>((resolve) => {
        response.once("drain", resolve);
        response.once("close", resolve);
      });
    }
  }
  response.end();
}

function attemptsIn(directory: string): number[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .map(Number)
    .filter((attempt) => Number.isInteger(attempt))
    .sort((a, b) => b - a);
}

function parse(query: URLSearchParams): LogOptions {
  const number = (name: string) => {
    const text = query.get(name);
    return text === null ? undefined : Number(text);
  };
  const sinceTime = query.get("sinceTime");
  const sinceSeconds = number("sinceSeconds");
  return {
    follow: query.get("follow") === "true",
    timestamps: query.get("timestamps") === "true",
    tailLines: number("tailLines"),
    since:
      sinceTime !== null
        ? Date.parse(sinceTime)
        : sinceSeconds === undefined
          ? undefined
          : Date.now() - sinceSeconds * 1_000,
    limitBytes: number("limitBytes"),
  };
}

function say(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "content-type": "text/plain" });
  response.end(`${text}\n`);
}
