import * as pulumi from "@pulumi/pulumi";
import { CronJob, type CronJobArgs } from "@pulumi/kubernetes/batch/v1/cronJob.js";
import {
  PersistentVolumeClaim,
  type PersistentVolumeClaimArgs,
} from "@pulumi/kubernetes/core/v1/persistentVolumeClaim.js";
import type { SecretArgs } from "@pulumi/kubernetes/core/v1/secret.js";
import {
  ServiceAccount,
  type ServiceAccountArgs,
} from "@pulumi/kubernetes/core/v1/serviceAccount.js";
import {
  NetworkPolicy,
  type NetworkPolicyArgs,
} from "@pulumi/kubernetes/networking/v1/networkPolicy.js";
import type { core } from "@pulumi/kubernetes/types/input.js";
import type { Network } from "../aleo/network.ts";
import {
  type MailArgs,
  mailUrls,
  mailVariables,
  routeVariables,
} from "./kubernetes/alert-routes.ts";
import { requireSchedule, requireTimeZone } from "./kubernetes/cron.ts";
import { declaredPrograms } from "./kubernetes/declared-programs.ts";
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
import { accessOf, portsOf } from "./kubernetes/network-access.ts";
import { containerSecurity, podSecurity, scratch } from "./kubernetes/pod-security.ts";
import { refusal } from "./common/refusal.ts";
import { type ScheduledOperation, scheduledOperations } from "./kubernetes/scheduled-operations.ts";
import { roleAnnotation, serviceAccounts } from "./kubernetes/service-accounts.ts";
import { type Transform, transformed } from "./common/transform.ts";

type BackupAccess = ScheduledOperation["backups"];

/** Where backups are kept, and how a job gets at them. */
export interface BackupAccessArgs {
  /** The store: `s3://aleo-contract-backups-testnet`. */
  readonly store: pulumi.Input<string>;
  /** ARNs of the roles that the cluster's pods take on. Without them, `credentials` are used. */
  readonly appenderRole?: pulumi.Input<string> | undefined;
  readonly readerRole?: pulumi.Input<string> | undefined;
  readonly verifierRole?: pulumi.Input<string> | undefined;
  /** Plain variables for AWS, as AWS_REGION. */
  readonly environment?: Values | undefined;
  /** AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, where the cluster's pods can't take on a role. */
  readonly credentials?: SecretSource | undefined;
}

export interface OperationsScheduleArgs {
  readonly network: Network;
  /** The namespace of the monitor, which denies what is not named. */
  readonly namespace: pulumi.Input<string>;
  /** Image of this project, on public networks by digest: `ghcr.io/example/aleo-ops@sha256:…`. */
  readonly image: string;
  /** Base URLs of nodes, tried in this order. */
  readonly endpoints: readonly string[];
  /** IANA name: `Europe/Berlin`; UTC where it is left out. */
  readonly timeZone?: string | undefined;
  /** Cron expressions by operation, where they differ from the project's own. */
  readonly times?: Readonly<Record<string, string>> | undefined;
  /** Further plain variables of every job. They win over those of the component. */
  readonly environment?: Values | undefined;
  /** Left out: the jobs that need backups are declared, and do not run. */
  readonly backups?: BackupAccessArgs | undefined;
  /** Class of the volume of the journal; the cluster's default one where it is left out. */
  readonly storageClass?: string | undefined;
  /** The ConfigMap with the checksums of the programs that the stack declares, which the image may not know. */
  readonly programs?: pulumi.Input<string> | undefined;
  /** Where the monitor answers. Left out: the jobs that need it are declared, and do not run. */
  readonly monitorUrl?: pulumi.Input<string> | undefined;
  /**
   * Holds ALEO_PRIVATE_KEY, and for a prover ALEO_PROVER_API_KEY and ALEO_PROVER_CONSUMER_ID. Left
   * out: the jobs that sign are declared, and do not run.
   */
  readonly key?: SecretSource | undefined;
  /** The prover to which the jobs that sign send what is to be proven. */
  readonly proverUrl?: string | undefined;
  /** Whom a failed job is told, and what is reported: the variables of the monitor's routes. */
  readonly routes?: SecretSource | undefined;
  /** The same by e-mail, through the server that SMTP_URL of `routes` names. */
  readonly mail?: MailArgs | undefined;
  readonly transform?:
    | {
        readonly cronJob?: Transform<CronJobArgs> | undefined;
        readonly serviceAccount?: Transform<ServiceAccountArgs> | undefined;
        readonly networkPolicy?: Transform<NetworkPolicyArgs> | undefined;
        readonly secret?: Transform<SecretArgs> | undefined;
        readonly journal?: Transform<PersistentVolumeClaimArgs> | undefined;
      }
    | undefined;
}

