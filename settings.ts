import { z } from "zod";
import { type Environment, given } from "./aleo/environment.ts";
import { AleoError } from "./aleo/errors.ts";
import { networks, type Network } from "./aleo/network.ts";
import { configNamespace } from "./config-namespace.ts";

interface ProgramDeclaration {
  /** Program id: `agent_registry_v3.aleo`. */
  readonly program: string;
  /** Kept so by `up`; where it is left out, pausing is not managed and an emergency pause stays. */
  readonly paused?: boolean | undefined;
}

/** How a real network's transactions are proven; a devnode takes them without proofs. */
type Proving = { readonly mode: "sdk" } | { readonly mode: "delegated"; readonly url: string };

/** Where backups are kept. */
export interface BackupSettings {
  /** Name of the S3 bucket; `aleo-contract-backups-<network>` where it is left out. */
  readonly bucket?: string | undefined;
  /** How long nobody can delete a backup, in days. */
  readonly lockDays: number;
  /** After how many days a backup expires; it is kept for good where it is left out. */
  readonly keepDays?: number | undefined;
  /** AWS region of the second copy; mainnet must have one. */
  readonly replicaRegion?: string | undefined;
}

/** The Kubernetes cluster that runs the monitor and the scheduled operations. */
export interface ClusterSettings {
  readonly namespace: string;
  /** The container image of this project, on public networks pinned by digest. */
  readonly image: string;
  /** Host name under which the dashboard is reached from outside; without it, it is not. */
  readonly dashboardHost?: string | undefined;
  /** The header in which an OIDC proxy before that host says who it is; without it, people sign in with the secret `dashboardToken`. */
  readonly dashboardUserHeader?: string | undefined;
  /** Whether the cluster has the kinds of the Prometheus operator. */
  readonly monitoringKinds: boolean;
  /** ARN of the cluster's OIDC provider in AWS: lets jobs reach the bucket without long-lived keys. */
  readonly oidcProviderArn?: string | undefined;
  /** A Secret of the cluster to take keys from, instead of one that the stack makes. */
  readonly existingSecret?: string | undefined;
}

/** Alerts by e-mail. The server is the secret `smtpUrl`: `smtp://user:password@host:587`. */
interface MailSettings {
  readonly from: string;
  readonly to: readonly string[];
  /** The server's port, which the cluster's network lets the monitor reach. */
  readonly port: number;
}

/** When the scheduled operations run. */
interface ScheduleSettings {
  /** IANA name: `Europe/Berlin`. */
  readonly timeZone: string;
  /** Cron expressions by operation, where they differ from the project's own. */
  readonly times: Readonly<Record<string, string>>;
}

/** A PagerDuty user or schedule, by its id. */
type Person = { readonly user: string } | { readonly schedule: string };

/** Who is paged: the escalation matrix's people. */
export interface EscalationSettings {
  readonly onCall: Person;
  readonly teamLead: Person;
  readonly cto: Person;
  readonly support: Person;
  readonly supportHours: {
    /** IANA name. */
    readonly timeZone: string;
    /** 1 is Monday, 7 is Sunday. */
    readonly days: readonly number[];
    /** `09:00` */
    readonly from: string;
    readonly to: string;
  };
}

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
  /** The kubeconfig's context to use; its current one where it is left out. */
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

const person = z.union([
  z.strictObject({ user: z.string().min(1) }),
  z.strictObject({ schedule: z.string().min(1) }),
]);
const editions = z.array(
  z.string().regex(/^[a-z][a-z0-9_]*\.aleo@\d+$/i, "No edition of a program"),
);
const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "Not a time of day");
const timeZone = z.string().refine(isTimeZone, "No such time zone");

const schemas = {
  network: z.enum(networks),
  endpoints: z.array(z.url({ protocol: /^https?$/ })).min(1),
  programs: z.array(
    z.strictObject({
      program: z.string().regex(/^[a-z][a-z0-9_]*\.aleo$/i),
      paused: z.boolean().optional(),
    }),
  ),
  priorityFee: microcredits,
  defaultFee: microcredits,
  maxFee: microcredits,
  confirmationTimeoutSeconds: z.coerce.number().int().positive().max(3600),
  proving: z.discriminatedUnion("mode", [
    z.strictObject({ mode: z.literal("sdk") }),
    z.strictObject({ mode: z.literal("delegated"), url: z.url({ protocol: /^https?$/ }) }),
  ]),
  kubeContext: z.string().min(1),
  backups: z.strictObject({
    bucket: z.string().optional(),
    lockDays: z.number().int().min(1).max(36_500),
    keepDays: z.number().int().min(1).max(36_500).optional(),
    replicaRegion: z
      .string()
      .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, "No AWS region")
      .optional(),
  }),
  cluster: z.strictObject({
    namespace: z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, "No name of a namespace"),
    image: z.string().min(1),
    dashboardHost: z.hostname().optional(),
    dashboardUserHeader: z
      .string()
      .regex(/^[A-Za-z][\w-]*$/, "No name of a header")
      .optional(),
    monitoringKinds: z.boolean().default(false),
    oidcProviderArn: z
      .string()
      .regex(/^arn:[\w-]+:iam::\d{12}:oidc-provider\/\S+$/, "No ARN of an OIDC provider")
      .optional(),
    existingSecret: z.string().min(1).optional(),
  }),
  mail: z.strictObject({
    from: z.email(),
    to: z.array(z.email()).min(1),
    port: z.number().int().min(1).max(65_535).default(587),
  }),
  schedules: z.strictObject({
    timeZone: timeZone.default("UTC"),
    times: z.record(z.string(), z.string()).default({}),
  }),
  escalation: z.strictObject({
    onCall: person,
    teamLead: person,
    cto: person,
    support: person,
    supportHours: z.strictObject({
      timeZone,
      days: z.array(z.number().int().min(1).max(7)).min(1),
      from: timeOfDay,
      to: timeOfDay,
    }),
  }),
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
    "{namespace, image, dashboardHost, dashboardUserHeader, monitoringKinds: true|false, oidcProviderArn, existingSecret (all but the first two optional)}",
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
    kubeContext: optional("kubeContext", source),
    backups: backupsOf(network, source),
    cluster: optional("cluster", source),
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

function isTimeZone(name: string): boolean {
  // To make a format takes ten times as long; it knows the other names of zones as well.
  if (Intl.supportedValuesOf("timeZone").includes(name)) return true;
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
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
