import * as pulumi from "@pulumi/pulumi";
import { StatefulSet, type StatefulSetArgs } from "@pulumi/kubernetes/apps/v1/statefulSet.js";
import { ConfigMap, type ConfigMapArgs } from "@pulumi/kubernetes/core/v1/configMap.js";
import { Namespace, type NamespaceArgs } from "@pulumi/kubernetes/core/v1/namespace.js";
import type { SecretArgs } from "@pulumi/kubernetes/core/v1/secret.js";
import { Service, type ServiceArgs } from "@pulumi/kubernetes/core/v1/service.js";
import {
  ServiceAccount,
  type ServiceAccountArgs,
} from "@pulumi/kubernetes/core/v1/serviceAccount.js";
import { Ingress, type IngressArgs } from "@pulumi/kubernetes/networking/v1/ingress.js";
import {
  NetworkPolicy,
  type NetworkPolicyArgs,
} from "@pulumi/kubernetes/networking/v1/networkPolicy.js";
import {
  PodDisruptionBudget,
  type PodDisruptionBudgetArgs,
} from "@pulumi/kubernetes/policy/v1/podDisruptionBudget.js";
import { type Transform, transformed } from "./common/transform.ts";
import { declaredPrograms } from "./kubernetes/declared-programs.ts";
import { secretVariables } from "./kubernetes/environment.ts";
import { labelsOf, selectorOf } from "./kubernetes/labels.ts";
import { denyAll } from "./kubernetes/network-access.ts";
import { podSecurity, restrictedNamespace, scratch } from "./kubernetes/pod-security.ts";
import { roleAnnotation } from "./kubernetes/service-accounts.ts";
import { ingressOf, monitorAccess } from "./monitoring/access.ts";
import { monitorContainer } from "./monitoring/container.ts";
import { type MonitorArgs, monitorSecrets, part } from "./monitoring/monitor-args.ts";
import {
  declareMonitoring,
  type MonitoringTransforms,
} from "./monitoring/prometheus-and-grafana.ts";
import { requireSound, unwatched } from "./monitoring/soundness.ts";

export interface ContractMonitorArgs extends MonitorArgs {
  readonly transform?:
    | (MonitoringTransforms & {
        readonly namespace?: Transform<NamespaceArgs> | undefined;
        readonly serviceAccount?: Transform<ServiceAccountArgs> | undefined;
        readonly rules?: Transform<ConfigMapArgs> | undefined;
        readonly programs?: Transform<ConfigMapArgs> | undefined;
        readonly secrets?: Transform<SecretArgs> | undefined;
        readonly statefulSet?: Transform<StatefulSetArgs> | undefined;
        readonly service?: Transform<ServiceArgs> | undefined;
        readonly ingress?: Transform<IngressArgs> | undefined;
        readonly defaultDeny?: Transform<NetworkPolicyArgs> | undefined;
        readonly networkPolicy?: Transform<NetworkPolicyArgs> | undefined;
        readonly disruptionBudget?: Transform<PodDisruptionBudgetArgs> | undefined;
      })
    | undefined;
}

/**
 * The process that watches a network, in a namespace of its own that refuses pods with more rights
 * than they need, and that nothing reaches which is not named here.
 *
 * @example
 * new ContractMonitor("monitor", {
 *   network: "testnet",
 *   namespace: "aleo-ops",
 *   image: "ghcr.io/example/aleo-ops@sha256:…",
 *   endpoints: ["https://api.explorer.provable.com/v2"],
 *   rules: { "testnet.yaml": readFileSync("monitor/rules/testnet.yaml", "utf8") },
 *   programs: { "agent_registry_v3.aleo": "<SHA3-256 of its canonical text>" },
 *   secrets: { values: { PAGERDUTY_KEY_CRITICAL: policies.routingKeys.critical } },
 * });
 */
export class ContractMonitor extends pulumi.ComponentResource {
  readonly namespace: pulumi.Output<string>;
  /** Where the monitor answers inside the cluster: `http://monitor.aleo-ops.svc:8080`. */
  readonly url: pulumi.Output<string>;
  /** The ConfigMap with the checksums of the declared programs. */
  readonly programs: pulumi.Output<string>;
  /** Where people find the dashboard; empty without `dashboardHost`. */
  readonly dashboardUrl: pulumi.Output<string>;

