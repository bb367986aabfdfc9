import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import type { KubeConfig } from "@kubernetes/client-node";
import { LocalError, messageOf } from "../../errors.ts";
import type { Properties } from "../server/resource-type.ts";

/**
 * The kubeconfig that the provider's settings name (a path, or the text itself), else KUBECONFIG, else
 * ~/.kube/config, with the context and the cluster of the settings chosen.
 * @throws LocalError where there is none, it is none, or it has no such context
 */
export async function kubeconfigOf(
  settings: Properties,
  environment: NodeJS.ProcessEnv,
): Promise<KubeConfig> {
  const { KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  const source = sourceOf(settings, environment);
  try {
    if ("text" in source) config.loadFromString(source.text);
    else loadFiles(config, source.files, () => new KubeConfig());
  } catch (error) {
    throw new LocalError(`${source.name} can't be read: ${messageOf(error)}`, {
      remedy: "Correct it, or set KUBECONFIG to the file of your cluster; `make up` writes one.",
      cause: error,
    });
  }
  choose(config, settings, source.name);
  return config;
}

type Source = { readonly name: string } & (
  { readonly text: string } | { readonly files: readonly string[] }
);

function sourceOf({ kubeconfig }: Properties, environment: NodeJS.ProcessEnv): Source {
  if (typeof kubeconfig === "object") {
    return { name: "The provider's kubeconfig", text: JSON.stringify(kubeconfig) };
  }
  if (typeof kubeconfig === "string" && kubeconfig !== "") {
    return /[\n{]/.test(kubeconfig)
      ? { name: "The provider's kubeconfig", text: kubeconfig }
      : { name: `The kubeconfig ${kubeconfig}`, files: [kubeconfig] };
  }
  const named = environment.KUBECONFIG?.split(delimiter).filter((file) => file !== "") ?? [];
  if (named.length > 0) {
    return { name: `KUBECONFIG (${named.join(delimiter)})`, files: named };
  }
  const usual = join(homedir(), ".kube", "config");
  if (existsSync(usual)) return { name: usual, files: [usual] };
  throw new LocalError(
    `No Kubernetes cluster is named: there is neither KUBECONFIG nor ${usual}.`,
    {
      remedy:
        "Set KUBECONFIG to your cluster's file. `make up` starts a cluster on this machine and writes one.",
    },
  );
}

/** kubectl's rule for several files: what an earlier one says holds; those that are missing are passed over. */
function loadFiles(config: KubeConfig, files: readonly string[], create: () => KubeConfig): void {
  const there = files.length === 1 ? files : files.filter((file) => existsSync(file));
  const [first, ...others] = there;
  if (first === undefined) throw new Error("none of the files is there");
  config.loadFromFile(first);
  for (const file of others) {
    const other = create();
    other.loadFromFile(file);
    config.mergeConfig(other);
  }
}

function choose(config: KubeConfig, { context, cluster }: Properties, source: string): void {
  if (typeof context === "string" && context !== "") config.setCurrentContext(context);
  const chosen = config.getContextObject(config.getCurrentContext());
  if (chosen === null) {
    const known = config.getContexts().map(({ name }) => name);
    throw new LocalError(
      `${source} has no context "${config.getCurrentContext()}". Its contexts are: ${known.join(", ")}.`,
      {
        remedy:
          "Set kubeContext in the stack's file to one of them, or KUBECONFIG to another file.",
      },
    );
  }
  const wanted = typeof cluster === "string" && cluster !== "" ? cluster : chosen.cluster;
  if (config.getCluster(wanted) === null) {
    throw new LocalError(
      `${source} has no cluster "${wanted}", which the context "${chosen.name}" is to use.`,
      { remedy: "Correct the kubeconfig, or choose another context by kubeContext." },
    );
  }
  config.contexts = config.contexts.map((one) =>
    one === chosen ? { ...one, cluster: wanted } : one,
  );
}
