import type { Account } from "../account.ts";
import { shiftAt } from "../on-call.ts";
import type {
  EscalationPolicyRecord,
  IncidentRecord,
  IntegrationRecord,
  Kind,
  MaintenanceWindowRecord,
  ScheduleRecord,
  ServiceRecord,
  UserRecord,
} from "../records.ts";
import type { Step } from "../progress.ts";

/** Records in the shapes that the REST API answers. */
export type Views = ReturnType<typeof viewsOf>;

interface Reference {
  readonly id: string;
  readonly type: string;
  readonly summary: string;
  readonly self: string;
  readonly html_url: string;
}

interface OnCall {
  readonly escalation_policy: Reference;
  readonly escalation_level: number;
  readonly schedule: Reference | null;
  readonly user: Reference;
  readonly start: string | null;
  readonly end: string | null;
}

const collections: Readonly<Record<Exclude<Kind, "integration">, string>> = {
  user: "users",
  schedule: "schedules",
  escalation_policy: "escalation_policies",
  service: "services",
  maintenance_window: "maintenance_windows",
  incident: "incidents",
};

export function viewsOf(account: Account, baseUrl: string) {
  const { store } = account;

  const head = (kind: Exclude<Kind, "integration">, id: string, summary: string) => ({
    id,
    summary,
    self: `${baseUrl}/${collections[kind]}/${id}`,
    html_url: `${baseUrl}/#${id}`,
  });
  const reference = (
    kind: "user" | "schedule" | "escalation_policy" | "service",
    id: string,
  ): Reference => ({
    ...head(kind, id, store.get(kind, id)?.name ?? id),
    type: `${kind}_reference`,
  });
  const integrationReference = ({ id, service, name, type }: IntegrationRecord) => ({
    id,
    type: `${type}_reference`,
    summary: name,
    self: `${baseUrl}/services/${service}/integrations/${id}`,
    html_url: `${baseUrl}/#${service}`,
  });
  const contactMethod = (user: UserRecord) => ({
    id: `${user.id.slice(0, -1)}M`,
    type: "email_contact_method",
    summary: "Default",
    self: `${baseUrl}/users/${user.id}/contact_methods/${user.id.slice(0, -1)}M`,
    html_url: null,
    label: "Default",
    address: user.email,
    send_short_email: false,
  });

  const serviceStatus = (service: ServiceRecord): string => {
    if (service.disabled) return "disabled";
    if (account.isInMaintenance(service.id)) return "maintenance";
    const statuses = store
      .all("incident")
      .filter((incident) => incident.service.id === service.id)
      .map((incident) => account.progressOf(incident).status);
    if (statuses.includes("triggered")) return "critical";
    return statuses.includes("acknowledged") ? "warning" : "active";
  };

  return {
    contactMethod,
    user: (user: UserRecord) => {
      const { id, name, email, time_zone, job_title } = user;
      const { type, summary, self, html_url } = contactMethod(user);
      const methodReference = { type: `${type}_reference`, summary, self, html_url };
      return {
        ...head("user", id, name),
        type: "user",
        name,
        email,
        time_zone,
        color: "green",
        role: "user",
        avatar_url: null,
        description: null,
        invitation_sent: false,
        job_title,
        teams: [],
        contact_methods: [{ id: contactMethod(user).id, ...methodReference }],
        notification_rules: [],
      };
    },
    schedule: (schedule: ScheduleRecord) => {
      const { id, name, description, time_zone, schedule_layers } = schedule;
      const users = [...new Set(schedule_layers.flatMap((layer) => layer.users))];
      return {
        ...head("schedule", id, name),
        type: "schedule",
        name,
        description,
        time_zone,
        teams: [],
        users: users.map((user) => reference("user", user)),
        escalation_policies: store
          .all("escalation_policy")
          .filter(({ escalation_rules }) =>
            escalation_rules.some(({ targets }) => targets.some((target) => target.id === id)),
          )
          .map((policy) => reference("escalation_policy", policy.id)),
        schedule_layers: schedule_layers.map((layer) => ({
          ...layer,
          end: null,
          users: layer.users.map((user) => ({ user: reference("user", user) })),
          restrictions: [],
        })),
      };
    },
    escalationPolicy: (policy: EscalationPolicyRecord) => {
      const { id, name, description, num_loops, escalation_rules } = policy;
      return {
        ...head("escalation_policy", id, name),
        type: "escalation_policy",
        name,
        description,
        num_loops,
        on_call_handoff_notifications: "if_has_services",
        privilege: null,
        teams: [],
        services: store
          .all("service")
          .filter(({ escalation_policy }) => escalation_policy === id)
          .map((service) => reference("service", service.id)),
        escalation_rules: escalation_rules.map((rule) => ({
          ...rule,
          escalation_rule_assignment_strategy: { type: "assign_to_everyone" },
          targets: rule.targets.map((target) =>
            reference(target.type === "user_reference" ? "user" : "schedule", target.id),
          ),
        })),
      };
    },
    service: (service: ServiceRecord) => {
      const { escalation_policy, disabled, ...rest } = service;
      return {
        ...head("service", service.id, service.name),
        type: "service",
        ...rest,
        status: serviceStatus({ ...rest, escalation_policy, disabled }),
        last_incident_timestamp:
          store.all("incident").findLast((incident) => incident.service.id === service.id)
            ?.created_at ?? null,
        teams: [],
        escalation_policy: reference("escalation_policy", escalation_policy),
        integrations: store
          .all("integration")
          .filter((integration) => integration.service === service.id)
          .map(integrationReference),
        alert_grouping: null,
        alert_grouping_timeout: null,
        alert_grouping_parameters: { type: null, config: null },
        auto_pause_notifications_parameters: { enabled: false, timeout: null },
        response_play: null,
        addons: [],
      };
    },
    integration: (integration: IntegrationRecord) => {
      const { type, name, service, created_at, integration_key } = integration;
      return {
        ...integrationReference(integration),
        type,
        name,
        service: reference("service", service),
        created_at,
        vendor: null,
        integration_key,
      };
    },
    maintenanceWindow: (window: MaintenanceWindowRecord) => {
      const { id, description, start_time, end_time, services } = window;
      return {
        ...head("maintenance_window", id, description || "Maintenance"),
        type: "maintenance_window",
        sequence_number: 1,
        start_time,
        end_time,
        description,
        created_by: null,
        teams: [],
        services: services.map((service) => reference("service", service)),
      };
    },
    incident: (incident: IncidentRecord) => {
      const { id, incident_number, created_at, dedup_key, alerts, service, policy } = incident;
      const { status, urgency, assignees, steps, changedAt } = account.progressOf(incident);
      const title = alerts[0]?.summary ?? dedup_key;
      const times = (type: Step["type"]) =>
        steps.filter((step) => step.type === type).map(({ at, by }) => ({ at: iso(at), by }));
      return {
        ...head("incident", id, `[#${incident_number}] ${title}`),
        type: "incident",
        incident_number,
        title,
        description: title,
        created_at,
        updated_at: iso(changedAt),
        status,
        incident_key: dedup_key,
        urgency,
        service: reference("service", service.id),
        escalation_policy: reference("escalation_policy", policy.id),
        teams: [],
        assignments: assignees.map((user) => ({
          at: iso(steps.findLast(({ type }) => type === "notify")?.at ?? changedAt),
          assignee: reference("user", user),
        })),
        acknowledgements:
          status === "acknowledged"
            ? times("acknowledge")
                .slice(-1)
                .map(({ at, by }) => ({ at, acknowledger: { summary: by ?? "" } }))
            : [],
        last_status_change_at: iso(
          steps.findLast(({ type }) => statusSteps.has(type))?.at ?? changedAt,
        ),
        resolved_at: status === "resolved" ? iso(changedAt) : null,
        alert_counts: {
          all: alerts.length,
          triggered: status === "resolved" ? 0 : alerts.length,
          resolved: status === "resolved" ? alerts.length : 0,
        },
      };
    },
    /** An entry for each thing that happened to an incident, the newest first. */
    logEntries: (incident: IncidentRecord) =>
      account
        .progressOf(incident)
        .steps.flatMap((step): (Step & { user?: string })[] =>
          step.type === "notify" ? step.users.map((user) => ({ ...step, user })) : [step],
        )
        .map((step, position) => ({
          id: `${incident.id}L${position}`,
          type: `${step.type}_log_entry`,
          summary: summaryOf(step),
          created_at: iso(step.at),
          channel: { type: "auto" },
          agent: null,
          service: reference("service", incident.service.id),
          ...(step.user !== undefined && { user: reference("user", step.user) }),
        }))
        .reverse(),
    /** Who is on call now, for each rule of each policy. */
    onCalls: (): OnCall[] => {
      const at = account.now();
      return store.all("escalation_policy").flatMap((policy) =>
        policy.escalation_rules.flatMap(({ targets }, index) =>
          targets.flatMap(({ id, type }): OnCall[] => {
            const base = {
              escalation_policy: reference("escalation_policy", policy.id),
              escalation_level: index + 1,
            };
            if (type === "user_reference") {
              const user = reference("user", id);
              return [{ ...base, schedule: null, user, start: null, end: null }];
            }
            const schedule = store.get("schedule", id);
            const shift = schedule === undefined ? undefined : shiftAt(schedule, at);
            if (shift === undefined) return [];
            return [
              {
                ...base,
                schedule: reference("schedule", id),
                user: reference("user", shift.user),
                start: iso(shift.start),
                end: iso(shift.end),
              },
            ];
          }),
        ),
      );
    },
  };
}

const statusSteps: ReadonlySet<Step["type"]> = new Set([
  "trigger",
  "acknowledge",
  "acknowledgement_timeout",
  "resolve",
  "auto_resolve",
] as const);

function iso(at: number): string {
  return new Date(at).toISOString();
}

/** A step in words. */
export function summaryOf(step: Pick<Step, "type" | "level" | "urgency" | "by">): string {
  switch (step.type) {
    case "trigger":
      return `Triggered with ${step.urgency} urgency`;
    case "notify":
      return `Notified level ${step.level} with ${step.urgency} urgency`;
    case "escalate":
      return `Escalated to level ${step.level}`;
    case "acknowledge":
      return `Acknowledged by ${step.by ?? "nobody"}`;
    case "acknowledgement_timeout":
      return "Triggered again: the acknowledgement timed out";
    case "urgency_change":
      return `Urgency changed to ${step.urgency}`;
    case "resolve":
      return `Resolved by ${step.by ?? "nobody"}`;
    case "auto_resolve":
      return "Resolved by the service's time-out";
  }
}