/**
 * The operations that run by the clock, one CronJob each: never two of one at a time, each with a
 * deadline, with the rights that it needs and no others. One that fails tells the receivers of alerts.
 *
 * @example
 * new OperationsSchedule("operations", {
 *   network: "testnet",
 *   namespace: monitor.namespace,
 *   image: "ghcr.io/example/aleo-ops@sha256:…",
 *   endpoints: ["https://api.explorer.provable.com/v2"],
 *   timeZone: "Europe/Berlin",
 *   times: { "health-check": "0 8 * * 1-5" },
 *   monitorUrl: monitor.url,
 *   routes: { values: alerts.monitorSecrets },
 *   backups: {
 *     store: backups.url,
 *     appenderRole: backups.appenderRoleArn,
 *     readerRole: backups.readerRoleArn,
 *     verifierRole: backups.verifierRoleArn,
 *   },
 * });
 */
export class OperationsSchedule extends pulumi.ComponentResource {
  /** Schedules of the operations that run, by their names. */
  readonly schedules: pulumi.Output<Record<string, string>>;
  /** The operations that are declared and do not run. */
  readonly suspended: pulumi.Output<string[]>;

  /** @throws pulumi.RunError for a schedule, time zone, operation or image that is not sound */
  constructor(
    name: string,
    args: OperationsScheduleArgs,
    options?: pulumi.ComponentResourceOptions,
  ) {
    const timeZone = args.timeZone ?? "UTC";
    requireSound(args, timeZone);
    super("aleops:operations:OperationsSchedule", name, {}, options);
    const { network, namespace, transform, backups } = args;
    const labels = labelsOf(part, network);
    const parent = { parent: this };

    const policy = new NetworkPolicy(
      `${name}-network-policy`,
      transformed<NetworkPolicyArgs>(
        {
          metadata: { name: part, namespace, labels },
          spec: accessOf({
            selector: selectorOf(part),
            urls: urlsOf(args),
            ...(args.monitorUrl !== undefined && {
              outwards: { port: portOf(args.monitorUrl), pods: selectorOf("monitor") },
            }),
          }),
        },
        transform?.networkPolicy,
      ),
      parent,
    );
    const accounts = this.accountsOf(name, args);
    const secretsOf = (
      suffix: string,
      source: SecretSource | undefined,
      names: readonly string[],
    ) =>
      secretVariables({
        name: `${name}-${suffix}`,
        namespace,
        labels,
        source,
        names,
        transform: transform?.secret,
        parent: this,
      });
    const key = secretsOf("key", args.key, keyVariables);
    const routes = secretsOf("routes", args.routes, routeVariables);
    const credentials = secretsOf("backup-credentials", backups?.credentials, [
      "AWS_ACCESS_KEY_ID",
      "AWS_SECRET_ACCESS_KEY",
      "AWS_SESSION_TOKEN",
    ]);

    const journal =
      args.key === undefined
        ? undefined
        : new PersistentVolumeClaim(
            `${name}-journal`,
            transformed<PersistentVolumeClaimArgs>(
              {
                metadata: { name: "journal", namespace, labels },
                spec: {
                  accessModes: ["ReadWriteOnce"],
                  storageClassName: args.storageClass,
                  resources: { requests: { storage: "1Gi" } },
                },
              },
              transform?.journal,
            ),
            parent,
          );

    const runs = (operation: ScheduledOperation) =>
      (["none", "reader"].includes(operation.backups) || backups !== undefined) &&
      (!operation.needsKey || args.key !== undefined) &&
      (operation.monitor !== "needed" || args.monitorUrl !== undefined);
    const scheduleOf = ({ id, schedule }: ScheduledOperation) => args.times?.[id] ?? schedule;

    for (const operation of scheduledOperations) {
      new CronJob(
        `${name}-${operation.id}`,
        transformed<CronJobArgs>(
          {
            metadata: { name: operation.id, namespace, labels },
            spec: {
              schedule: scheduleOf(operation),
              timeZone,
              suspend: !runs(operation),
              concurrencyPolicy: "Forbid",
              startingDeadlineSeconds: operation.startingDeadlineSeconds,
              successfulJobsHistoryLimit: 3,
              failedJobsHistoryLimit: 5,
              jobTemplate: {
                metadata: { labels },
                spec: {
                  activeDeadlineSeconds: operation.deadlineSeconds,
                  backoffLimit: operation.retries,
                  podFailurePolicy: { rules: [told] },
                  template: podTemplate(operation, args, {
                    account: accounts[operation.backups].metadata.name,
                    journal: operation.needsKey ? journal?.metadata.name : undefined,
                    secrets: [
                      ...(operation.needsKey ? key : []),
                      ...(operation.backups === "none" ? [] : credentials),
                      ...routes,
                    ],
                  }),
                },
              },
            },
          },
          transform?.cronJob,
        ),
        { ...parent, dependsOn: policy },
      );
    }

    this.schedules = pulumi.output(
      Object.fromEntries(
        scheduledOperations.filter(runs).map((operation) => [operation.id, scheduleOf(operation)]),
      ),
    );
    this.suspended = pulumi.output(
      scheduledOperations.filter((operation) => !runs(operation)).map(({ id }) => id),
    );
    this.registerOutputs({ schedules: this.schedules, suspended: this.suspended });
  }

