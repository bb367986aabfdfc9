import { z } from "zod";
import { type Environment, given } from "./aleo/environment.ts";
import { AleoError } from "./aleo/errors.ts";
import { networks, type Network } from "./aleo/network.ts";
import { timeZoneProblem } from "./aleo/time-zone.ts";
import { configNamespace } from "./config-namespace.ts";

type ProgramDeclaration = z.infer<(typeof schemas)["programs"]>[number];
type Proving = z.infer<(typeof schemas)["proving"]>;
type MailSettings = z.infer<(typeof schemas)["mail"]>;
type ScheduleSettings = z.infer<(typeof schemas)["schedules"]>;
/** Where backups are kept. */
export type BackupSettings = z.infer<(typeof schemas)["backups"]>;
/** The Kubernetes cluster that runs the monitor and the scheduled operations. */
export type ClusterSettings = z.infer<(typeof schemas)["cluster"]>;
/** Who is paged: the escalation matrix's people. */
export type EscalationSettings = z.infer<(typeof schemas)["escalation"]>;

/** One typed, validated, frozen view of a stack's configuration. It holds no secret. */
export interface Settings {
  readonly network: Network;
  /** Base URLs of nodes, tried in this order. */
  readonly endpoints: readonly string[];
  readonly programs: readonly ProgramDeclaration[];
  /** Added to each transaction's base fee, in microcredits. */
  readonly priorityFee: bigint;
  /** The most that `priorityFee` may be, in microcredits. */
  readonly defaultFee: bigint;
  /** The most that one transaction may cost, priority fee included, in microcredits. */
  readonly maxFee: bigint;
  /** How long a transaction may take to show in a block, in ms. */
  readonly confirmationTimeoutMs: number;
  readonly proving: Proving;
  /** The kubeconfig's context of `cluster`; its current one where it is left out, on `local` only. */
  readonly kubeContext: string | undefined;
  /** What is left out is not declared on this network. */
  readonly backups: BackupSettings | undefined;
  readonly cluster: ClusterSettings | undefined;
  readonly schedules: ScheduleSettings;
  readonly escalation: EscalationSettings | undefined;
  readonly mail: MailSettings | undefined;
  readonly services: ServiceAddresses;
  /** Editions put on chain by hand that this run may upgrade over: `name.aleo@1`. */
  readonly overwrite: readonly string[];
}

/** Where other services are, when not at their public addresses: as on the network `local`. */
interface ServiceAddresses {
  /** From AWS_ENDPOINT_URL, which the AWS provider and the AWS SDK read as well. */
  readonly aws: string | undefined;
  /** From PAGERDUTY_API_URL: the base URL of both of PagerDuty's APIs. */
  readonly pagerDuty: string | undefined;
}

export interface SettingsSource {
  /** The text of a key without its namespace; objects and lists as JSON. */
  get(key: string): string | undefined;
  /** Every key that is set, where it is known, so that a misspelt one is found. */
  readonly keys?: readonly string[] | undefined;
  /** The file a person edits: `Pulumi.testnet.yaml`. */
  readonly file: string;
}

export type { Environment };

export class SettingError extends AleoError {}

const microcredits = z
  .string()
  .regex(/^\d+$/, "Not a whole number")
  .transform((digits) => BigInt(digits));

/** A PagerDuty user or schedule, by its id. */
const person = z.union([
  z.strictObject({ user: z.string().min(1) }).readonly(),
  z.strictObject({ schedule: z.string().min(1) }).readonly(),
]);
const editions = z.array(
  z.string().regex(/^[a-z][a-z0-9_]*\.aleo@\d+$/i, "No edition of a program"),
);
const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "Not a time of day");
/** IANA name: `Europe/Berlin`. */
const timeZone = z.string().refine((name) => timeZoneProblem(name) === undefined, {
  error: ({ input }) => timeZoneProblem(String(input)),
});
const namespace = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, "No name of a namespace");
const texts = z.record(z.string(), z.string()).readonly();

