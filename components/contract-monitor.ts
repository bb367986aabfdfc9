import * as pulumi from "@pulumi/pulumi";
import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
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
import type { core } from "@pulumi/kubernetes/types/input.js";
import { AleoError } from "../aleo/errors.ts";
import type { Network } from "../aleo/network.ts";
import {
  plainVariables,
  requireKnownVariables,
  requireVariableNames,
  type SecretSource,
  secretVariables,
  type Values,
} from "./kubernetes/environment.ts";
import { requirePinnedImage } from "./kubernetes/image.ts";
import { labelsOf, selectorOf } from "./kubernetes/labels.ts";
import { accessOf, denyAll, portsOf } from "./kubernetes/network-access.ts";
import {
  containerSecurity,
  podSecurity,
  restrictedNamespace,
  scratch,
} from "./kubernetes/pod-security.ts";
import { refusal } from "./common/refusal.ts";
import { roleAnnotation } from "./kubernetes/service-accounts.ts";
import { type Transform, transformed } from "./common/transform.ts";

/**
 * The secret variables that the monitor reads: where each severity is sent, who may sign in to the
 * dashboard, and keys to the backups where its pod can't take on a role.
 */
export const monitorSecrets = [
  "PAGERDUTY_KEY_CRITICAL",
  "PAGERDUTY_KEY_HIGH",
  "PAGERDUTY_KEY_MEDIUM",
  "PAGERDUTY_KEY_LOW",
  "ALERT_WEBHOOK",
  "ALERT_WEBHOOK_URL",
  "ALERT_WEBHOOK_SECRET",
  "SMTP_URL",
  "MONITOR_TOKEN",
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
] as const;

/** The cluster's Prometheus and Grafana, where it has them. */
export interface MonitoringArgs {
  /** The namespace from which Prometheus asks for the metrics; `monitoring`. */
  readonly namespace?: string | undefined;
}

export interface MailArgs {
  /** Address of the sender, and of all who get the alerts. */
  readonly from: string;
  readonly to: readonly string[];
  /** The mail server's port, as in SMTP_URL; 587. */
  readonly port?: number | undefined;
}

export interface ContractMonitorArgs {
  readonly network: Network;
  /** The namespace that is made for the monitor and the scheduled operations. */
  readonly namespace: string;
  /** Image of this project, on public networks by digest: `ghcr.io/example/aleo-ops@sha256:…`. */
  readonly image: string;
  /** Base URLs of nodes, tried in this order. */
  readonly endpoints: readonly string[];
  /** The files of the rules by name; the monitor reloads them when they change. */
  readonly rules: Readonly<Record<string, string>>;
  /** Seconds between two looks at the chain; the monitor's own (60) where it is left out. */
  readonly intervalSeconds?: number | undefined;
  /** Further plain variables, as PAGERDUTY_EVENTS_URL. They win over those of the component. */
  readonly environment?: Values | undefined;
  /** Where alerts are sent, by the names of `monitorSecrets`. */
  readonly secrets?: SecretSource | undefined;
  /** Alerts by e-mail, through the server that SMTP_URL of `secrets` names. */
  readonly mail?: MailArgs | undefined;
  /** ARN of the role that may read backups, so that their age can be watched. */
  readonly backupReaderRole?: pulumi.Input<string> | undefined;
  /** Host name under which the dashboard is reached from outside; without it, it is not. */
  readonly dashboardHost?: string | undefined;
  /** The class of the Ingress and the namespace of its controller; both `nginx`'s. */
  readonly ingress?: { readonly className: string; readonly namespace: string } | undefined;
  /**
   * Set where the cluster has the kinds of the Prometheus operator: then Prometheus gets alerting
   * rules and Grafana a dashboard, both made from the monitor's metrics and its rules.
   */
  readonly monitoring?: MonitoringArgs | undefined;
  /** Size of the volume with its database; `2Gi`. */
  readonly storage?: string | undefined;
  /** Port of its HTTP server, 1024 or above; 8080. */
  readonly port?: number | undefined;
  readonly transform?:
    | {
        readonly namespace?: Transform<NamespaceArgs> | undefined;
        readonly serviceAccount?: Transform<ServiceAccountArgs> | undefined;
        readonly rules?: Transform<ConfigMapArgs> | undefined;
        readonly secrets?: Transform<SecretArgs> | undefined;
        readonly statefulSet?: Transform<StatefulSetArgs> | undefined;
        readonly service?: Transform<ServiceArgs> | undefined;
        readonly ingress?: Transform<IngressArgs> | undefined;
        readonly defaultDeny?: Transform<NetworkPolicyArgs> | undefined;
        readonly networkPolicy?: Transform<NetworkPolicyArgs> | undefined;
        readonly disruptionBudget?: Transform<PodDisruptionBudgetArgs> | undefined;
      }
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
 *   secrets: { values: { PAGERDUTY_KEY_CRITICAL: policies.routingKeys.critical } },
 * });
 */
