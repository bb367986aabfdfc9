import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { type Cluster, deleteCluster, startCluster } from "../../../local/kubernetes/cluster.ts";
import { createPulumiProject, type PulumiProject } from "../../support/pulumi-project.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";

export interface ClusterWithProject {
  readonly cluster: Cluster;
  readonly project: PulumiProject;
  /** Runs kubectl as the cluster's administrator; an error where it fails. */
  kubectl(...args: readonly string[]): Promise<string>;
  /** The same with a text on its standard input. */
  kubectlWith(input: string, ...args: readonly string[]): Promise<string>;
  /** Writes a file beside the cluster's, and gives its path. */
  write(name: string, text: string): string;
  dispose(): Promise<void>;
}

/** Answers as the monitor does, ready or not as the rules that it is given say. */
const answering = `
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
const { MONITOR_RULES, MONITOR_HOST, MONITOR_PORT } = process.env;
const isReady = () => !readFileSync(MONITOR_RULES + "/local.yaml", "utf8").includes("not ready");
createServer(({ url }, response) => {
  response.writeHead(url === "/healthz" || isReady() ? 200 : 503).end(url);
}).listen(Number(MONITOR_PORT), MONITOR_HOST);
process.on("SIGTERM", () => process.exit());
`;

/** A cluster of its own, and a project whose stack is brought up there with the plugin. */
export async function createClusterWithProject(): Promise<ClusterWithProject> {
  const { path, remove } = temporaryDirectory("cluster");
  const directory = join(path, "cluster");
  writeFileSync(join(path, "answer.ts"), answering);
  const cluster = await startCluster({
    directory,
    images: {
      "aleo-ops": {
        directory: path,
        entrypoint: [process.execPath, "answer.ts"],
        env: { PATH: process.env.PATH ?? "" },
      },
    },
    progress: () => undefined,
  });
  const env = { KUBECONFIG: cluster.kubeconfig };
  const project = await createPulumiProject({ program: "", env });
  installStandIn(project);
  return {
    cluster,
    project,
    kubectl: async (...args) => (await execa(cluster.kubectl, args, { env })).stdout,
    kubectlWith: async (input, ...args) =>
      (await execa(cluster.kubectl, args, { env, input })).stdout,
    write: (name, text) => {
      const file = join(path, name);
      writeFileSync(file, text, { mode: 0o600 });
      return file;
    },
    dispose: async () => {
      project.dispose();
      await deleteCluster(directory);
      remove();
    },
  };
}

/** As `make up` does where the real plugin can't be had. */
function installStandIn(project: PulumiProject): void {
  const directory = join(
    project.directory,
    ".pulumi-test/home/plugins/resource-kubernetes-v4.34.2",
  );
  const plugin = join(project.directory, "local/plugins/kubernetes/plugin.ts");
  mkdirSync(directory, { recursive: true });
  writeFileSync(
    join(directory, "pulumi-resource-kubernetes"),
    `#!/bin/sh\nexec node "${plugin}" "$@"\n`,
    { mode: 0o755 },
  );
}