const schemas = {
  network: z.enum(networks),
  endpoints: z.array(z.url({ protocol: /^https?$/ })).min(1),
  programs: z.array(
    z
      .strictObject({
        /** Program id: `agent_registry_v3.aleo`. */
        program: z.string().regex(/^[a-z][a-z0-9_]*\.aleo$/i),
        /** Kept so by `up`; where it is left out, pausing is not managed and an emergency pause stays. */
        paused: z.boolean().optional(),
      })
      .readonly(),
  ),
  priorityFee: microcredits,
  defaultFee: microcredits,
  maxFee: microcredits,
  confirmationTimeoutSeconds: z.coerce.number().int().positive().max(3600),
  /** How a real network's transactions are proven; a devnode takes them without proofs. */
  proving: z
    .discriminatedUnion("mode", [
      z.strictObject({ mode: z.literal("sdk") }),
      z.strictObject({ mode: z.literal("delegated"), url: z.url({ protocol: /^https?$/ }) }),
    ])
    .readonly(),
  kubeContext: z.string().min(1),
  backups: z
    .strictObject({
      /** Name of the S3 bucket; `aleo-contract-backups-<network>` where it is left out. */
      bucket: z.string().optional(),
      /** How long nobody can delete a backup, in days. */
      lockDays: z.number().int().min(1).max(36_500),
      /** After how many days a backup expires; it is kept for good where it is left out. */
      keepDays: z.number().int().min(1).max(36_500).optional(),
      /** AWS region of the second copy; mainnet must have one. */
      replicaRegion: z
        .string()
        .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, "No AWS region")
        .optional(),
    })
    .readonly(),
  cluster: z
    .strictObject({
      namespace,
      /** The container image of this project, on public networks pinned by digest. */
      image: z.string().min(1),
      /** The class of the volumes; the cluster's default one where it is left out. */
      storageClass: z.string().min(1).optional(),
      /** Host name under which the dashboard is reached from outside; without it, it is not. */
      dashboardHost: z.hostname().optional(),
      /** How `dashboardHost` is reached, or who else may reach the dashboard. */
      ingress: z
        .strictObject({
          /** The Ingress's class; `nginx`. */
          class: z.string().min(1).optional(),
          /** The namespace of the pods that pass requests on; `ingress-nginx`. */
          namespace: namespace.optional(),
          /** The addresses of a load balancer that is no pod, as an ALB: `10.0.0.0/16`. */
          cidr: z.cidrv4().optional(),
          /** The Secret with the certificate of `dashboardHost`; `monitor-tls`. */
          tlsSecret: z.string().min(1).optional(),
          annotations: texts.optional(),
        })
        .readonly()
        .optional(),
      /** Set where the cluster has the kinds of the Prometheus operator. */
      monitoring: z
        .strictObject({
          /** The namespace from which Prometheus asks; `monitoring`. */
          namespace: namespace.optional(),
          /** By which Prometheus finds what is for it: `{release: kube-prometheus-stack}`. */
          labels: texts.optional(),
        })
        .readonly()
        .optional(),
      /** ARN of the cluster's OIDC provider in AWS: lets jobs reach the bucket without long-lived keys. */
      oidcProviderArn: z
        .string()
        .regex(/^arn:[\w-]+:iam::\d{12}:oidc-provider\/\S+$/, "No ARN of an OIDC provider")
        .optional(),
      /** A Secret of the cluster to take keys from, instead of one that the stack makes. */
      existingSecret: z.string().min(1).optional(),
    })
    .readonly(),
  /** Alerts by e-mail. The server is the secret `smtpUrl`: `smtp://user:password@host:587`. */
  mail: z
    .strictObject({
      from: z.email(),
      to: z.array(z.email()).min(1).readonly(),
      /** The server's port, which the cluster's network lets the monitor reach. */
      port: z.number().int().min(1).max(65_535).default(587),
    })
    .readonly(),
  /** When the scheduled operations run. */
  schedules: z
    .strictObject({
      timeZone: timeZone.default("UTC"),
      /** Cron expressions by operation, where they differ from the project's own. */
      times: texts.default({}),
    })
    .readonly(),
  escalation: z
    .strictObject({
      onCall: person,
      teamLead: person,
      cto: person,
      support: person,
      supportHours: z
        .strictObject({
          timeZone,
          /** 1 is Monday, 7 is Sunday. */
          days: z.array(z.number().int().min(1).max(7)).min(1).readonly(),
          /** `09:00` */
          from: timeOfDay,
          to: timeOfDay,
        })
        .readonly(),
    })
    .readonly(),
} as const;

type Key = keyof typeof schemas;

const allowed: Record<Key, string> = {
  network: networks.join(", "),
  endpoints: 'a list of at least one http(s) URL, as ["https://api.example.org/v2"]',
  programs: "a list of {program: name.aleo, paused: true|false (optional)}",
  priorityFee: "a whole number of microcredits, at most defaultFee",
  defaultFee: "a whole number of microcredits",
  maxFee: "a whole number of microcredits",
  confirmationTimeoutSeconds: "a whole number of seconds from 1 to 3600",
  proving: "{mode: sdk} or {mode: delegated, url: https://…}",
  kubeContext: "the name of a context in the kubeconfig",
  backups:
    "{lockDays: 1 to 36500, keepDays: as many days (optional), bucket (optional), replicaRegion: eu-west-1 (optional)}",
  cluster:
    "{namespace, image, and optional storageClass, dashboardHost, ingress: {class, namespace, cidr, tlsSecret, annotations}, monitoring: {namespace, labels}, oidcProviderArn, existingSecret}",
  mail: "{from: ops@example.org, to: [team@example.org], port: 587 (optional)}; the server is the secret smtpUrl",
  schedules: '{timeZone: Europe/Berlin (optional), times: {operation: "0 9 * * *"} (optional)}',
  escalation:
    '{onCall, teamLead, cto, support: each {user: id} or {schedule: id}; supportHours: {timeZone: Europe/Berlin, days: [1, 2, 3, 4, 5], from: "09:00", to: "17:00"}}',
};

