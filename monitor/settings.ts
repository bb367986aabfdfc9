import { join } from "node:path";
import { type Environment, given } from "../aleo/environment.ts";
import type { Network } from "../aleo/network.ts";
import { severities } from "./alert/severity.ts";
import { mail } from "./deliver/mail.ts";
import type { RoutingKeys } from "./deliver/pagerduty.ts";
import { pagerDuty, routingKeyVariable } from "./deliver/pagerduty.ts";
import type { Route } from "./deliver/route.ts";
import { slack } from "./deliver/slack.ts";
import { webhook } from "./deliver/webhook.ts";
import { MonitorSettingError } from "./errors.ts";
import type { LogOptions } from "./log.ts";
import { secretsOf } from "./redact.ts";
import { durationMs } from "./rule/duration.ts";

export type { Environment };

/** How this monitor runs, from its environment. It holds no secret: see `routesOf`. */
export interface MonitorSettings {
  /** Between two polls, in ms. */
  readonly intervalMs: number;
  readonly database: string;
  readonly rulesFile: string;
  /** Which programs the stack declares; undefined for a monitor that no stack started. */
  readonly programsFile: string | undefined;
  readonly host: string;
  readonly port: number;
  /** For how long blocks, transactions and resolved alerts are kept, in ms. */
  readonly retentionMs: number;
  /** Blocks behind the chain from which on the monitor is not ready. */
  readonly readyLag: number;
}

/** @throws MonitorSettingError naming the variable and what is allowed */
export function monitorSettings(network: Network, environment: Environment): MonitorSettings {
  const number = (name: string, fallback: number, least: number, most: number) => {
    const text = given(environment, name);
    const value = text === undefined ? fallback : Number(text);
    if (Number.isFinite(value) && value >= least && value <= most) return value;
    throw new MonitorSettingError(`${name} is ${JSON.stringify(text)}.`, {
      remedy: `Set it to a number from ${least} to ${most}, or leave it out for ${fallback}.`,
    });
  };
  const retention = given(environment, "MONITOR_RETENTION") ?? "30d";
  if (!/^\d{1,6}[smhd]$/.test(retention)) {
    throw new MonitorSettingError(`MONITOR_RETENTION is ${JSON.stringify(retention)}.`, {
      remedy: "Set it to a time span such as 30d, or leave it out.",
    });
  }
  const folder = given(environment, "MONITOR_RULES") ?? join(import.meta.dirname, "rules");
  return {
    intervalMs: number("MONITORING_INTERVAL", network === "local" ? 1 : 60, 0.1, 3_600) * 1_000,
    database:
      given(environment, "MONITOR_DATABASE") ?? join(".state", "monitor", `${network}.sqlite`),
    rulesFile: join(folder, `${network}.yaml`),
    programsFile: given(environment, "MONITOR_PROGRAMS"),
    host: given(environment, "MONITOR_HOST") ?? "127.0.0.1",
    port: number("MONITOR_PORT", 8080, 0, 65_535),
    retentionMs: durationMs(retention),
    readyLag: number("MONITOR_READY_LAG", 100, 1, 1_000_000),
  };
}

const pagerDutyEvents = "https://events.pagerduty.com/v2/enqueue";

/**
 * The ways to the receivers that the environment names: PAGERDUTY_KEY_CRITICAL, _HIGH, _MEDIUM and
 * _LOW (and PAGERDUTY_EVENTS_URL), ALERT_WEBHOOK (Slack), ALERT_WEBHOOK_URL with
 * ALERT_WEBHOOK_SECRET (any other receiver), SMTP_URL with ALERT_MAIL_FROM and ALERT_MAIL_TO.
 * @throws MonitorSettingError naming the variable, and never its value
 */
export function routesOf(environment: Environment, now: () => number): Route[] {
  const routes: Route[] = [];
  const keys = Object.fromEntries(
    severities.flatMap((severity) => {
      const key = given(environment, routingKeyVariable(severity));
      return key === undefined ? [] : [[severity, key]];
    }),
  ) as RoutingKeys;
  if (Object.keys(keys).length > 0) {
    routes.push(pagerDuty(url("PAGERDUTY_EVENTS_URL", environment) ?? pagerDutyEvents, keys));
  }
  const channel = url("ALERT_WEBHOOK", environment);
  if (channel !== undefined) routes.push(slack(channel));
  const other = url("ALERT_WEBHOOK_URL", environment);
  if (other !== undefined) {
    const secret = environment.ALERT_WEBHOOK_SECRET ?? "";
    if (secret.length < 16) {
      throw new MonitorSettingError(
        "ALERT_WEBHOOK_URL is set, and ALERT_WEBHOOK_SECRET is missing or shorter than 16 characters.",
        { remedy: "Set the secret with which its receiver checks the signature." },
      );
    }
    routes.push(webhook(other, secret, now));
  }
  const server = url("SMTP_URL", environment, ["smtp:", "smtps:"]);
  if (server !== undefined) {
    const [from = ""] = mailboxes("ALERT_MAIL_FROM", environment);
    routes.push(mail({ url: server, from, to: mailboxes("ALERT_MAIL_TO", environment) }));
  }
  return routes;
}

function mailboxes(name: string, environment: Environment): string[] {
  const all = (environment[name] ?? "").split(",").map((one) => one.trim());
  if (all.every((one) => /^[^\s@<>]+@[^\s@<>]+$/.test(one))) return all;
  throw new MonitorSettingError(
    `SMTP_URL is set, and ${name} is ${all.join() === "" ? "not" : "no list of addresses"}.`,
    { remedy: `Set ${name}, as ops@example.org; ALERT_MAIL_TO may name several, with commas.` },
  );
}

/** Where the log goes besides standard output (MONITOR_LOG_FILE), and what it must not show. */
export function logOptions(environment: Environment): LogOptions {
  return { file: given(environment, "MONITOR_LOG_FILE"), secrets: secretsOf(environment) };
}

/**
 * What tells a watcher elsewhere, at HEARTBEAT_URL, that the chain is followed to its end.
 * @throws MonitorSettingError for what is no URL
 */
export function heartbeatOf(environment: Environment): (() => Promise<void>) | undefined {
  const address = url("HEARTBEAT_URL", environment);
  if (address === undefined) return undefined;
  return async () => {
    const { request } = await import("undici");
    const { statusCode, body } = await request(address, { signal: AbortSignal.timeout(5_000) });
    await body.dump();
    if (statusCode >= 400) throw new Error(`HTTP ${statusCode}`);
  };
}

function url(
  name: string,
  environment: Environment,
  protocols: readonly string[] = ["http:", "https:"],
): string | undefined {
  const text = given(environment, name);
  if (text === undefined) return undefined;
  const parsed = URL.parse(text);
  if (parsed !== null && parsed.hostname !== "" && protocols.includes(parsed.protocol)) return text;
  const kinds = protocols.map((protocol) => protocol.slice(0, -1)).join(" or ");
  throw new MonitorSettingError(`${name} is not an ${kinds} URL. It is not shown here.`, {
    remedy: `Check the value of ${name}.`,
  });
}
