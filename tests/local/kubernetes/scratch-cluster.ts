import { once } from "node:events";
import { readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { execa } from "execa";
import { parse } from "yaml";
import { Api } from "../../../local/kubernetes/api.ts";
import {
  type Cluster,
  type ClusterOptions,
  startCluster,
  stopCluster,
} from "../../../local/kubernetes/cluster.ts";
import type { Pod } from "../../../local/kubernetes/wire.ts";
import { projectDirectory } from "../../../local/paths.ts";
import { nodeDirectory } from "../../../local/tools/node.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";

export interface ScratchCluster {
  readonly api: Api;
  readonly directory: string;
  /** Starts what does not run. */
  start(): Promise<Cluster>;
  stop(): Promise<void>;
  /** What `kubectl` prints, with the error stream behind it where it fails. */
  kubectl(...args: string[]): Promise<string>;
  /** Makes a namespace of its own for one test. */
  namespace(name: string, labels?: Record<string, string>): Promise<Namespace>;
}

/** What one test declares and asks in its namespace. */
interface Namespace {
  readonly name: string;
  create(kind: string, object: object): Promise<void>;
  pod(name: string): Promise<Pod | undefined>;
  /** Waits until the pod is as told, and gives it. */
  podWhen(name: string, what: string, holds: (pod: Pod) => boolean): Promise<Pod>;
  logs(pod: string, ...args: string[]): Promise<string>;
  /** Follows a log; resolves when its first line has come, and gives all of it when it ends. */
  followLogs(pod: string, ...args: string[]): Promise<{ readonly whole: Promise<string> }>;
}

const longestMs = 100_000;
const everyMs = 250;

/** Asks again and again until the answer holds. */
export async function until<T>(
  what: string,
  ask: () => Promise<T>,
  holds: (answer: T) => boolean,
): Promise<T> {
  const deadline = Date.now() + longestMs;
  for (;;) {
    const answer = await ask();
    if (holds(answer)) return answer;
    if (Date.now() > deadline) {
      throw new Error(`${what}: not after ${longestMs / 1000} s, but ${JSON.stringify(answer)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

/**
 * A cluster of its own for the tests of one `describe`: call it in its body. The image `aleo-ops` is
 * this checkout, `shell` is a shell.
 */
export function scratchCluster(): ScratchCluster {
  const scratch = temporaryDirectory("cluster");
  const directory = join(scratch.path, "kubernetes");
  const env = { PATH: [nodeDirectory, "/usr/bin", "/bin"].join(delimiter) };
  const options: ClusterOptions = {
    directory,
    images: {
      "aleo-ops": { directory: projectDirectory, entrypoint: ["node", "operations/cli.ts"], env },
      shell: { directory: scratch.path, entrypoint: ["sh", "-c"], env },
    },
    progress: () => undefined,
  };
  let cluster: Cluster | undefined;
  let api: Api | undefined;
  const running = () => {
    if (cluster === undefined || api === undefined) throw new Error("the cluster does not run");
    return { cluster, api };
  };
  const start = async () => {
    cluster = await startCluster(options);
    api?.close();
    api = adminApi(cluster.kubeconfig);
    return cluster;
  };
  const run = (...args: string[]) => {
    const { kubectl, kubeconfig } = running().cluster;
    const env = { KUBECONFIG: kubeconfig, HOME: scratch.path };
    return execa(kubectl, args, { env, extendEnv: false, reject: false });
  };
  const kubectl = async (...args: string[]) => {
    const result = await run(...args);
    return result.failed ? `${result.stdout}\n${result.stderr}` : result.stdout;
  };

  before(async function () {
    this.timeout(600_000);
    await start();
  });
  after(async function () {
    this.timeout(120_000);
    api?.close();
    await stopCluster(directory);
    scratch.remove();
  });

  return {
    get api() {
      return running().api;
    },
    directory,
    start,
    stop: async () => {
      await stopCluster(directory);
    },
    kubectl,
    namespace: async (name, labels) => {
      const metadata = { name, ...(labels !== undefined && { labels }) };
      await running().api.create("/api/v1/namespaces", { metadata });
      const account = `/api/v1/namespaces/${name}/serviceaccounts/default`;
      await until("the service account", () => running().api.find(account), Boolean);
      const path = (kind: string) => {
        const base = kind.includes("/")
          ? `/apis/${kind.slice(0, kind.lastIndexOf("/"))}`
          : "/api/v1";
        return `${base}/namespaces/${name}/${kind.slice(kind.lastIndexOf("/") + 1)}`;
      };
      const pod = (of: string) => running().api.find<Pod>(`${path("pods")}/${of}`);
      return {
        name,
        create: async (kind, object) => {
          await running().api.create(path(kind), object);
        },
        pod,
        podWhen: async (of, what, holds) => {
          const found = await until(
            `pod ${of} ${what}`,
            () => pod(of),
            (found) => found !== undefined && holds(found),
          );
          if (found === undefined) throw new Error(`no pod ${of}`);
          return found;
        },
        logs: (of, ...args) => kubectl("logs", "--namespace", name, of, ...args),
        followLogs: async (of, ...args) => {
          const child = run("logs", "--follow", "--namespace", name, of, ...args);
          const first = once(child.stdout, "data");
          const whole = child.then(({ stdout }) => stdout);
          await Promise.race([first, whole]);
          return { whole };
        },
      };
    },
  };
}

function adminApi(kubeconfig: string): Api {
  const { clusters, users } = parse(readFileSync(kubeconfig, "utf8")) as {
    clusters: [{ cluster: { server: string; "certificate-authority-data": string } }];
    users: [{ user: { token: string } }];
  };
  const { server, "certificate-authority-data": authority } = clusters[0].cluster;
  return new Api({
    port: Number(new URL(server).port),
    authority: Buffer.from(authority, "base64").toString(),
    token: users[0].user.token,
  });
}
