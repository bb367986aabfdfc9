import { createHash } from "node:crypto";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";

/** A part of the cluster that is a process. */
export type Part = "etcd" | "apiserver" | "controllerManager" | "scheduler" | "node";

export const parts: readonly Part[] = [
  "etcd",
  "apiserver",
  "controllerManager",
  "scheduler",
  "node",
];

/** The files of one cluster: all are in its directory, but the socket where its path would be too long. */
export interface ClusterFiles {
  readonly directory: string;
  /** For people and tools; a user who may do everything. */
  readonly kubeconfig: string;
  readonly ports: string;
  readonly credentials: string;
  readonly etcdData: string;
  readonly etcdSocket: string;
  readonly etcdPeerSocket: string;
  /** What the node keeps: its pods, their volumes and logs. */
  readonly node: string;
  readonly nodeSettings: string;
  readonly log: (part: Part) => string;
  readonly record: (part: Part) => string;
}

/** The longest path of a socket on Linux is 107 bytes, on macOS 103. */
const longestSocketPath = 100;

export function clusterFiles(directory: string): ClusterFiles {
  const at = (...names: string[]) => join(directory, ...names);
  const sockets = socketDirectory(directory);
  return {
    directory,
    kubeconfig: at("kubeconfig"),
    ports: at("ports.json"),
    credentials: at("credentials"),
    etcdData: at("etcd"),
    etcdSocket: join(sockets, "etcd.sock"),
    etcdPeerSocket: join(sockets, "peer.sock"),
    node: at("node"),
    nodeSettings: at("node.settings.json"),
    log: (part) => at("logs", `${part}.log`),
    record: (part) => at(`${part}.json`),
  };
}

/** A directory that only this user may enter: whoever reaches etcd reads every secret. */
function socketDirectory(directory: string): string {
  const inside = join(directory, "sockets");
  if (Buffer.byteLength(join(inside, "etcd.sock")) <= longestSocketPath) return inside;
  const id = createHash("sha256").update(directory).digest("hex").slice(0, 12);
  return join(tmpdir(), `aleo-ops-${userInfo().uid}-${id}`);
}