  /** @throws pulumi.RunError for an image that is not pinned, rules or names that Kubernetes refuses */
  constructor(name: string, args: ContractMonitorArgs, options?: pulumi.ComponentResourceOptions) {
    requireSound(args);
    super("aleops:monitor:ContractMonitor", name, {}, options);
    const warning = unwatched(args);
    if (warning !== undefined) void pulumi.log.warn(warning, this);
    const { network, transform, port = 8080 } = args;
    const labels = labelsOf(part, network);
    const selector = selectorOf(part);
    const parent = { parent: this };

    const home = new Namespace(
      `${name}-namespace`,
      transformed<NamespaceArgs>(
        {
          metadata: {
            name: args.namespace,
            labels: { ...labelsOf("namespace", network), ...restrictedNamespace },
          },
        },
        transform?.namespace,
      ),
      parent,
    );
    const namespace = home.metadata.name;
    const metadata = { name: part, namespace, labels };

    new NetworkPolicy(
      `${name}-default-deny`,
      transformed<NetworkPolicyArgs>(
        { metadata: { ...metadata, name: "default-deny" }, spec: denyAll },
        transform?.defaultDeny,
      ),
      parent,
    );
    const policy = new NetworkPolicy(
      `${name}-network-policy`,
      transformed<NetworkPolicyArgs>(
        { metadata, spec: monitorAccess(args, port) },
        transform?.networkPolicy,
      ),
      parent,
    );
    const account = new ServiceAccount(
      `${name}-service-account`,
      transformed<ServiceAccountArgs>(
        {
          metadata: { ...metadata, annotations: roleAnnotation(args.backupReaderRole) },
          automountServiceAccountToken: false,
        },
        transform?.serviceAccount,
      ),
      parent,
    );
    const rules = new ConfigMap(
      `${name}-rules`,
      transformed<ConfigMapArgs>(
        { metadata: { ...metadata, name: "monitor-rules" }, data: args.rules },
        transform?.rules,
      ),
      parent,
    );
    const programs = new ConfigMap(
      `${name}-programs`,
      transformed<ConfigMapArgs>(
        {
          metadata: { ...metadata, name: "monitor-programs" },
          data: declaredPrograms.data(args.programs),
        },
        transform?.programs,
      ),
      parent,
    );
    const secrets = secretVariables({
      name: `${name}-secrets`,
      namespace,
      labels,
      source: args.secrets,
      names: monitorSecrets,
      transform: transform?.secrets,
      parent: this,
    });
    const service = new Service(
      `${name}-service`,
      transformed<ServiceArgs>(
        {
          metadata: {
            ...metadata,
            // That the monitor is ready is waited for once, by its StatefulSet.
            annotations: { "pulumi.com/skipAwait": "true" },
          },
          spec: {
            type: "ClusterIP",
            selector,
            ports: [{ name: "http", port, targetPort: "http" }],
          },
        },
        transform?.service,
      ),
      parent,
    );
    new PodDisruptionBudget(
      `${name}-disruption-budget`,
      transformed<PodDisruptionBudgetArgs>(
        {
          metadata,
          // The monitor goes on at its cursor: a machine may be emptied, a broken pod always moved.
          spec: {
            maxUnavailable: 1,
            selector: { matchLabels: selector },
            unhealthyPodEvictionPolicy: "AlwaysAllow",
          },
        },
        transform?.disruptionBudget,
      ),
      parent,
    );
    new StatefulSet(
      `${name}-stateful-set`,
      transformed<StatefulSetArgs>(
        {
          metadata,
          spec: {
            replicas: 1,
            serviceName: service.metadata.name,
            // Otherwise a pod that never becomes ready keeps its corrected successor from starting.
            podManagementPolicy: "Parallel",
            selector: { matchLabels: selector },
            template: {
              metadata: { labels },
              spec: {
                serviceAccountName: account.metadata.name,
                automountServiceAccountToken: false,
                enableServiceLinks: false,
                securityContext: podSecurity,
                terminationGracePeriodSeconds: 30,
                containers: [monitorContainer(args, port, secrets)],
                volumes: [
                  { name: "rules", configMap: { name: rules.metadata.name } },
                  declaredPrograms.volume(programs.metadata.name),
                  scratch.volume("64Mi"),
                ],
              },
            },
            volumeClaimTemplates: [
              {
                metadata: { name: "database" },
                spec: {
                  accessModes: ["ReadWriteOnce"],
                  storageClassName: args.storageClass,
                  resources: { requests: { storage: "2Gi" } },
                },
              },
            ],
          },
        },
        transform?.statefulSet,
      ),
      { ...parent, dependsOn: policy, customTimeouts: { create: "5m", update: "5m" } },
    );
    if (args.dashboardHost !== undefined) {
      new Ingress(
        `${name}-ingress`,
        transformed<IngressArgs>(
          {
            metadata: { ...metadata, annotations: args.ingress?.annotations },
            spec: ingressOf(args.dashboardHost, args.ingress, service.metadata.name),
          },
          transform?.ingress,
        ),
        parent,
      );
    }
    if (args.monitoring !== undefined) {
      declareMonitoring(name, args, { ...metadata, selector }, transform, this);
    }

    this.namespace = namespace;
    this.programs = programs.metadata.name;
    this.url = pulumi.interpolate`http://${service.metadata.name}.${namespace}.svc:${port}`;
    this.dashboardUrl = pulumi.output(
      args.dashboardHost === undefined ? "" : `https://${args.dashboardHost}`,
    );
    this.registerOutputs({
      namespace: this.namespace,
      url: this.url,
      programs: this.programs,
      dashboardUrl: this.dashboardUrl,
    });
  }
}
