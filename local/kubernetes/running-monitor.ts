import { join, relative } from "node:path";
import { execa } from "execa";
import { ensureKubernetes } from "../tools/kubernetes.ts";
import type { PersistentVolume, PersistentVolumeClaim, Pod, Secret } from "./wire.ts";

interface Found {
  readonly items: readonly (
    | ({ readonly kind: "Pod" } & Pod)
    | ({ readonly kind: "Secret" } & Secret)
    | ({ readonly kind: "PersistentVolume" } & PersistentVolume)
    | ({ readonly kind: "PersistentVolumeClaim" } & PersistentVolumeClaim)
  )[];
}

/**
 * How processes of this machine reach the monitor that runs in the local cluster, by the variables that
 * `aleo-ops` reads: its address, its database as a file of this machine, its keys of PagerDuty. Empty
 * where none runs.
 */
export async function runningMonitor(kubeconfig: string): Promise<Record<string, string>> {
  const { kubectl } = await ensureKubernetes(() => undefined);
  const kinds = "pods,secrets,persistentvolumes,persistentvolumeclaims";
  const { failed, stdout } = await execa(
    kubectl,
    ["get", kinds, "--all-namespaces", "--output", "json"],
    { env: { KUBECONFIG: kubeconfig }, reject: false, stdin: "ignore" },
  );
  return failed ? {} : variablesOf(JSON.parse(stdout) as Found);
}

function variablesOf({ items }: Found): Record<string, string> {
  const pod = items.find(
    (item): item is Pod & { kind: "Pod" } =>
      item.kind === "Pod" && item.metadata?.labels?.["app.kubernetes.io/component"] === "monitor",
  );
  const [container] = pod?.spec?.containers ?? [];
  const address = pod?.status?.podIP;
  if (pod === undefined || container === undefined || address === undefined) return {};
  const named = <Kind extends Found["items"][number]["kind"]>(kind: Kind, name?: string) =>
    items.find(
      (item): item is Extract<Found["items"][number], { kind: Kind }> =>
        item.kind === kind && item.metadata?.name === name,
    );

  const onThisMachine = (path: string): string | undefined => {
    const mount = container.volumeMounts?.find(({ mountPath }) => path.startsWith(mountPath));
    const volume = pod.spec?.volumes?.find(({ name }) => name === mount?.name);
    const claim = named("PersistentVolumeClaim", volume?.persistentVolumeClaim?.claimName);
    const folder = named("PersistentVolume", claim?.spec?.volumeName)?.spec?.local?.path;
    return folder === undefined || mount === undefined
      ? undefined
      : join(folder, relative(mount.mountPath, path));
  };

  const port = container.ports?.[0]?.containerPort;
  const variables: Record<string, string> = { MONITOR_URL: `http://${address}:${port}` };
  for (const { name, value, valueFrom } of container.env ?? []) {
    const { name: secret, key = "" } = valueFrom?.secretKeyRef ?? {};
    const found =
      name === "MONITOR_DATABASE"
        ? onThisMachine(value ?? "")
        : name.startsWith("PAGERDUTY_")
          ? (value ?? decoded(named("Secret", secret)?.data?.[key]))
          : undefined;
    if (found !== undefined) variables[name] = found;
  }
  return variables;
}

function decoded(data: string | undefined): string | undefined {
  return data === undefined ? undefined : Buffer.from(data, "base64").toString();
}
