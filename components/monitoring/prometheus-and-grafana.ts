import {
  CustomResource,
  type CustomResourceArgs,
} from "@pulumi/kubernetes/apiextensions/customResource.js";
import { ConfigMap, type ConfigMapArgs } from "@pulumi/kubernetes/core/v1/configMap.js";
import type * as pulumi from "@pulumi/pulumi";
import { AleoError } from "../../aleo/errors.ts";
import type { Network } from "../../aleo/network.ts";
import { refusal } from "../common/refusal.ts";
import { type Transform, transformed } from "../common/transform.ts";
import { type MonitorArgs, part } from "./monitor-args.ts";

export interface MonitoringTransforms {
  readonly serviceMonitor?: Transform<CustomResourceArgs> | undefined;
  readonly prometheusRule?: Transform<CustomResourceArgs> | undefined;
  readonly dashboards?: Transform<ConfigMapArgs> | undefined;
}

/** What the cluster's Prometheus reads and evaluates, and Grafana shows. */
export function declareMonitoring(
  name: string,
  { network, rules, monitoring }: MonitorArgs,
  place: {
    readonly namespace: pulumi.Output<string>;
    readonly labels: Readonly<Record<string, string>>;
    readonly selector: Readonly<Record<string, string>>;
  },
  transform: MonitoringTransforms | undefined,
  parent: pulumi.Resource,
): void {
  const { namespace, labels, selector } = place;
  const forPrometheus = { name: part, namespace, labels: { ...labels, ...monitoring?.labels } };
  const generated = namespace.apply((where) => observability(rules, network, where));
  const apiVersion = "monitoring.coreos.com/v1";
  new CustomResource(
    `${name}-service-monitor`,
    transformed<CustomResourceArgs>(
      {
        apiVersion,
        kind: "ServiceMonitor",
        metadata: forPrometheus,
        spec: {
          selector: { matchLabels: selector },
          endpoints: [{ port: "http", path: "/metrics", interval: "30s" }],
        },
      },
      transform?.serviceMonitor,
    ),
    { parent },
  );
  new CustomResource(
    `${name}-prometheus-rule`,
    transformed<CustomResourceArgs>(
      {
        apiVersion,
        kind: "PrometheusRule",
        metadata: forPrometheus,
        spec: { groups: generated.ruleGroups },
      },
      transform?.prometheusRule,
    ),
    { parent },
  );
  new ConfigMap(
    `${name}-dashboards`,
    transformed<ConfigMapArgs>(
      {
        metadata: {
          name: "monitor-dashboards",
          namespace,
          // What Grafana's sidecar looks for.
          labels: { ...labels, grafana_dashboard: "1" },
        },
        data: generated.dashboards,
      },
      transform?.dashboards,
    ),
    { parent },
  );
}

/** Loaded only where it is declared: a preview without it does not wait for Grafana's SDK. */
async function observability(
  rules: Readonly<Record<string, string>>,
  network: Network,
  namespace: string,
) {
  const { observabilityOf } = await import("../../monitor/metrics/observability.ts");
  const file = `${network}.yaml`;
  try {
    return observabilityOf(rules[file] ?? "", file, { network, namespace, service: part });
  } catch (error) {
    throw error instanceof AleoError ? refusal(error.message, error.remedy) : error;
  }
}