export class ContractMonitor extends pulumi.ComponentResource {
  readonly namespace: pulumi.Output<string>;
  /** Where the monitor answers inside the cluster: `http://monitor.aleo-ops.svc:8080`. */
  readonly url: pulumi.Output<string>;
  /** Where people find the dashboard; empty without `dashboardHost`. */
  readonly dashboardUrl: pulumi.Output<string>;

  /** @throws pulumi.RunError for an image that is not pinned, rules or names that Kubernetes refuses */
  constructor(name: string, args: ContractMonitorArgs, options?: pulumi.ComponentResourceOptions) {
    requireSound(args);
    super("aleops:monitor:ContractMonitor", name, {}, options);
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
                  scratch.volume("64Mi"),
                ],
              },
            },
            volumeClaimTemplates: [
              {
                metadata: { name: "database" },
                spec: {
                  accessModes: ["ReadWriteOnce"],
                  resources: { requests: { storage: args.storage ?? "2Gi" } },
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
          { metadata, spec: ingressOf(args.dashboardHost, args.ingress, service.metadata.name) },
          transform?.ingress,
        ),
        parent,
      );
    }
    if (args.monitoring !== undefined) {
      declareMonitoring(name, args, { ...metadata, selector }, this);
    }

    this.namespace = namespace;
    this.url = pulumi.interpolate`http://${service.metadata.name}.${namespace}.svc:${port}`;
    this.dashboardUrl = pulumi.output(
      args.dashboardHost === undefined ? "" : `https://${args.dashboardHost}`,
    );
    this.registerOutputs({
      namespace: this.namespace,
      url: this.url,
      dashboardUrl: this.dashboardUrl,
    });
  }
}

const part = "monitor";
const databaseMount = "/var/lib/aleo-ops";
const rulesMount = "/etc/aleo-ops/rules";
const nginx = { className: "nginx", namespace: "ingress-nginx" };

function requireSound(args: ContractMonitorArgs): void {
  requirePinnedImage(args.image, args.network);
  requireRules(args.rules, args.network);
  portsOf(args.endpoints);
  requireVariableNames(args.environment ?? {}, "environment");
  if (args.secrets !== undefined && "values" in args.secrets) {
    requireKnownVariables(args.secrets.values, monitorSecrets, "secrets");
  }
  const { intervalSeconds, port } = args;
  if (intervalSeconds !== undefined && !(intervalSeconds > 0)) {
    throw refusal(
      `intervalSeconds is ${intervalSeconds}: the monitor can't look at the chain that often.`,
      "Set a number of seconds above 0, or leave it out for 60.",
    );
  }
  if (port !== undefined && (!Number.isInteger(port) || port < 1024 || port > 65_535)) {
    throw refusal(
      `port is ${port}, which a process without rights can't listen on.`,
      "Set a port from 1024 to 65535, or leave it out for 8080.",
    );
  }
}

/** A ConfigMap holds at most 1 MiB. */
const mostBytes = 1_000_000;

function requireRules(rules: Readonly<Record<string, string>>, network: Network): void {
  const names = Object.keys(rules);
  if (!names.includes(`${network}.yaml`)) {
    throw refusal(
      `rules holds no file ${network}.yaml, which the monitor reads on this network.`,
      "Give the files of monitor/rules by their names.",
    );
  }
  const wrong = names.find((file) => !/^[\w.-]{1,253}$/.test(file) || /^\.\.?$/.test(file));
  if (wrong !== undefined) {
    throw refusal(
      `rules names the file "${wrong}", which a ConfigMap can't hold.`,
      "Use letters, digits, dots, dashes and underscores, as testnet.yaml.",
    );
  }
  const bytes = names.reduce((sum, file) => sum + Buffer.byteLength(rules[file] ?? ""), 0);
  if (bytes > mostBytes) {
    throw refusal(
      `The rules are ${bytes} bytes, and a ConfigMap holds ${mostBytes}.`,
      "Take out what is no rule, or shorten the texts.",
    );
  }
}

function monitorAccess(args: ContractMonitorArgs, port: number) {
  const { dashboardHost, ingress = nginx, monitoring, mail } = args;
  return accessOf({
    selector: selectorOf(part),
    urls: [...args.endpoints, ...(mail === undefined ? [] : [`smtp://mail:${mail.port ?? 587}`])],
    inwards: {
      port,
      namespaces: [
        ...(dashboardHost === undefined ? [] : [ingress.namespace]),
        ...(monitoring === undefined ? [] : [monitoring.namespace ?? "monitoring"]),
      ],
      pods: selectorOf("operation"),
    },
  });
}

