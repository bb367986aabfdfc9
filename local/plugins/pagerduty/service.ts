import { z } from "zod";
import type { Properties } from "../server/resource-type.ts";
import { checkedBy, oneOf, orUnknown, text, withName } from "./checks.ts";
import { restType } from "./rest-type.ts";

interface Urgency {
  readonly type?: string;
  readonly urgency?: string;
}

interface UrgencyRule extends Urgency {
  readonly duringSupportHours?: Urgency;
  readonly outsideSupportHours?: Urgency;
}

interface SupportHours {
  readonly type?: string;
  readonly timeZone?: string;
  readonly startTime?: string;
  readonly endTime?: string;
  readonly daysOfWeeks?: readonly number[];
}

interface ScheduledAction {
  readonly type?: string;
  readonly toUrgency?: string;
  readonly ats?: readonly { readonly type?: string; readonly name?: string }[];
}

interface Inputs extends Properties {
  readonly name: string;
  readonly description?: string;
  readonly escalationPolicy: string;
  /** Seconds as a text; "null" is never. */
  readonly acknowledgementTimeout: string;
  readonly autoResolveTimeout: string;
  readonly alertCreation?: string;
  readonly incidentUrgencyRule?: UrgencyRule;
  readonly supportHours?: SupportHours;
  readonly scheduledActions?: readonly ScheduledAction[];
}

interface Document {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly html_url: string;
  readonly created_at: string;
  readonly status: string;
  readonly type: string;
  readonly last_incident_timestamp: string | null;
  readonly escalation_policy: { readonly id: string };
  readonly acknowledgement_timeout: number | null;
  readonly auto_resolve_timeout: number | null;
  readonly alert_creation: string;
  readonly incident_urgency_rule: {
    readonly type: string;
    readonly urgency?: string;
    readonly during_support_hours?: Urgency;
    readonly outside_support_hours?: Urgency;
  };
  readonly support_hours: {
    readonly type: string;
    readonly time_zone: string;
    readonly start_time: string;
    readonly end_time: string;
    readonly days_of_week: readonly number[];
  } | null;
  readonly scheduled_actions: readonly {
    readonly type: string;
    readonly to_urgency: string;
    readonly at: { readonly type: string; readonly name: string };
  }[];
}

const seconds = orUnknown(
  z.string().regex(/^(null|[1-9]\d*)$/, 'must be a number of seconds, or "null" for never'),
);
const urgencyWord = oneOf("high", "low", "severity_based");
const urgency = orUnknown(z.strictObject({ type: oneOf("constant"), urgency: urgencyWord }));

const schema = z
  .strictObject({
    name: text,
    description: orUnknown(z.string()).optional(),
    escalationPolicy: text,
    acknowledgementTimeout: seconds,
    autoResolveTimeout: seconds,
    alertCreation: oneOf("create_incidents", "create_alerts_and_incidents").optional(),
    incidentUrgencyRule: orUnknown(
      z.strictObject({
        type: oneOf("constant", "use_support_hours"),
        urgency: urgencyWord.optional(),
        duringSupportHours: urgency.optional(),
        outsideSupportHours: urgency.optional(),
      }),
    ).optional(),
    supportHours: orUnknown(
      z.strictObject({
        type: oneOf("fixed_time_per_day"),
        timeZone: text,
        startTime: text,
        endTime: text,
        daysOfWeeks: orUnknown(z.array(orUnknown(z.number().int().min(1).max(7))).min(1)),
      }),
    ).optional(),
    scheduledActions: orUnknown(
      z.array(
        z.strictObject({
          type: oneOf("urgency_change"),
          toUrgency: oneOf("high", "low"),
          ats: z.array(
            z.strictObject({
              type: oneOf("named_time"),
              name: oneOf("support_hours_start", "support_hours_end"),
            }),
          ),
        }),
      ),
    ).optional(),
  })
  .superRefine(({ incidentUrgencyRule: rule, supportHours }, context) => {
    const { type, urgency: general } = (rule ?? {}) as UrgencyRule;
    if (type !== "use_support_hours") return;
    const refuse = (path: string, message: string) => {
      context.addIssue({ code: "custom", message, path: [path] });
    };
    if (general !== undefined) {
      refuse(
        "incidentUrgencyRule",
        "general urgency cannot be set for a use_support_hours incident urgency rule type",
      );
    }
    if (supportHours === undefined) {
      refuse(
        "supportHours",
        "must be set where incidentUrgencyRule has the type use_support_hours",
      );
    }
  });

