import { mkdirSync, statSync } from "node:fs";
import { get as getHttp } from "node:http";
import { get as getHttps, type RequestOptions } from "node:https";
import { dirname, join } from "node:path";
import { LocalError } from "../errors.ts";
import type { Service, ServiceCommand } from "../service.ts";
import type { Kubernetes } from "../tools/kubernetes.ts";
import type { ClusterPorts } from "./cluster-ports.ts";
import type { Credentials } from "./credentials.ts";
import type { ClusterFiles, Part } from "./files.ts";

export interface ControlPlane {
  readonly programs: Kubernetes;
  readonly files: ClusterFiles;
  readonly ports: ClusterPorts;
  readonly credentials: Credentials;
}

/**
 * The controllers that a cluster of one node needs. Those of endpoints are left out: all pods have
 * the address 127.0.0.1, which the API takes for no endpoint, and nothing routes to Services here.
 */
const controllers = [
  "clusterrole-aggregation-controller",
  "cronjob-controller",
  "daemonset-controller",
  "deployment-controller",
  "disruption-controller",
  "garbage-collector-controller",
  "job-controller",
  "namespace-controller",
  "node-lifecycle-controller",
  "persistentvolume-binder-controller",
  "persistentvolume-protection-controller",
  "persistentvolumeclaim-protection-controller",
  "pod-garbage-collector-controller",
  "replicaset-controller",
  "resourcequota-controller",
  "root-ca-certificate-publisher-controller",
  "serviceaccount-controller",
  "statefulset-controller",
  "taint-eviction-controller",
  "ttl-after-finished-controller",
];

/** etcd, with its data synced to disk. It listens on a socket that only this user can reach. */
export function etcdService({ programs, files, ports }: ControlPlane): Service {
  // What it would tell others has to have a port; nobody asks for it.
  const asClient = "http://localhost:2379";
  const asPeer = "http://localhost:2380";
  return service("etcd", "etcd", { files, ports }, `http://127.0.0.1:${ports.etcd}/readyz`, () => {
    makePrivateDirectory(dirname(files.etcdSocket));
    return command(programs.etcd, [
      "--name=local",
      `--data-dir=${files.etcdData}`,
      `--listen-client-urls=unix://${files.etcdSocket}`,
      `--advertise-client-urls=${asClient}`,
      `--listen-peer-urls=unix://${files.etcdPeerSocket}`,
      `--initial-advertise-peer-urls=${asPeer}`,
      `--initial-cluster=local=${asPeer}`,
      `--listen-metrics-urls=http://127.0.0.1:${ports.etcd}`,
      "--log-level=warn",
    ]);
  });
}

export function apiserverService(plane: ControlPlane): Service {
  const { programs, files, ports, credentials } = plane;
  const { certificate, authority, tokens, serviceAccountKey } = credentials.files;
  const serving = certificate("apiserver");
  const nodeClient = certificate("node-client");
  const ready = `https://127.0.0.1:${ports.apiserver}/readyz`;
  return service("apiserver", "kube-apiserver", plane, ready, () =>
    command(programs.apiserver, [
      `--etcd-servers=unix://${files.etcdSocket}`,
      "--bind-address=127.0.0.1",
      "--advertise-address=127.0.0.1",
      `--secure-port=${ports.apiserver}`,
      `--tls-cert-file=${serving.certificate}`,
      `--tls-private-key-file=${serving.key}`,
      `--token-auth-file=${tokens}`,
      "--service-account-issuer=https://kubernetes.default.svc",
      `--service-account-key-file=${serviceAccountKey}`,
      `--service-account-signing-key-file=${serviceAccountKey}`,
      "--authorization-mode=Node,RBAC",
      "--enable-admission-plugins=NodeRestriction",
      "--service-cluster-ip-range=10.96.0.0/16",
      `--kubelet-certificate-authority=${authority}`,
      `--kubelet-client-certificate=${nodeClient.certificate}`,
      `--kubelet-client-key=${nodeClient.key}`,
      "--kubelet-preferred-address-types=InternalIP",
      "--endpoint-reconciler-type=none",
      "--enable-priority-and-fairness=false",
      "--profiling=false",
    ]),
  );
}

export function controllerManagerService(plane: ControlPlane): Service {
  const { programs, ports, credentials } = plane;
  const ready = `https://127.0.0.1:${ports.controllerManager}/healthz`;
  return service("controllerManager", "kube-controller-manager", plane, ready, () =>
    command(programs.controllerManager, [
      `--kubeconfig=${kubeconfigOf(plane, "controllerManager")}`,
      "--bind-address=127.0.0.1",
      `--secure-port=${ports.controllerManager}`,
      "--leader-elect=false",
      "--use-service-account-credentials",
      `--root-ca-file=${credentials.files.authority}`,
      `--controllers=${controllers.join(",")}`,
      "--node-monitor-grace-period=60s",
      "--profiling=false",
    ]),
  );
}

export function schedulerService(plane: ControlPlane): Service {
  const { programs, ports } = plane;
  const ready = `https://127.0.0.1:${ports.scheduler}/healthz`;
  return service("scheduler", "kube-scheduler", plane, ready, () =>
    command(programs.scheduler, [
      `--kubeconfig=${kubeconfigOf(plane, "scheduler")}`,
      "--bind-address=127.0.0.1",
      `--secure-port=${ports.scheduler}`,
      "--leader-elect=false",
      "--profiling=false",
    ]),
  );
}

export function kubeconfigOf(
  { files }: Pick<ControlPlane, "files">,
  part: "controllerManager" | "scheduler",
): string {
  return join(files.credentials, `${part}.kubeconfig`);
}

/** @throws LocalError where another user has made it, who could then reach what is in it */
function makePrivateDirectory(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const { uid, mode } = statSync(directory);
  if (uid === process.getuid?.() && (mode & 0o077) === 0) return;
  throw new LocalError(`${directory} can be entered by other users.`, {
    remedy: "Delete it, or move the project to a directory with a shorter path.",
  });
}

function service(
  part: Part,
  name: string,
  { files, ports }: Pick<ControlPlane, "files" | "ports">,
  readyUrl: string,
  commandOf: () => ServiceCommand,
): Service {
  return {
    name,
    port: ports[part],
    logFile: files.log(part),
    command: () => Promise.resolve(commandOf()),
    isReady: () => answersOk(readyUrl),
  };
}

function command(file: string, args: readonly string[]): ServiceCommand {
  return { file, args, env: { PATH: process.env.PATH } };
}

/** Whether the address answers 200. It is only asked whether it is up, so any certificate will do. */
export function answersOk(url: string): Promise<boolean> {
  const options: RequestOptions = { timeout: 2_000, rejectUnauthorized: false, agent: false };
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const outgoing = url.startsWith("https:") ? getHttps(url, options) : getHttp(url, options);
  outgoing.once("response", (response) => {
    response.resume();
    resolve(response.statusCode === 200);
  });
  outgoing.once("error", () => {
    resolve(false);
  });
  outgoing.once("timeout", () => {
    outgoing.destroy();
    resolve(false);
  });
  return promise;
}