function monitorContainer(
  args: ContractMonitorArgs,
  port: number,
  secrets: readonly core.v1.EnvVar[],
): core.v1.Container {
  const probe = (path: string) => ({ httpGet: { path, port: "http" }, timeoutSeconds: 5 });
  return {
    name: part,
    image: args.image,
    args: ["monitor", "--network", args.network],
    ports: [{ name: "http", containerPort: port }],
    env: [
      ...plainVariables({
        ALEO_NETWORK: args.network,
        ALEO_NODE_URL: args.endpoints.join(","),
        MONITOR_DATABASE: `${databaseMount}/monitor.sqlite`,
        MONITOR_RULES: rulesMount,
        MONITOR_PORT: String(port),
        TMPDIR: scratch.mount.mountPath,
        // What was downloaded and is free again goes back to the system: 25 MB less stay resident.
        MALLOC_ARENA_MAX: "1",
        ...(args.intervalSeconds !== undefined && {
          MONITORING_INTERVAL: String(args.intervalSeconds),
        }),
        ...(args.mail !== undefined && {
          ALERT_MAIL_FROM: args.mail.from,
          ALERT_MAIL_TO: args.mail.to.join(","),
        }),
        ...args.environment,
      }),
      { name: "MONITOR_HOST", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
      ...secrets,
    ],
    securityContext: containerSecurity,
    resources: {
      requests: { cpu: "50m", memory: "192Mi" },
      limits: { cpu: "1", memory: "384Mi" },
    },
    startupProbe: { ...probe("/healthz"), periodSeconds: 2, failureThreshold: 60 },
    livenessProbe: { ...probe("/healthz"), periodSeconds: 10, failureThreshold: 3 },
    readinessProbe: { ...probe("/readyz"), periodSeconds: 5, failureThreshold: 3 },
    volumeMounts: [
      { name: "database", mountPath: databaseMount },
      { name: "rules", mountPath: rulesMount, readOnly: true },
      scratch.mount,
    ],
  };
}

function ingressOf(
  host: string,
  { className }: { className: string } = nginx,
  service: pulumi.Input<string>,
): NonNullable<IngressArgs["spec"]> {
  const backend = { service: { name: service, port: { name: "http" } } };
  return {
    ingressClassName: className,
    tls: [{ hosts: [host], secretName: "monitor-tls" }],
    rules: [{ host, http: { paths: shownOutside.map((path) => ({ ...path, backend })) } }],
  };
}

/** The dashboard's pages, and neither the metrics nor what only the operations ask for. */
const shownOutside = [
  { path: "/", pathType: "Exact" },
  ...[
    "programs",
    "incidents",
    "backups",
    "escalation",
    "sign-in",
    "sign-out",
    "live",
    "assets",
  ].map((page) => ({ path: `/${page}`, pathType: "Prefix" })),
];

function declareMonitoring(
  name: string,
  { network, rules }: ContractMonitorArgs,
  place: {
    readonly namespace: pulumi.Output<string>;
    readonly labels: Readonly<Record<string, string>>;
    readonly selector: Readonly<Record<string, string>>;
  },
  parent: pulumi.Resource,
): void {
  const { namespace, labels, selector } = place;
  const generated = namespace.apply((where) => observability(rules, network, where));
  const apiVersion = "monitoring.coreos.com/v1";
  new CustomResource(
    `${name}-service-monitor`,
    {
      apiVersion,
      kind: "ServiceMonitor",
      metadata: { name: part, namespace, labels },
      spec: {
        selector: { matchLabels: selector },
        endpoints: [{ port: "http", path: "/metrics", interval: "30s" }],
      },
    },
    { parent },
  );
  new CustomResource(
    `${name}-prometheus-rule`,
    {
      apiVersion,
      kind: "PrometheusRule",
      metadata: { name: part, namespace, labels },
      spec: { groups: generated.ruleGroups },
    },
    { parent },
  );
  new ConfigMap(
    `${name}-dashboards`,
    {
      metadata: {
        name: "monitor-dashboards",
        namespace,
        // What Grafana's sidecar looks for.
        labels: { ...labels, grafana_dashboard: "1" },
      },
      data: generated.dashboards,
    },
    { parent },
  );
}

/** Loaded only where it is declared: a preview without it does not wait for Grafana's SDK. */
async function observability(
  rules: Readonly<Record<string, string>>,
  network: Network,
  namespace: string,
) {
  const { observabilityOf } = await import("../monitor/metrics/observability.ts");
  const file = `${network}.yaml`;
  try {
    return observabilityOf(rules[file] ?? "", file, { network, namespace, service: part });
  } catch (error) {
    throw error instanceof AleoError ? refusal(error.message, error.remedy) : error;
  }
}
