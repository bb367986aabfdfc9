import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { AleoError } from "./aleo/errors.ts";
import { AlertPolicies, routeSecrets } from "./components/alert-policies.ts";
import { eventsUrl } from "./components/alerts/events-url.ts";
import { pagerDutyProvider } from "./components/alerts/pagerduty-provider.ts";
import { BackupStore } from "./components/backup-store.ts";
import { refuseExamples } from "./components/common/examples.ts";
import { ContractMonitor } from "./components/contract-monitor.ts";
import { ContractSuite } from "./components/contract-suite.ts";
import { clusterProvider } from "./components/kubernetes/cluster-provider.ts";
import { serviceAccounts } from "./components/kubernetes/service-accounts.ts";
import { stackSecrets, webhookOf } from "./components/kubernetes/stack-secrets.ts";
import { OperationsSchedule } from "./components/operations-schedule.ts";
import { configNamespace } from "./config-namespace.ts";
import { compiledProgram } from "./contracts/compiled-program.ts";
import {
  type BackupSettings,
  type ClusterSettings,
  type EscalationSettings,
  settingsOf,
} from "./settings.ts";

// Pulumi takes a stack trace at each promise, and source maps made that a fifth of what this program
// costs. The files here run as they are: Node's own traces name their lines.
Reflect.deleteProperty(Error, "prepareStackTrace");

const config = new pulumi.Config(configNamespace);
const file = `Pulumi.${pulumi.getStack()}.yaml`;
const settings = explained(() =>
  settingsOf(
    {
      get: (key) => config.get(key),
      keys: Object.keys(pulumi.runtime.allConfig()).flatMap((key) =>
        key.startsWith(`${configNamespace}:`) ? key.slice(configNamespace.length + 1) : [],
      ),
      file,
    },
    process.env,
  ),
);
refuseExamples(settings, file);
const { endpoints, services } = settings;

export const network = settings.network;
const secret = (key: string) => config.getSecret(key);
const routes = { slackWebhook: secret("slackWebhook"), webhook: webhookOf(secret) };
const suite = explained(declarePrograms);
export const programs = suite.programs;
const store = settings.backups && declareBackups(settings.backups, settings.cluster);
const alerts = settings.escalation && declareAlerts(settings.escalation);
const operations = settings.cluster && declareOperations(settings.cluster);

export const backups = store?.url;
export const namespace = operations?.monitor.namespace;
export const dashboard = operations?.monitor.dashboardUrl;
export const schedules = operations?.schedule.schedules;
/** Declared, but not run: what needs a key, a backup store or a monitor that is not there. */
export const suspended = operations?.schedule.suspended;

function declarePrograms(): ContractSuite {
  return new ContractSuite("contracts", {
    programs: settings.programs.map(({ program, paused }) => ({
      source: compiledProgram(program),
      paused,
    })),
  });
}

function declareBackups(
  { bucket, lockDays, keepDays, replicaRegion }: BackupSettings,
  cluster: ClusterSettings | undefined,
): BackupStore {
  const accounts = (...names: string[]) =>
    names.map((name) => `${cluster?.namespace ?? ""}/${name}`);
  return new BackupStore("backups", {
    network,
    bucketName: bucket,
    lock: { mode: network === "mainnet" ? "compliance" : "governance", days: lockDays },
    keepDays,
    replicaRegion,
    serviceAccounts:
      cluster?.oidcProviderArn === undefined
        ? undefined
        : {
            oidcProviderArn: cluster.oidcProviderArn,
            writers: accounts(serviceAccounts.writer),
            appenders: accounts(serviceAccounts.appender),
            readers: accounts(serviceAccounts.reader, serviceAccounts.monitor),
            verifiers: accounts(serviceAccounts.verifier),
          },
  });
}

function declareAlerts(escalation: EscalationSettings): AlertPolicies {
  const provider =
    services.pagerDuty === undefined
      ? undefined
      : pagerDutyProvider("pagerduty", services.pagerDuty, process.env.PAGERDUTY_TOKEN ?? "");
  return new AlertPolicies(
    "alerts",
    { network, ...escalation, routes },
    { providers: provider === undefined ? {} : { pagerduty: provider } },
  );
}

function declareOperations(cluster: ClusterSettings) {
  const { namespace, image, storageClass, dashboardHost, existingSecret } = cluster;
  const { mail, proving } = settings;
  const options = { providers: { kubernetes: clusterProvider("cluster", settings.kubeContext) } };
  const common = { network, image, endpoints, storageClass, mail };
  const rules = `${network}.yaml`;
  const toBackups = store && {
    AWS_REGION: store.region,
    ...(services.aws !== undefined && { AWS_ENDPOINT_URL: services.aws }),
  };
  const proverUrl = proving.mode === "delegated" ? proving.url : undefined;
  const secrets = stackSecrets({
    secret,
    existing: existingSecret,
    sendsMail: mail !== undefined,
    hasProver: proverUrl !== undefined,
  });
  const told = alerts?.monitorSecrets ?? routeSecrets(routes);
  const events = eventsUrl(services.pagerDuty, new pulumi.Config("pagerduty").get("serviceRegion"));
  const toPagerDuty = events === undefined ? {} : { PAGERDUTY_EVENTS_URL: events };

  const monitor = new ContractMonitor(
    "monitor",
    {
      ...common,
      namespace,
      dashboardHost,
      ingress: cluster.ingress,
      rules: { [rules]: readFileSync(`monitor/rules/${rules}`, "utf8") },
      programs: suite.checksums,
      environment: { ...toPagerDuty, ...(store && { BACKUP_STORE: store.url, ...toBackups }) },
      secrets: secrets.monitor(told),
      backupReaderRole: store?.readerRoleArn,
      monitoring: cluster.monitoring,
    },
    options,
  );
  const schedule = new OperationsSchedule(
    "operations",
    {
      ...common,
      namespace: monitor.namespace,
      programs: monitor.programs,
      ...settings.schedules,
      environment: toPagerDuty,
      key: secrets.key,
      proverUrl,
      routes: secrets.routes(told),
      // On the network of one machine nothing resolves the names of services.
      monitorUrl: network === "local" ? undefined : monitor.url,
      backups: store && {
        store: store.url,
        appenderRole: store.appenderRoleArn,
        readerRole: store.readerRoleArn,
        verifierRole: store.verifierRoleArn,
        environment: { BACKUP_KMS_KEY: store.keyArn, ...toBackups },
        credentials: secrets.credentials,
      },
    },
    options,
  );
  return { monitor, schedule };
}

/** Pulumi shows a RunError as its message, and any other with a stack that helps nobody. */
function explained<Result>(declare: () => Result): Result {
  try {
    return declare();
  } catch (error) {
    throw error instanceof AleoError ? new pulumi.RunError(error.explain()) : error;
  }
}
