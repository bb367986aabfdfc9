import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { cacheDirectory } from "../paths.ts";
import { ensureCached } from "./cached-tool.ts";
import { findOnPath } from "./executable.ts";
import { buildGo } from "./go-build.ts";
import type { Progress, ToolReport } from "./tool.ts";

export const kubernetesVersion = "1.36.3";

/** The programs of a cluster on one machine. */
export interface Kubernetes {
  readonly etcd: string;
  readonly apiserver: string;
  readonly controllerManager: string;
  readonly scheduler: string;
  readonly kubectl: string;
  /** Makes a cluster's certificates in a directory. */
  readonly certificates: string;
  /** Runs one container's process for the node. */
  readonly containerShim: string;
}

const moduleDirectory = join(import.meta.dirname, "kubernetes-control-plane");
const controlPlane = "kubernetes-control-plane";
/** The names by which the one program for all of them is called. */
const parts = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl"];

/** The programs that are here already. Nothing is downloaded or built. */
export function findKubernetes(env: NodeJS.ProcessEnv = process.env): Kubernetes | undefined {
  const directory = cached(env);
  return existsSync(directory) ? programsIn(directory) : undefined;
}

/**
 * Finds the programs, or builds them from their Go modules: some minutes, once.
 *
 * @throws LocalError without Go, or when the build fails
 */
export async function ensureKubernetes(
  progress: Progress,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Kubernetes> {
  const directory = await ensureCached({
    directory: cached(env),
    make: (aside) => build(aside, progress, env),
    progress,
  });
  return programsIn(directory);
}

export function reportKubernetes(env: NodeJS.ProcessEnv = process.env): ToolReport {
  const name = "kubernetes";
  const version = kubernetesVersion;
  if (findKubernetes(env) !== undefined) {
    return { name, status: "ready", version, from: `${cached(env)} (built from its Go modules)` };
  }
  if (findOnPath("go", env) === undefined) {
    return {
      name,
      status: "missing",
      version,
      from: "its Go modules, and Go is not on PATH",
      remedy: "Install Go 1.21 or newer (https://go.dev/dl), then run `make tools`.",
    };
  }
  return {
    name,
    status: "obtainable",
    version,
    from: "its Go modules: some minutes, once",
    remedy: "Run `make tools`.",
  };
}

async function build(aside: string, progress: Progress, env: NodeJS.ProcessEnv): Promise<void> {
  await buildGo(
    {
      name: `Kubernetes ${kubernetesVersion}`,
      module: moduleDirectory,
      packages: [".", "./container-shim", "./cluster-certificates"],
      versionFlag: `k8s.io/component-base/version.gitVersion=v${kubernetesVersion}`,
      output: `${aside}/`,
      why: `Kubernetes ${kubernetesVersion} is built from its Go modules`,
    },
    progress,
    env,
  );
  await mkdir(join(aside, "bin"));
  for (const part of parts) await symlink(join("..", controlPlane), join(aside, "bin", part));
}

function programsIn(directory: string): Kubernetes {
  const part = (name: string) => join(directory, "bin", name);
  return {
    etcd: part("etcd"),
    apiserver: part("kube-apiserver"),
    controllerManager: part("kube-controller-manager"),
    scheduler: part("kube-scheduler"),
    kubectl: part("kubectl"),
    certificates: join(directory, "cluster-certificates"),
    containerShim: join(directory, "container-shim"),
  };
}

/** The version and the module's own files are in the name: a change of them is built anew. */
function cached(env: NodeJS.ProcessEnv): string {
  const sources = createHash("sha256");
  for (const file of readdirSync(moduleDirectory, { recursive: true, encoding: "utf8" }).sort()) {
    if (!/(?:\.go|go\.mod|go\.sum)$/.test(file)) continue;
    sources
      .update(`${file}\0`)
      .update(readFileSync(join(moduleDirectory, file)))
      .update("\0");
  }
  const name = `${kubernetesVersion}-${sources.digest("hex").slice(0, 12)}`;
  return join(cacheDirectory(env), "kubernetes", name);
}
