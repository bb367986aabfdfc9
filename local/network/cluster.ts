import { existsSync } from "node:fs";
import { delimiter } from "node:path";
import { startCluster, stopCluster } from "../kubernetes/cluster.ts";
import { clusterFiles } from "../kubernetes/files.ts";
import type { Images } from "../kubernetes/images.ts";
import { runningMonitor } from "../kubernetes/running-monitor.ts";
import type { LocalState } from "../paths.ts";
import { readRecord } from "../processes.ts";
import { ensureKubernetes, kubernetesVersion } from "../tools/kubernetes.ts";
import { nodeDirectory } from "../tools/node.ts";
import type { Part } from "./part.ts";

/** A Kubernetes control plane, and a node that runs the project's own image as processes. */
export function cluster({ kubernetes: directory }: LocalState, project: string): Part {
  return {
    title: "Kubernetes",
    tool: {
      title: "Kubernetes",
      run: async (progress) => {
        await ensureKubernetes(progress);
        return `${kubernetesVersion}, built from its Go modules`;
      },
    },
    start: async (progress) => {
      const { server, started } = await startCluster({
        directory,
        images: imagesOf(project),
        progress,
      });
      return { started: started.length > 0, url: server };
    },
    stop: async () => (await stopCluster(directory)).length > 0,
    toSee: async () => [
      ...dashboard(await runningMonitor(clusterFiles(directory).kubeconfig)),
      `make kubectl ARGS="get pods -A"   the monitor and the scheduled operations`,
    ],
    environment: () => {
      const files = clusterFiles(directory);
      const runs = existsSync(files.kubeconfig) && readRecord(files.record("apiserver"));
      return runs ? { KUBECONFIG: files.kubeconfig } : undefined;
    },
  };
}

function dashboard({ MONITOR_URL: url }: Record<string, string>): string[] {
  return url === undefined ? [] : [`${url}   the monitor's dashboard`];
}

/** The image that the Dockerfile builds: the checkout itself. */
function imagesOf(project: string): Images {
  return {
    "aleo-ops": {
      directory: project,
      entrypoint: ["node", "operations/cli.ts"],
      env: { PATH: [nodeDirectory, "/usr/bin", "/bin"].join(delimiter), NODE_ENV: "production" },
    },
  };
}
