import { arch, cpus, release, totalmem, type } from "node:os";
import { kubernetesVersion } from "../../tools/kubernetes.ts";
import type { Api } from "../api.ts";
import { ApiError } from "../api-error.ts";
import type { Lease, Node } from "../wire.ts";
import { type Capacity, nodeAddress } from "./fields.ts";
import { now } from "./run.ts";

export const nodeName = "local";

/** Half of what the control plane waits before it takes the node for lost, and less. */
const renewMs = 20_000;
const leaseSeconds = 40;
const maxPods = 110;

const architectures: Readonly<Record<string, string>> = { x64: "amd64" };

/** What the scheduler may give away: all that the machine has. */
export function capacity(): Capacity {
  return { cpu: String(cpus().length), memory: `${Math.floor(totalmem() / 1024)}Ki` };
}

/** The node as the control plane sees it; its labels and annotations say what it is. */
function nodeObject(port: number): Node {
  const { cpu, memory } = capacity();
  const resources = { cpu, memory, pods: String(maxPods) };
  const architecture = architectures[arch()] ?? arch();
  const time = now();
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name: nodeName,
      labels: {
        "kubernetes.io/hostname": nodeName,
        "kubernetes.io/os": process.platform,
        "kubernetes.io/arch": architecture,
        "node.kubernetes.io/instance-type": "aleo-ops-stand-in",
      },
      annotations: {
        "aleo-ops.local/stand-in":
          "Runs the containers of a pod as processes of this machine: without images, isolation and limits.",
      },
    },
    spec: {},
    status: {
      addresses: [
        { type: "InternalIP", address: nodeAddress },
        { type: "Hostname", address: nodeName },
      ],
      capacity: resources,
      allocatable: resources,
      conditions: [
        condition("Ready", "True", "KubeletReady", "the node takes pods", time),
        condition("MemoryPressure", "False", "NotMeasured", "limits are not enforced here", time),
        condition("DiskPressure", "False", "NotMeasured", "limits are not enforced here", time),
        condition("PIDPressure", "False", "NotMeasured", "limits are not enforced here", time),
      ],
      daemonEndpoints: { kubeletEndpoint: { Port: port } },
      nodeInfo: {
        architecture,
        operatingSystem: process.platform,
        osImage: type(),
        kernelVersion: release(),
        kubeletVersion: `v${kubernetesVersion}-aleo-ops`,
        kubeProxyVersion: "",
        containerRuntimeVersion: "process://1.0.0",
        bootID: "",
        machineID: "",
        systemUUID: "",
      },
    },
  };
}

function condition(type: string, status: string, reason: string, message: string, time: string) {
  return { type, status, reason, message, lastHeartbeatTime: time, lastTransitionTime: time };
}

/** Makes the node known to the control plane, or brings what is known of it up to date. */
export async function register(api: Api, port: number): Promise<void> {
  const node = nodeObject(port);
  try {
    await api.create("/api/v1/nodes", node);
  } catch (error) {
    if (!(error instanceof ApiError) || error.reason !== "AlreadyExists") throw error;
    const { labels, annotations } = node.metadata ?? {};
    await api.patch(`/api/v1/nodes/${nodeName}`, "merge", { metadata: { labels, annotations } });
  }
  await api.patch(`/api/v1/nodes/${nodeName}/status`, "strategic-merge", { status: node.status });
}

const leases = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases";

/** Tells the control plane every 20 s that the node is there, until `signal` aborts. */
export function keepLease(
  api: Api,
  { renewed, failed }: { readonly renewed: () => void; readonly failed: (error: unknown) => void },
  signal: AbortSignal,
): void {
  const renew = () => {
    renewLease(api).then(renewed, failed);
  };
  const timer = setInterval(renew, renewMs);
  signal.addEventListener("abort", () => {
    clearInterval(timer);
  });
  renew();
}

async function renewLease(api: Api): Promise<void> {
  const spec = {
    holderIdentity: nodeName,
    leaseDurationSeconds: leaseSeconds,
    renewTime: new Date().toISOString().replace("Z", "000Z"),
  };
  const lease = { apiVersion: "coordination.k8s.io/v1", kind: "Lease" };
  try {
    await api.patch<Lease>(`${leases}/${nodeName}`, "merge", { spec });
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 404) throw error;
    await api.create<Lease>(leases, { ...lease, metadata: { name: nodeName }, spec });
  }
}
