import { randomInt } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { LocalError } from "../errors.ts";
import { isFree } from "../ports.ts";
import { type Part, parts } from "./files.ts";

/** The port on 127.0.0.1 of each part. That of etcd answers health checks only. */
export type ClusterPorts = Readonly<Record<Part, number>>;

/** Below the ports that a system gives to outgoing connections, so that they stay free. */
const first = 20_000;
const end = 32_000;

/**
 * The ports of a cluster: chosen at its first start and kept, so that its kubeconfig stays true. One
 * that another process has taken is chosen anew, but only while no part runs (`mayChange`).
 */
export async function clusterPorts(file: string, mayChange: boolean): Promise<ClusterPorts> {
  const recorded = read(file);
  if (recorded !== undefined && !mayChange) return recorded;
  const chosen = new Map<Part, number>();
  for (const part of parts) {
    const kept = recorded?.[part];
    const port = kept !== undefined && (await isFree(kept)) ? kept : await choose(chosen);
    chosen.set(part, port);
  }
  const ports = Object.fromEntries(chosen) as ClusterPorts;
  writeFileSync(`${file}.new`, `${JSON.stringify(ports)}\n`);
  renameSync(`${file}.new`, file);
  return ports;
}

function read(file: string): ClusterPorts | undefined {
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as ClusterPorts) : undefined;
}

async function choose(taken: ReadonlyMap<Part, number>): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = randomInt(first, end);
    if (![...taken.values()].includes(port) && (await isFree(port))) return port;
  }
  throw new LocalError(`No free port was found from ${first} to ${end}.`, {
    remedy: "End some of the processes that listen there.",
  });
}