  private accountsOf(
    name: string,
    { network, namespace, backups, transform }: OperationsScheduleArgs,
  ): Record<BackupAccess, ServiceAccount> {
    const account = (access: BackupAccess, role: pulumi.Input<string> | undefined) =>
      new ServiceAccount(
        `${name}-${serviceAccounts[access]}`,
        transformed<ServiceAccountArgs>(
          {
            metadata: {
              name: serviceAccounts[access],
              namespace,
              labels: labelsOf(part, network),
              annotations: roleAnnotation(role),
            },
            automountServiceAccountToken: false,
          },
          transform?.serviceAccount,
        ),
        { parent: this },
      );
    return {
      appender: account("appender", backups?.appenderRole),
      reader: account("reader", backups?.readerRole),
      verifier: account("verifier", backups?.verifierRole),
      none: account("none", undefined),
    };
  }
}

const part = "operation";
const container = "operation";
/** What was sent and not yet seen in a block is noted here; the image's directory is /app. */
const journalMount = "/app/.state/journal";
const keyVariables = ["ALEO_PRIVATE_KEY", "ALEO_PROVER_API_KEY", "ALEO_PROVER_CONSUMER_ID"];

/** Exit codes of an operation that has tried again and told: only a pod that was lost is replaced. */
const told = {
  action: "FailJob",
  onExitCodes: { containerName: container, operator: "In", values: [1, 2, 3, 4] },
};

function urlsOf({ endpoints, proverUrl, mail }: OperationsScheduleArgs): string[] {
  return [...endpoints, ...(proverUrl === undefined ? [] : [proverUrl]), ...mailUrls(mail)];
}