const path = "/services";
/** The provider's own: half an hour, four hours. */
const timeoutsByDefault = { acknowledgementTimeout: "1800", autoResolveTimeout: "14400" };

export const service = restType<Inputs, Document>({
  token: "pagerduty:index/service:Service",
  wrapper: "service",

  check: (inputs, context) =>
    checkedBy(schema, Object.assign({ ...timeoutsByDefault }, withName(inputs, context))),

  collectionOf: () => path,

  list: async (client, { name }, signal) => {
    const query = `limit=100&query=${encodeURIComponent(name)}`;
    const { services } = await client.get<{ services: Document[] }>(`${path}?${query}`, signal);
    return services;
  },

  documentOf: (inputs) => ({
    name: inputs.name,
    description: inputs.description ?? "",
    escalation_policy: { id: inputs.escalationPolicy, type: "escalation_policy_reference" },
    acknowledgement_timeout: secondsOf(inputs.acknowledgementTimeout),
    auto_resolve_timeout: secondsOf(inputs.autoResolveTimeout),
    alert_creation: inputs.alertCreation ?? alertCreationByDefault,
    incident_urgency_rule: urgencyRuleOf(inputs.incidentUrgencyRule ?? urgencyByDefault),
    support_hours: inputs.supportHours === undefined ? null : hoursOf(inputs.supportHours),
    scheduled_actions: (inputs.scheduledActions ?? []).map(({ type, toUrgency, ats }) => ({
      type,
      to_urgency: toUrgency,
      at: ats?.[0],
    })),
  }),

  inputsOf: (document, known) => {
    const { description, alert_creation, support_hours: hours } = document;
    const rule = ruleIn(document.incident_urgency_rule);
    const actions = document.scheduled_actions;
    return {
      name: document.name,
      ...((known.description !== undefined || description) && { description: description ?? "" }),
      escalationPolicy: document.escalation_policy.id,
      acknowledgementTimeout: String(document.acknowledgement_timeout),
      autoResolveTimeout: String(document.auto_resolve_timeout),
      ...((known.alertCreation !== undefined || alert_creation !== alertCreationByDefault) && {
        alertCreation: alert_creation,
      }),
      ...((known.incidentUrgencyRule !== undefined ||
        rule.type !== urgencyByDefault.type ||
        rule.urgency !== urgencyByDefault.urgency) && { incidentUrgencyRule: rule }),
      ...(hours !== null && {
        supportHours: {
          type: hours.type,
          timeZone: hours.time_zone,
          startTime: hours.start_time,
          endTime: hours.end_time,
          daysOfWeeks: hours.days_of_week,
        },
      }),
      ...((known.scheduledActions !== undefined || actions.length > 0) && {
        scheduledActions: actions.map(({ type, to_urgency, at: { type: atType, name } }) => ({
          type,
          toUrgency: to_urgency,
          ats: [{ type: atType, name }],
        })),
      }),
    };
  },

  outputsOf: ({ html_url, created_at, status, type, last_incident_timestamp }) => ({
    htmlUrl: html_url,
    createdAt: created_at,
    status,
    type,
    lastIncidentTimestamp: last_incident_timestamp ?? "",
  }),
});

const alertCreationByDefault = "create_alerts_and_incidents";
const urgencyByDefault = { type: "constant", urgency: "high" };

function secondsOf(text: string): number | null {
  return text === "null" ? null : Number(text);
}

function urgencyRuleOf({ type, urgency: general, ...rest }: UrgencyRule): object {
  const { duringSupportHours, outsideSupportHours } = rest;
  return {
    type,
    ...(general !== undefined && { urgency: general }),
    ...(duringSupportHours !== undefined && { during_support_hours: duringSupportHours }),
    ...(outsideSupportHours !== undefined && { outside_support_hours: outsideSupportHours }),
  };
}

function ruleIn(rule: Document["incident_urgency_rule"]): UrgencyRule {
  const { type, urgency: general, during_support_hours, outside_support_hours } = rule;
  return {
    type,
    ...(general !== undefined && { urgency: general }),
    ...(during_support_hours !== undefined && { duringSupportHours: during_support_hours }),
    ...(outside_support_hours !== undefined && { outsideSupportHours: outside_support_hours }),
  };
}

function hoursOf({ type, timeZone, startTime, endTime, daysOfWeeks }: SupportHours): object {
  return {
    type,
    time_zone: timeZone,
    start_time: startTime,
    end_time: endTime,
    days_of_week: daysOfWeeks,
  };
}
