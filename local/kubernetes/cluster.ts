import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { withLock } from "../lock.ts";
import { readRecord } from "../processes.ts";
import { type Service, startDetached, stopDetached } from "../service.ts";
import { ensureKubernetes } from "../tools/kubernetes.ts";
import type { Progress } from "../tools/tool.ts";
import { Api } from "./api.ts";
import { bootstrap } from "./bootstrap.ts";
import { clusterPorts } from "./cluster-ports.ts";
import {
  apiserverService,
  type ControlPlane,
  controllerManagerService,
  etcdService,
  kubeconfigOf,
  schedulerService,
} from "./control-plane.ts";
import { contextName, ensureCredentials, writeKubeconfig } from "./credentials.ts";
import { clusterFiles, type Part, parts } from "./files.ts";
import type { Images } from "./images.ts";
import { nodeService, writeNodeSettings } from "./node-service.ts";

export interface ClusterOptions {
  /** Where the cluster keeps everything; one that is there already goes on. */
  readonly directory: string;
  /** What the node can run. */
  readonly images: Images;
  readonly progress: Progress;
}

export interface Cluster {
  /** The file that tools take; its one context is `context`. */
  readonly kubeconfig: string;
  readonly context: string;
  readonly server: string;
  /** The `kubectl` of the cluster's own version. */
  readonly kubectl: string;
  /** The names of the processes that did not run before. */
  readonly started: readonly string[];
}

/**
 * Brings up a Kubernetes cluster on this machine: a real control plane, and one node that runs the
 * containers of a pod as processes. What runs is left as it is; what does not is started on the data
 * that is there.
 *
 * @throws LocalError when a program can't be had, or a process ends or does not become ready
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const { images, progress } = options;
  const programs = await ensureKubernetes(progress);
  const files = clusterFiles(options.directory);
  await mkdir(files.directory, { recursive: true, mode: 0o700 });
  return withLock(join(files.directory, "start"), { waiting: () => undefined }, async () => {
    const stopped = !anyRuns(options.directory);
    const ports = await clusterPorts(files.ports, stopped);
    const credentials = await ensureCredentials(files.credentials, programs.certificates, stopped);
    const plane: ControlPlane = { programs, files, ports, credentials };
    const started: string[] = [];
    const start = async (part: Part, service: Service) => {
      progress(`starting ${service.name}`);
      const running = await startDetached(service, files.record(part));
      if (running.started) started.push(service.name);
    };
    await writeKubeconfig(files.kubeconfig, ports.apiserver, credentials, "admin");
    for (const part of ["controllerManager", "scheduler"] as const) {
      await writeKubeconfig(kubeconfigOf(plane, part), ports.apiserver, credentials, part);
    }
    await writeNodeSettings(plane, images);
    await start("etcd", etcdService(plane));
    await start("apiserver", apiserverService(plane));
    const api = new Api({
      port: ports.apiserver,
      authority: credentials.authority,
      token: credentials.tokens.admin,
    });
    await bootstrap(api).finally(() => {
      api.close();
    });
    await Promise.all([
      start("controllerManager", controllerManagerService(plane)),
      start("scheduler", schedulerService(plane)),
      start("node", nodeService(plane)),
    ]);
    return {
      kubeconfig: files.kubeconfig,
      context: contextName,
      server: `https://127.0.0.1:${ports.apiserver}`,
      kubectl: programs.kubectl,
      started,
    };
  });
}

/**
 * Ends the cluster in that directory: first the node, which ends its containers, then the rest. The
 * data stays.
 *
 * @returns the names of the parts that ran
 */
export async function stopCluster(directory: string): Promise<Part[]> {
  const files = clusterFiles(directory);
  const stopped: Part[] = [];
  for (const part of parts.toReversed()) {
    if (await stopDetached({ name: part }, files.record(part))) stopped.push(part);
  }
  return stopped;
}

/** Ends the cluster in that directory and deletes it, with the volumes of its pods. */
export async function deleteCluster(directory: string): Promise<void> {
  await stopCluster(directory);
  const { etcdSocket } = clusterFiles(directory);
  await rm(join(etcdSocket, ".."), { recursive: true, force: true });
  await rm(directory, { recursive: true, force: true });
}

function anyRuns(directory: string): boolean {
  const files = clusterFiles(directory);
  return parts.some((part) => readRecord(files.record(part)) !== undefined);
}