/** Keys that hold secrets: named here so that they are known, read by `secretsOf` only. */
const secretKeys = [
  "privateKey",
  "proverApiKey",
  "proverConsumerId",
  "slackWebhook",
  "webhookUrl",
  "webhookSecret",
  "smtpUrl",
  "heartbeatUrl",
  "dashboardToken",
  "backupAccessKeyId",
  "backupSecretAccessKey",
] as const;

const text = new Set<Key>([
  "network",
  "priorityFee",
  "defaultFee",
  "maxFee",
  "confirmationTimeoutSeconds",
  "kubeContext",
]);

/**
 * Reads a stack's settings. ALEO_NODE_URL (one URL, or several with commas) and ALEO_DEFAULT_FEE
 * win over the stack's file; ALEO_NETWORK may only say the same network. ALEO_OVERWRITE, which no file
 * can set, names editions that this one run may upgrade over. AWS_ENDPOINT_URL and
 * PAGERDUTY_API_URL name those services where they are not at their public addresses.
 * @throws SettingError naming the key, its value, what is allowed and the file or variable
 */
export function settingsOf(source: SettingsSource, environment: Environment): Settings {
  refuseUnknownKeys(source);
  const network = required("network", source);
  const stated = given(environment, "ALEO_NETWORK");
  if (stated !== undefined && stated !== network) {
    throw new SettingError(
      `ALEO_NETWORK is "${stated}", but ${source.file} is for the network "${network}".`,
      { remedy: `Unset ALEO_NETWORK, or choose the stack of "${stated}".` },
    );
  }
  const nodeUrl = given(environment, "ALEO_NODE_URL");
  const endpoints =
    nodeUrl === undefined
      ? required("endpoints", source)
      : parse("endpoints", nodeUrl.split(","), nodeUrl, "the environment variable ALEO_NODE_URL");
  const defaultFeeText = given(environment, "ALEO_DEFAULT_FEE");
  const defaultFee =
    defaultFeeText === undefined
      ? (optional("defaultFee", source) ?? 150_000n)
      : parse(
          "defaultFee",
          defaultFeeText,
          defaultFeeText,
          "the environment variable ALEO_DEFAULT_FEE",
        );
  const priorityFee = optional("priorityFee", source) ?? 0n;
  if (priorityFee > defaultFee) {
    throw new SettingError(
      `priorityFee in ${source.file} is ${priorityFee.toString()} microcredits, over the ceiling of ${defaultFee.toString()} that defaultFee sets.`,
      { remedy: "Lower priorityFee, or raise defaultFee (or ALEO_DEFAULT_FEE) knowingly." },
    );
  }
  return Object.freeze({
    network,
    endpoints: Object.freeze(endpoints),
    programs: Object.freeze(optional("programs", source) ?? []),
    priorityFee,
    defaultFee,
    maxFee: required("maxFee", source),
    confirmationTimeoutMs: (optional("confirmationTimeoutSeconds", source) ?? 180) * 1_000,
    proving: optional("proving", source) ?? { mode: "sdk" as const },
    ...clusterOf(network, source),
    backups: backupsOf(network, source),
    schedules: optional("schedules", source) ?? { timeZone: "UTC", times: {} },
    escalation: optional("escalation", source),
    mail: optional("mail", source),
    services: Object.freeze({
      aws: address("AWS_ENDPOINT_URL", environment),
      pagerDuty: address("PAGERDUTY_API_URL", environment),
    }),
    overwrite: Object.freeze(overwriteOf(given(environment, "ALEO_OVERWRITE"))),
  });
}

function address(variable: string, environment: Environment): string | undefined {
  const value = given(environment, variable);
  if (value === undefined) return undefined;
  if (z.url({ protocol: /^https?$/ }).safeParse(value).success) return value.replace(/\/+$/, "");
  throw new SettingError(`The environment variable ${variable} is ${JSON.stringify(value)}.`, {
    remedy: "Set it to an http(s) URL, or unset it for the service's public address.",
  });
}

