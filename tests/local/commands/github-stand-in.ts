import { createServer, type IncomingMessage } from "node:http";
import { type AddressInfo } from "node:net";

interface Post {
  id: number;
  number: number;
  title?: string;
  body: string;
  state: string;
  labels: string[];
  user: { type: string };
}

interface Recorded {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: Record<string, unknown>;
}

/** The calls of GitHub's REST and PagerDuty's Events API that this project makes, on a local port. */
export interface GitHubStandIn {
  readonly url: string;
  readonly issues: Post[];
  /** By number of the issue or pull request. */
  readonly comments: Map<number, Post[]>;
  readonly requests: Recorded[];
  readonly events: Record<string, unknown>[];
  /** The rules of each environment; one without an entry is not there. */
  readonly environments: Map<string, readonly object[]>;
  /** The next answers, each a status, before it answers again as it should. */
  readonly faults: number[];
  stop(): Promise<void>;
}

export async function startGitHubStandIn(): Promise<GitHubStandIn> {
  const issues: Post[] = [];
  const comments = new Map<number, Post[]>();
  const requests: Recorded[] = [];
  const events: Record<string, unknown>[] = [];
  const faults: number[] = [];
  const environments = new Map<string, readonly object[]>();
  let id = 100;
  const post = (body: Record<string, unknown>): Post => ({
    ...{ id: ++id, number: id, state: "open", labels: (body.labels as string[] | undefined) ?? [] },
    ...{ body: String(body.body), user: { type: "Bot" } },
    ...(typeof body.title === "string" && { title: body.title }),
  });
  const pageOf = (all: readonly Post[], query: URLSearchParams) => {
    const size = Number(query.get("per_page"));
    const from = (Number(query.get("page")) - 1) * size;
    return all.slice(from, from + size);
  };

  function answer(method: string, url: URL, body: Record<string, unknown>): [number, unknown] {
    if (url.pathname === "/v2/enqueue") {
      events.push(body);
      return [202, { status: "success" }];
    }
    const path = url.pathname.replace("/repos/owner/repository/", "");
    const [, number] = /^issues\/(\d+)\/comments$/.exec(path) ?? [];
    if (number !== undefined) {
      const own = comments.get(Number(number)) ?? [];
      comments.set(Number(number), own);
      if (method === "GET") return [200, pageOf(own, url.searchParams)];
      own.push(post(body));
      return [201, own.at(-1)];
    }
    const [, comment] = /^issues\/comments\/(\d+)$/.exec(path) ?? [];
    if (comment !== undefined && method === "PATCH") {
      const found = [...comments.values()].flat().find((one) => one.id === Number(comment));
      return found === undefined ? [404, {}] : [200, Object.assign(found, body)];
    }
    const [, environment] = /^environments\/([\w-]+)$/.exec(path) ?? [];
    if (environment !== undefined) {
      const rules = environments.get(environment);
      return rules === undefined ? [404, {}] : [200, { protection_rules: rules }];
    }
    if (path === "issues" && method === "GET") {
      const label = url.searchParams.get("labels") ?? "";
      const open = issues.filter(({ state, labels }) => state === "open" && labels.includes(label));
      return [200, pageOf(open, url.searchParams)];
    }
    if (path === "issues" && method === "POST") {
      issues.push(post(body));
      return [201, issues.at(-1)];
    }
    const [, issue] = /^issues\/(\d+)$/.exec(path) ?? [];
    const found = issues.find((one) => one.number === Number(issue));
    return found === undefined ? [404, {}] : [200, Object.assign(found, body)];
  }

  const server = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk: Buffer) => (text += chunk.toString()));
    request.on("end", () => {
      const url = new URL(request.url ?? "/", "http://127.0.0.1");
      const method = request.method ?? "GET";
      const body = (text === "" ? {} : JSON.parse(text)) as Record<string, unknown>;
      requests.push({ method, path: url.pathname + url.search, headers: request.headers, body });
      const fault = faults.shift();
      const [status, document] = fault === undefined ? answer(method, url, body) : [fault, {}];
      response.writeHead(status, { "content-type": "application/json", "retry-after": "0" });
      response.end(JSON.stringify(document));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{ issues, comments, requests, events, environments, faults },
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  };
}
