import { severities } from "../alerts/escalation-matrix.ts";
import type { Values } from "./environment.ts";

/** Secret variables that say where an alert of each severity is sent. */
export const routeVariables: readonly string[] = [
  ...severities.map((severity) => `PAGERDUTY_KEY_${severity.toUpperCase()}`),
  "ALERT_WEBHOOK",
  "ALERT_WEBHOOK_URL",
  "ALERT_WEBHOOK_SECRET",
  "SMTP_URL",
];

/** Alerts by e-mail, through the server that SMTP_URL names. */
export interface MailArgs {
  /** Address of the sender, and of all who get the alerts. */
  readonly from: string;
  readonly to: readonly string[];
  /** The mail server's port, as in SMTP_URL; 587. */
  readonly port?: number | undefined;
}

/** The plain variables of alerts by e-mail. */
export function mailVariables(mail: MailArgs | undefined): Values {
  return mail === undefined ? {} : { ALERT_MAIL_FROM: mail.from, ALERT_MAIL_TO: mail.to.join(",") };
}

/** What a network policy must let through for them. */
export function mailUrls(mail: MailArgs | undefined): string[] {
  return mail === undefined ? [] : [`smtp://mail:${mail.port ?? 587}`];
}