function portOf(url: pulumi.Input<string>): pulumi.Output<number> {
  return pulumi.output(url).apply((text) => Number(new URL(text).port));
}

function requireSound(args: OperationsScheduleArgs, timeZone: string): void {
  requirePinnedImage(args.image, args.network);
  portsOf(urlsOf(args));
  requireKnownVariables(args.key?.values ?? {}, keyVariables, "key");
  requireKnownVariables(args.routes?.values ?? {}, routeVariables, "routes");
  requireVariableNames(args.environment ?? {}, "environment");
  requireVariableNames(args.backups?.environment ?? {}, "backups.environment");
  requireTimeZone(timeZone, "timeZone (of aleo-ops:schedules)");
  const known = scheduledOperations.map(({ id }) => id);
  for (const [id, schedule] of Object.entries(args.times ?? {})) {
    if (!known.includes(id)) {
      throw refusal(
        `times (of aleo-ops:schedules) names the operation "${id}", which is not scheduled.`,
        `The operations are: ${known.join(", ")}.`,
      );
    }
    requireSchedule(schedule, timeZone, `times.${id} (of aleo-ops:schedules)`);
  }
}

/** What runs the operation, tries it again and tells of it. */
function argumentsOf(operation: ScheduledOperation, network: Network): string[] {
  const { id, command, severity, deadlineSeconds, retries, runbook, isPosted } = operation;
  return [
    ...["scheduled", id, "--network", network, "--severity", severity],
    ...["--minutes", String(deadlineSeconds / 60 - 1), "--retries", String(retries)],
    ...["--runbook", runbook, ...(isPosted ? ["--post"] : []), "--", ...command],
  ];
}

function podTemplate(
  operation: ScheduledOperation,
  args: OperationsScheduleArgs,
  given: {
    readonly account: pulumi.Input<string>;
    readonly journal: pulumi.Input<string> | undefined;
    readonly secrets: readonly core.v1.EnvVar[];
  },
): core.v1.PodTemplateSpec {
  const { network, backups } = args;
  const temporary = scratch.mount.mountPath;
  return {
    metadata: { labels: labelsOf(part, network) },
    spec: {
      restartPolicy: "Never",
      serviceAccountName: given.account,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: podSecurity,
      containers: [
        {
          name: container,
          image: args.image,
          args: argumentsOf(operation, network),
          env: [
            ...plainVariables({
              ALEO_NETWORK: network,
              ALEO_NODE_URL: args.endpoints.join(","),
              TMPDIR: temporary,
              // What proves keeps its keys for the next run.
              XDG_CACHE_HOME: `${given.journal === undefined ? temporary : journalMount}/cache`,
              ...(operation.backups !== "none" &&
                backups !== undefined && { BACKUP_STORE: backups.store, ...backups.environment }),
              ...(operation.monitor !== "none" &&
                args.monitorUrl !== undefined && { MONITOR_URL: args.monitorUrl }),
              ...(args.programs !== undefined && declaredPrograms.variables),
              ...mailVariables(args.mail),
              ...args.environment,
            }),
            ...given.secrets,
          ],
          securityContext: containerSecurity,
          resources: {
            requests: { cpu: "50m", memory: "128Mi" },
            limits: { cpu: "1", memory: operation.memory },
          },
          volumeMounts: [
            scratch.mount,
            ...(given.journal === undefined ? [] : [{ name: "journal", mountPath: journalMount }]),
            ...(args.programs === undefined ? [] : [declaredPrograms.mount]),
          ],
        },
      ],
      volumes: [
        scratch.volume(operation.scratch),
        ...(given.journal === undefined
          ? []
          : [{ name: "journal", persistentVolumeClaim: { claimName: given.journal } }]),
        ...(args.programs === undefined ? [] : [declaredPrograms.volume(args.programs)]),
      ],
    },
  };
}
