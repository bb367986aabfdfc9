import type * as pulumi from "@pulumi/pulumi";
import { configNamespace } from "../../config-namespace.ts";
import { refusal } from "../common/refusal.ts";
import type { SecretSource, Values } from "./environment.ts";

export interface StackSecretsOptions {
  /** A secret of the stack; undefined where it is not set. */
  readonly secret: (key: string) => pulumi.Output<string> | undefined;
  /** The Secret of the cluster that holds what the stack does not. */
  readonly existing: string | undefined;
  /** Whether alerts are sent by e-mail. */
  readonly sendsMail: boolean;
  /** Whether a prover is asked for proofs. */
  readonly hasProver: boolean;
}

/** The secrets of a stack, by what they are for. */
export interface StackSecrets {
  /** What the monitor reads, and by which ways it tells. */
  monitor(routes: Values): SecretSource;
  /** By which ways the scheduled operations tell. */
  routes(routes: Values): SecretSource;
  /** Undefined where nothing holds the private key. */
  readonly key: SecretSource | undefined;
  /** To the backups, where pods can't take on a role; undefined where nothing may hold them. */
  readonly credentials: SecretSource | undefined;
}

/**
 * Where the monitor and the scheduled operations have their secrets from. What the stack holds comes
 * out of the stack, an existing Secret adds the rest; but the private key comes out of that one alone
 * where it is named: it is named to keep the key out of what the stack makes.
 *
 * @throws pulumi.RunError that names the secret that is missing beside another one
 */
export function stackSecrets({
  secret,
  existing,
  sendsMail,
  hasProver,
}: StackSecretsOptions): StackSecrets {
  const valuesOf = (variables: Readonly<Record<string, string>>): Values =>
    Object.fromEntries(
      Object.entries(variables).flatMap(([variable, key]) => {
        const value = secret(key);
        return value === undefined ? [] : [[variable, value]];
      }),
    );
  const isSet = (key: string) => secret(key) !== undefined;
  requireWhole("backupAccessKeyId", "backupSecretAccessKey", isSet);
  if (sendsMail && !isSet("smtpUrl") && existing === undefined) {
    throw missing("smtpUrl", `${configNamespace}:mail`);
  }
  if (!sendsMail && isSet("smtpUrl")) throw missing("mail", "the secret smtpUrl");

  const credentials = valuesOf({
    AWS_ACCESS_KEY_ID: "backupAccessKeyId",
    AWS_SECRET_ACCESS_KEY: "backupSecretAccessKey",
  });
  const smtp = valuesOf({ SMTP_URL: "smtpUrl" });
  const monitor = valuesOf({ HEARTBEAT_URL: "heartbeatUrl", MONITOR_TOKEN: "dashboardToken" });
  const key = existing === undefined ? valuesOf({ ALEO_PRIVATE_KEY: "privateKey" }) : {};
  const prover = hasProver
    ? valuesOf({ ALEO_PROVER_API_KEY: "proverApiKey", ALEO_PROVER_CONSUMER_ID: "proverConsumerId" })
    : {};
  return {
    monitor: (routes) => ({
      values: { ...routes, ...smtp, ...monitor, ...credentials },
      existing,
    }),
    routes: (routes) => ({ values: { ...routes, ...smtp }, existing }),
    key:
      existing === undefined && Object.keys(key).length === 0
        ? undefined
        : { values: { ...key, ...prover }, existing },
    credentials:
      existing === undefined && Object.keys(credentials).length === 0
        ? undefined
        : { values: credentials, existing },
  };
}

/**
 * A receiver of alerts of one's own; undefined where it is not set.
 * @throws pulumi.RunError that names what is missing
 */
export function webhookOf(secret: StackSecretsOptions["secret"]) {
  requireWhole("webhookUrl", "webhookSecret", (key) => secret(key) !== undefined);
  const [url, signed] = [secret("webhookUrl"), secret("webhookSecret")];
  return url && signed && { url, secret: signed };
}

function requireWhole(one: string, other: string, isSet: (key: string) => boolean): void {
  if (isSet(one) === isSet(other)) return;
  const [there, absent] = isSet(one) ? [one, other] : [other, one];
  throw missing(absent, `the secret ${there}`);
}

function missing(key: string, beside: string): pulumi.RunError {
  const isSecret = key !== "mail";
  return refusal(
    `${beside} is set, and ${isSecret ? "the secret " : ""}${configNamespace}:${key} is not: without it, the other does nothing.`,
    isSecret
      ? `Set it with \`make pulumi STACK=… ARGS="config set --secret ${key}"\`, or take the other one out.`
      : `Set it as {from: ops@example.org, to: [team@example.org]}, or take the other one out.`,
  );
}
