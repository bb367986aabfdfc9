import { chmodSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

/** Of the refusing server's callers; none may show it. */
export const secretToken = "a-token-that-nobody-may-see";

export interface RefusingServer {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Says no to everybody, each in the words of who it stands for: S3, PagerDuty (below `/pagerduty`), a
 * Kubernetes API server, and else the proxy in front of a node.
 */
export async function startRefusing(): Promise<RefusingServer> {
  const server = createServer((request, response) => {
    request.resume();
    request.on("end", () => {
      const answer = answerTo(request.url ?? "/", request.headers.authorization ?? "");
      const isJson = answer.body.startsWith("{");
      response.writeHead(answer.status, {
        "content-type": isJson ? "application/json" : "application/xml",
      });
      response.end(request.method === "HEAD" ? undefined : answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answerTo(url: string, authorization: string): { status: number; body: string } {
  if (authorization.startsWith("AWS4")) {
    const body = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>";
    return { status: 403, body };
  }
  if (url.startsWith("/pagerduty")) {
    return { status: 403, body: '{"error":{"message":"Access Denied","code":2010}}' };
  }
  if (/^\/apis?(\/|\?|$)/.test(url)) return clusterAnswer(url);
  return { status: 403, body: "Forbidden" };
}

/** Whoever is known to a cluster may learn which kinds it has. */
function clusterAnswer(url: string): { status: number; body: string } {
  const version = { groupVersion: "batch/v1", version: "v1" };
  const kinds: readonly (readonly [RegExp, object])[] = [
    [/^\/api(\?|$)/, { kind: "APIVersions", versions: ["v1"] }],
    [
      /^\/apis(\?|$)/,
      {
        kind: "APIGroupList",
        apiVersion: "v1",
        groups: [{ name: "batch", versions: [version], preferredVersion: version }],
      },
    ],
    [/^\/api\/v1(\?|$)/, { kind: "APIResourceList", groupVersion: "v1", resources: [] }],
    [
      /^\/apis\/batch\/v1(\?|$)/,
      {
        kind: "APIResourceList",
        groupVersion: "batch/v1",
        resources: [
          { name: "cronjobs", singularName: "cronjob", namespaced: true, kind: "CronJob" },
        ].map((resource) => ({ ...resource, verbs: ["get", "list"] })),
      },
    ],
  ];
  const known = kinds.find(([path]) => path.test(url))?.[1];
  if (known !== undefined) return { status: 200, body: JSON.stringify(known) };
  const refusal = {
    ...{ kind: "Status", apiVersion: "v1", status: "Failure", reason: "Forbidden", code: 403 },
    message: 'cronjobs.batch "backup" is forbidden: User "somebody" cannot get resource "cronjobs"',
  };
  return { status: 403, body: JSON.stringify(refusal) };
}

/** A kubeconfig with the refusing server as its cluster. */
export function writeKubeconfig(path: string, server: string): void {
  const config = {
    ...{ apiVersion: "v1", kind: "Config", "current-context": "refusing" },
    clusters: [{ name: "refusing", cluster: { server } }],
    users: [{ name: "somebody", user: { token: secretToken } }],
    contexts: [{ name: "refusing", context: { cluster: "refusing", user: "somebody" } }],
  };
  writeFileSync(path, JSON.stringify(config));
}

/** Takes rights to files and folders away from the children of a test. */
export class Rights {
  readonly #isRoot = process.getuid?.() === 0;
  readonly #taken: string[] = [];

  /** Whom a child is to be run as: nothing keeps root from any file. */
  get user(): { readonly uid?: number; readonly gid?: number } {
    return this.#isRoot ? { uid: 65_534, gid: 65_534 } : {};
  }

  /** A new folder that the child may not even look into. */
  closedFolder(path: string): string {
    mkdirSync(path, { recursive: true });
    this.take(path, "all");
    return path;
  }

  take(path: string, what: "all" | "writing"): void {
    const isFolder = statSync(path).isDirectory();
    const own = isFolder ? 0o700 : 0o600;
    const left = what === "all" ? 0 : isFolder ? 0o055 : 0o044;
    chmodSync(path, this.#isRoot ? own | left : left * 0o11);
    this.#taken.push(path);
  }

  /** So that all of it can be deleted. */
  giveBack(): void {
    for (const path of this.#taken) chmodSync(path, 0o700);
  }
}

/** Lets everybody into a folder that was made for one user. */
export function open(...parts: string[]): string {
  const path = join(...parts);
  mkdirSync(path, { recursive: true });
  chmodSync(path, 0o755);
  return path;
}