function overwriteOf(value: string | undefined): readonly string[] {
  if (value === undefined) return [];
  const result = editions.safeParse(value.split(","));
  if (result.success) return result.data;
  throw new SettingError(`The environment variable ALEO_OVERWRITE is ${JSON.stringify(value)}.`, {
    remedy:
      "Set it to programs with the edition to upgrade over, as name.aleo@1, with commas between.",
  });
}

function backupsOf(network: Network, source: SettingsSource): BackupSettings | undefined {
  const backups = optional("backups", source);
  if (network === "mainnet" && backups !== undefined && backups.replicaRegion === undefined) {
    throw new SettingError(
      `${configNamespace}:backups in ${source.file} has no replicaRegion, but backups of mainnet are kept in two regions.`,
      { remedy: "Set replicaRegion to a second AWS region, as eu-west-1." },
    );
  }
  return backups;
}

/** On a public network the cluster is named: the current context may be that of another network. */
function clusterOf(
  network: Network,
  source: SettingsSource,
): Pick<Settings, "cluster" | "kubeContext"> {
  const cluster = optional("cluster", source);
  const kubeContext = optional("kubeContext", source);
  if (network !== "local" && cluster !== undefined && kubeContext === undefined) {
    throw new SettingError(
      `${configNamespace}:kubeContext is not set in ${source.file}, but ${configNamespace}:cluster is: without it, whatever cluster is kubectl's current one would be changed.`,
      {
        remedy: `Set it to the context of the cluster of ${network}: \`kubectl config get-contexts --output name\` lists yours; \`aws eks update-kubeconfig --name CLUSTER\` makes one that is named by the cluster's ARN.`,
      },
    );
  }
  return { cluster, kubeContext };
}

export interface Secrets {
  /** Undefined where none is given: previews need none. */
  readonly privateKey: { readonly text: string; readonly source: string } | undefined;
  readonly proverApiKey: string | undefined;
  readonly proverConsumerId: string | undefined;
}

/** Where the secrets are: the environment (ALEO_PRIVATE_KEY, ALEO_PROVER_API_KEY, ALEO_PROVER_CONSUMER_ID) wins over the stack's encrypted configuration. */
export function secretsOf(source: SettingsSource, environment: Environment): Secrets {
  const fromEnvironment = given(environment, "ALEO_PRIVATE_KEY");
  const fromStack = source.get("privateKey");
  return {
    privateKey:
      fromEnvironment !== undefined
        ? { text: fromEnvironment, source: "the environment variable ALEO_PRIVATE_KEY" }
        : fromStack !== undefined
          ? {
              text: fromStack,
              source: `the secret ${configNamespace}:privateKey of ${source.file}`,
            }
          : undefined,
    proverApiKey: given(environment, "ALEO_PROVER_API_KEY") ?? source.get("proverApiKey"),
    proverConsumerId:
      given(environment, "ALEO_PROVER_CONSUMER_ID") ?? source.get("proverConsumerId"),
  };
}

function refuseUnknownKeys(source: SettingsSource): void {
  const known: readonly string[] = [...Object.keys(schemas), ...secretKeys];
  const unknown = source.keys?.find((key) => !known.includes(key));
  if (unknown === undefined) return;
  throw new SettingError(
    `${source.file} sets ${configNamespace}:${unknown}, which is no setting.`,
    {
      remedy: `The settings are: ${known.join(", ")}.`,
    },
  );
}

function required<K extends Key>(key: K, source: SettingsSource): z.infer<(typeof schemas)[K]> {
  const value = optional(key, source);
  if (value === undefined) {
    throw new SettingError(`${configNamespace}:${key} is not set in ${source.file}.`, {
      remedy: `Set it: ${allowed[key]}.`,
    });
  }
  return value;
}

function optional<K extends Key>(
  key: K,
  source: SettingsSource,
): z.infer<(typeof schemas)[K]> | undefined {
  const raw = source.get(key);
  if (raw === undefined) return undefined;
  return parse(key, text.has(key) ? raw : fromJson(raw), raw, source.file);
}

function parse<K extends Key>(
  key: K,
  value: unknown,
  shown: string,
  where: string,
): z.infer<(typeof schemas)[K]> {
  const result = schemas[key].safeParse(value);
  if (result.success) return result.data as z.infer<(typeof schemas)[K]>;
  const issue = result.error.issues[0];
  const at = issue === undefined || issue.path.length === 0 ? "" : ` (at ${issue.path.join(".")})`;
  throw new SettingError(
    `${configNamespace}:${key} is ${JSON.stringify(shown)} in ${where}${at}: ${issue?.message ?? "not valid"}.`,
    { remedy: `Allowed is ${allowed[key]}.` },
  );
}

function fromJson(raw: string): unknown {
  try {
    return JSON.parse(raw) as unknown;
  } catch {
    return raw;
  }
}
