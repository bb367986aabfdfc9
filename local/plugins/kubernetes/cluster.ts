import type { IncomingMessage, OutgoingHttpHeaders } from "node:http";
import { request, type RequestOptions } from "node:https";
import { LocalError, messageOf } from "../../errors.ts";
import { ApiError } from "../../kubernetes/api-error.ts";
import type { Properties } from "../server/resource-type.ts";
import { kubeconfigOf } from "./kubeconfig.ts";
import type { Declared, Manifest } from "./manifest.ts";

/** The cluster has no such kind, so there is no such object either. */
export class KindUnknownError extends LocalError {}

export interface Place {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

export interface ApplyOptions {
  readonly fieldManager: string;
  /** Nothing is changed: the answer is what would be. */
  readonly dryRun?: boolean;
  /** Takes fields over that somebody else has set. Left out: as the provider is set. */
  readonly force?: boolean;
  /** Gets what the server warns of. */
  readonly warn: (text: string) => void;
}

export interface Cluster {
  /** Server-side apply; an unknown field is refused. */
  apply(manifest: Declared, place: Place, options: ApplyOptions): Promise<Manifest>;
  get(place: Place): Promise<Manifest | undefined>;
  /** With what belongs to it; false where it was gone already. */
  delete(place: Place): Promise<boolean>;
  pods(namespace: string, labels: Readonly<Record<string, string>>): Promise<Manifest[]>;
}

interface ApiResource {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

const answerMs = 30_000;

/** @throws LocalError where no cluster is named; one that does not answer is found at the first call */
export async function connect(
  settings: Properties,
  environment: NodeJS.ProcessEnv,
): Promise<Cluster> {
  const config = await kubeconfigOf(settings, environment);
  const context = config.getCurrentContext();
  const server = config.getCurrentCluster()?.server ?? "";
  const namespace = config.getContextObject(context)?.namespace ?? "default";
  const force = String(settings.enablePatchForce) === "true";
  const resources = new Map<string, Promise<readonly ApiResource[]>>();

  const call = async (
    method: string,
    path: string,
    { query = {}, body, contentType = "application/json", warn }: CallOptions = {},
  ): Promise<Manifest> => {
    const url = new URL(`${server.replace(/\/$/, "")}${path}`);
    for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value);
    const sent = body === undefined ? undefined : JSON.stringify(body);
    const headers: OutgoingHttpHeaders = {
      accept: "application/json",
      // Node.js says nothing of the length of what a DELETE carries.
      ...(sent !== undefined && {
        "content-type": contentType,
        "content-length": Buffer.byteLength(sent),
      }),
    };
    // Adds what the kubeconfig says of certificates, and the headers that prove who asks.
    const options: RequestOptions = { method, timeout: answerMs, headers };
    await config.applyToHTTPSOptions(options);
    const { status, text, warnings } = await exchange(url, options, sent).catch((error: unknown) =>
      unreachable(error, context, server),
    );
    for (const warning of warnings) warn?.(warning);
    if (status < 300) return JSON.parse(text) as Manifest;
    throw refused(status, text, context, server);
  };

  const resourceOf = async ({ apiVersion, kind }: Place): Promise<ApiResource> => {
    const list = resources.get(apiVersion) ?? listResources(apiVersion);
    resources.set(apiVersion, list);
    const found = (await list).find((one) => one.kind === kind && !one.name.includes("/"));
    if (found !== undefined) return found;
    // The kind may be defined while this runs.
    resources.delete(apiVersion);
    throw new KindUnknownError(
      `The cluster of the context "${context}" (${server}) does not know the kind ${kind} of ${apiVersion}.`,
      {
        remedy: apiVersion.startsWith("monitoring.coreos.com/")
          ? "Install the Prometheus operator there, or take monitoring out of aleo-ops:cluster."
          : "Use a cluster of a newer version, or define the kind there first.",
      },
    );
  };

