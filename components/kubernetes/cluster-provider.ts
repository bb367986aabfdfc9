import type * as pulumi from "@pulumi/pulumi";
import { Provider } from "@pulumi/kubernetes/provider.js";

/**
 * The cluster of a stack. Unlike Pulumi's default provider it changes a ConfigMap in place, so that
 * the monitor reloads its rules without a restart, and takes back a field that somebody changed by
 * hand instead of stopping at the conflict.
 *
 * @param context of the kubeconfig; its current one where it is left out
 * @example
 * const provider = clusterProvider("cluster", settings.kubeContext);
 * new ContractMonitor("monitor", { … }, { providers: { kubernetes: provider } });
 */
export function clusterProvider(
  name: string,
  context: string | undefined,
  options?: pulumi.ResourceOptions,
): Provider {
  return new Provider(
    name,
    {
      ...(context !== undefined && { context }),
      enableConfigMapMutable: true,
      enablePatchForce: true,
    },
    options,
  );
}
