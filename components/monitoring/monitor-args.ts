import type * as pulumi from "@pulumi/pulumi";
import type { Network } from "../../aleo/network.ts";
import { type MailArgs, routeVariables } from "../kubernetes/alert-routes.ts";
import type { Labels } from "../kubernetes/labels.ts";
import type { SecretSource, Values } from "../kubernetes/environment.ts";

/** The component of the monitor's objects, and the name of most of them. */
export const part = "monitor";

/**
 * The secret variables that the monitor reads: where each severity is sent, who is told that it lives,
 * who may sign in to the dashboard, and keys to the backups where its pod can't take on a role.
 */
export const monitorSecrets: readonly string[] = [
  ...routeVariables,
  "HEARTBEAT_URL",
  "MONITOR_TOKEN",
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
];

/** The cluster's Prometheus and Grafana, where it has them. */
interface MonitoringArgs {
  /** The namespace from which Prometheus asks for the metrics; `monitoring`. */
  readonly namespace?: string | undefined;
  /** By which Prometheus finds what is for it: `{release: "kube-prometheus-stack"}`. */
  readonly labels?: Labels | undefined;
}

/** How the dashboard is reached from outside. */
interface IngressArgs {
  /** The Ingress's class; `nginx`. */
  readonly class?: string | undefined;
  /** The namespace of the pods that pass requests on; `ingress-nginx` where a `dashboardHost` is set. */
  readonly namespace?: string | undefined;
  /** The addresses of a load balancer that is no pod, as an ALB; then no namespace is let in by itself. */
  readonly cidr?: string | undefined;
  /** The Secret with the host's certificate; `monitor-tls`. */
  readonly tlsSecret?: string | undefined;
  readonly annotations?: Labels | undefined;
}

export interface MonitorArgs {
  readonly network: Network;
  /** The namespace that is made for the monitor and the scheduled operations. */
  readonly namespace: string;
  /** Image of this project, on public networks by digest: `ghcr.io/example/aleo-ops@sha256:…`. */
  readonly image: string;
  /** Base URLs of nodes, tried in this order. */
  readonly endpoints: readonly string[];
  /** The files of the rules by name; the monitor reloads them when they change. */
  readonly rules: Readonly<Record<string, string>>;
  /**
   * The checksum of each program that the stack declares, by id: a new edition with that code wakes
   * nobody. The monitor reads them again when they change.
   */
  readonly programs: Readonly<Record<string, string>>;
  /** Further plain variables, as PAGERDUTY_EVENTS_URL. They win over those of the component. */
  readonly environment?: Values | undefined;
  /** Where alerts are sent and what else is secret, by the names of `monitorSecrets`. */
  readonly secrets?: SecretSource | undefined;
  /** Alerts by e-mail, through the server that SMTP_URL of `secrets` names. */
  readonly mail?: MailArgs | undefined;
  /** ARN of the role that may read backups, so that their age can be watched. */
  readonly backupReaderRole?: pulumi.Input<string> | undefined;
  /** Host name under which the dashboard is reached from outside; without it, it is not. */
  readonly dashboardHost?: string | undefined;
  readonly ingress?: IngressArgs | undefined;
  /** Class of the volume with its database; the cluster's default one where it is left out. */
  readonly storageClass?: string | undefined;
  /**
   * Set where the cluster has the kinds of the Prometheus operator: then Prometheus gets alerting
   * rules and Grafana a dashboard, both made from the monitor's metrics and its rules.
   */
  readonly monitoring?: MonitoringArgs | undefined;
  /** Port of its HTTP server, 1024 or above; 8080. */
  readonly port?: number | undefined;
}