  const listResources = async (apiVersion: string): Promise<readonly ApiResource[]> => {
    try {
      const answer = await call("GET", rootOf(apiVersion));
      return answer.resources as readonly ApiResource[];
    } catch (error) {
      resources.delete(apiVersion);
      if (error instanceof ApiError && error.status === 404) return [];
      throw error;
    }
  };

  const pathOf = async (place: Place): Promise<string> => {
    const { name, namespaced } = await resourceOf(place);
    const inside = namespaced
      ? `/namespaces/${encodeURIComponent(place.namespace ?? namespace)}`
      : "";
    return `${rootOf(place.apiVersion)}${inside}/${name}/${encodeURIComponent(place.name)}`;
  };

  return {
    apply: async (manifest, place, options) =>
      call("PATCH", await pathOf(place), {
        query: {
          fieldManager: options.fieldManager,
          fieldValidation: "Strict",
          force: String(options.force ?? force),
          ...(options.dryRun === true && { dryRun: "All" }),
        },
        body: manifest,
        contentType: "application/apply-patch+yaml",
        warn: options.warn,
      }),
    get: async (place) => whereThere(call("GET", await pathOf(place))),
    delete: async (place) => {
      const body = { propagationPolicy: "Foreground" };
      return (await whereThere(call("DELETE", await pathOf(place), { body }))) !== undefined;
    },
    pods: async (inside, labels) => {
      const labelSelector = Object.entries(labels)
        .map(([key, value]) => `${key}=${value}`)
        .join(",");
      const path = `/api/v1/namespaces/${encodeURIComponent(inside)}/pods`;
      const answer = await call("GET", path, { query: { labelSelector } });
      return answer.items as Manifest[];
    },
  };
}

interface CallOptions {
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly warn?: (text: string) => void;
}

function rootOf(apiVersion: string): string {
  return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

async function whereThere<Value>(answer: Promise<Value>): Promise<Value | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  }
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly warnings: readonly string[];
}

async function exchange(
  url: URL,
  options: RequestOptions,
  body: string | undefined,
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const outgoing = request(url, options, resolve);
  outgoing.once("error", reject);
  outgoing.once("timeout", () => {
    outgoing.destroy(new Error(`no answer within ${answerMs / 1_000} s`));
  });
  outgoing.end(body);
  const response = await promise;
  response.setEncoding("utf8");
  let text = "";
  for await (const chunk of response) text += chunk as string;
  return {
    status: response.statusCode ?? 0,
    text,
    warnings: warningsOf(response.headers.warning ?? ""),
  };
}

/** `299 - "text", 299 - "text"` */
function warningsOf(header: string): string[] {
  return [...header.matchAll(/\d{3} \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, text = ""]) =>
    text.replaceAll(/\\(.)/g, "$1"),
  );
}

function unreachable(error: unknown, context: string, server: string): never {
  throw new LocalError(
    `The cluster of the context "${context}" (${server}) can't be reached: ${messageOf(error)}`,
    {
      remedy: `Look whether it runs: kubectl --context ${context} cluster-info. That of this machine is started by \`make up\`; another one is chosen by KUBECONFIG or kubeContext.`,
      cause: error,
    },
  );
}

function refused(status: number, text: string, context: string, server: string): Error {
  const { reason, message } = statusOf(text);
  if (status !== 401 && status !== 403) return new ApiError(status, reason, message);
  // A Forbidden is also what admission answers: what it says of the object is the point then.
  return new LocalError(`The cluster of the context "${context}" (${server}) refuses: ${message}`, {
    remedy:
      status === 401
        ? "Its credentials are not valid any more: fetch a new kubeconfig."
        : "Change what the message names, or ask for the rights that it names.",
  });
}

function statusOf(text: string): { readonly reason: string; readonly message: string } {
  try {
    const { reason = "", message = text } = JSON.parse(text) as {
      reason?: string;
      message?: string;
    };
    return { reason, message };
  } catch {
    return { reason: "", message: text.slice(0, 500) };
  }
}
