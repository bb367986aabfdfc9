import { EscalationPolicy } from "@pulumi/pagerduty/escalationPolicy.js";
import { Service } from "@pulumi/pagerduty/service.js";
import {
  ServiceIntegration,
  type ServiceIntegrationArgs,
} from "@pulumi/pagerduty/serviceIntegration.js";
import * as pulumi from "@pulumi/pulumi";
import {
  type Declaration,
  declarationOf,
  type EscalationArgs,
  type SeverityTransform,
} from "./alerts/declaration.ts";
import { severities, type Severity } from "./alerts/escalation-matrix.ts";
import { requireSound } from "./alerts/soundness.ts";

/** Where alerts go besides PagerDuty. */
interface AlertRoutes {
  /** Slack incoming webhook of a channel; secret, for who has it can write there. */
  readonly slackWebhook?: pulumi.Input<string> | undefined;
  /** Gets each alert as JSON, signed with the secret. */
  readonly webhook?:
    { readonly url: pulumi.Input<string>; readonly secret: pulumi.Input<string> } | undefined;
}

export interface AlertPoliciesArgs extends EscalationArgs {
  readonly routes?: AlertRoutes | undefined;
  readonly transform?:
    | (EscalationArgs["transform"] & {
        readonly integration?: SeverityTransform<ServiceIntegrationArgs> | undefined;
      })
    | undefined;
}

/**
 * Who is paged for an alert: for each severity of the escalation matrix an escalation policy, a
 * service and its Events v2 integration in PagerDuty. Incidents end when the monitor resolves them,
 * and never by themselves.
 *
 * @example
 * const alerts = new AlertPolicies("alerts", {
 *   network: "testnet",
 *   onCall: { schedule: "PSCHED1" },
 *   teamLead: { user: "PUSER01" },
 *   cto: { user: "PUSER02" },
 *   support: { schedule: "PSCHED2" },
 *   supportHours: { timeZone: "Europe/Berlin", days: [1, 2, 3, 4, 5], from: "09:00", to: "17:00" },
 * });
 * // new ContractMonitor(…, { secrets: { values: alerts.monitorSecrets } })
 */
export class AlertPolicies extends pulumi.ComponentResource {
  /** The keys by which an event reaches the service of a severity; secret. */
  readonly routingKeys: pulumi.Output<Record<Severity, string>>;
  /** Ids of the escalation policies. */
  readonly policies: pulumi.Output<Record<Severity, string>>;
  /** Ids of the services. */
  readonly services: pulumi.Output<Record<Severity, string>>;
  /** Keys and addresses of all routes, by the names of the monitor's variables; secret. */
  readonly monitorSecrets: Readonly<Record<string, pulumi.Output<string>>>;

  /**
   * @throws pulumi.RunError for a person that is missing, a severity that does not exist, support hours
   * or delays that are none, and where somebody of the escalation matrix would not be reached in time
   */
  constructor(name: string, args: AlertPoliciesArgs, options?: pulumi.ComponentResourceOptions) {
    requireSound(args);
    const declared = severities.map((severity) => declarationOf(severity, args));
    super("aleops:alert:AlertPolicies", name, {}, options);

    const made = declared.map((declaration) => this.#declare(name, declaration, args));
    this.policies = bySeverity(made, ({ policy }) => policy.id);
    this.services = bySeverity(made, ({ service }) => service.id);
    this.routingKeys = bySeverity(made, ({ routingKey }) => routingKey);
    this.monitorSecrets = {
      ...Object.fromEntries(
        made.map(({ severity, routingKey }) => [
          `PAGERDUTY_KEY_${severity.toUpperCase()}`,
          routingKey,
        ]),
      ),
      ...routeSecrets(args.routes),
    };
    this.registerOutputs({
      policies: this.policies,
      services: this.services,
      routingKeys: this.routingKeys,
      monitorSecrets: this.monitorSecrets,
    });
  }

  #declare(name: string, declaration: Declaration, { transform }: AlertPoliciesArgs) {
    const { severity } = declaration;
    const child = `${name}-${severity}`;
    const parent = { parent: this };
    const policy = new EscalationPolicy(`${child}-policy`, declaration.policy, parent);
    const service = new Service(
      `${child}-service`,
      { ...declaration.service, escalationPolicy: policy.id },
      parent,
    );
    const events: ServiceIntegrationArgs = {
      name: "aleo-ops monitor",
      service: service.id,
      type: "events_api_v2_inbound_integration",
    };
    const { integrationKey } = new ServiceIntegration(
      `${child}-integration`,
      transform?.integration?.(events, severity) ?? events,
      // The provider does not mark it.
      { ...parent, additionalSecretOutputs: ["integrationKey"] },
    );
    return { severity, policy, service, routingKey: pulumi.secret(integrationKey) };
  }
}

/** Keys and addresses of the routes besides PagerDuty, by the names of the monitor's variables; secret. */
export function routeSecrets(routes: AlertRoutes = {}): Record<string, pulumi.Output<string>> {
  const { slackWebhook, webhook } = routes;
  return {
    ...(slackWebhook !== undefined && { ALERT_WEBHOOK: pulumi.secret(slackWebhook) }),
    ...(webhook !== undefined && {
      ALERT_WEBHOOK_URL: pulumi.secret(webhook.url),
      ALERT_WEBHOOK_SECRET: pulumi.secret(webhook.secret),
    }),
  };
}

function bySeverity<Made extends { readonly severity: Severity }>(
  made: readonly Made[],
  value: (one: Made) => pulumi.Output<string>,
): pulumi.Output<Record<Severity, string>> {
  const values = Object.fromEntries(made.map((one) => [one.severity, value(one)]));
  return pulumi.all(values).apply((known) => known as Record<Severity, string>);
}
