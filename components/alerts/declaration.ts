import type { EscalationPolicyArgs } from "@pulumi/pagerduty/escalationPolicy.js";
import type { ServiceArgs } from "@pulumi/pagerduty/service.js";
import type * as pulumi from "@pulumi/pulumi";
import type { Network } from "../../aleo/network.ts";
import type { EscalationSettings } from "../../settings.ts";
import { refusal } from "../common/refusal.ts";
import {
  escalationMatrix,
  reachedAfterMinutes,
  type Role,
  type Severity,
} from "./escalation-matrix.ts";

/** A PagerDuty user or schedule, by its id. */
type PersonArgs =
  { readonly user: pulumi.Input<string> } | { readonly schedule: pulumi.Input<string> };

/** Changes the arguments of one child for each severity. */
export type SeverityTransform<Args> = (args: Args, severity: Severity) => Args;

/** A service without the policy, which is made in the same run. */
type AlertServiceArgs = Omit<ServiceArgs, "escalationPolicy">;

export interface EscalationArgs extends Readonly<Record<Role, PersonArgs>> {
  readonly network: Network;
  /** When alerts of severity low are paged. */
  readonly supportHours: EscalationSettings["supportHours"];
  /**
   * Minutes that an alert stays with each person of the escalation matrix, where they differ from the
   * component's own: `{ critical: [3, 5, 5] }`.
   */
  readonly delaysInMinutes?: Partial<Readonly<Record<Severity, readonly number[]>>> | undefined;
  readonly transform?:
    | {
        readonly policy?: SeverityTransform<EscalationPolicyArgs> | undefined;
        readonly service?: SeverityTransform<AlertServiceArgs> | undefined;
      }
    | undefined;
}

/** What PagerDuty is told of a severity. */
export interface Declaration {
  readonly severity: Severity;
  readonly policy: EscalationPolicyArgs;
  readonly service: AlertServiceArgs;
}

/**
 * The policy and the service of a severity, transforms included.
 *
 * @throws pulumi.RunError when somebody of the escalation matrix would not be reached in time, or that
 * can't be said because a transform gave Outputs
 */
export function declarationOf(severity: Severity, args: EscalationArgs): Declaration {
  const { transform } = args;
  const policy = policyOf(severity, args);
  const service = serviceOf(severity, args);
  const declared: Declaration = {
    severity,
    policy: transform?.policy?.(policy, severity) ?? policy,
    service: transform?.service?.(service, severity) ?? service,
  };
  requireInTime(declared, args);
  return declared;
}

interface Handling {
  readonly delaysInMinutes: readonly number[];
  /** How often the policy begins anew after the last person. */
  readonly loops: number;
  /** Seconds until an alert that was acknowledged and not resolved is paged again; null is never. */
  readonly acknowledgementTimeout: number | null;
}

const hour = 3_600;

const handling: Readonly<Record<Severity, Handling>> = {
  critical: { delaysInMinutes: [5, 5, 5], loops: 9, acknowledgementTimeout: hour / 2 },
  high: { delaysInMinutes: [30, 30], loops: 3, acknowledgementTimeout: hour },
  medium: { delaysInMinutes: [60], loops: 3, acknowledgementTimeout: 4 * hour },
  // Paged once, in support hours: again might be in the night.
  low: { delaysInMinutes: [4 * 60], loops: 0, acknowledgementTimeout: null },
};

const titles: Readonly<Record<Role, string>> = {
  onCall: "on-call",
  teamLead: "team lead",
  cto: "CTO",
  support: "support",
};

function policyOf(severity: Severity, args: EscalationArgs): EscalationPolicyArgs {
  const { people, withinMinutes } = escalationMatrix[severity];
  const { delaysInMinutes, loops } = handling[severity];
  return {
    name: nameOf(severity, args.network),
    description: `Reaches ${people.map((role) => titles[role]).join(", ")} within ${withinMinutes} minutes. Declared by aleo-ops.`,
    numLoops: loops,
    rules: (args.delaysInMinutes?.[severity] ?? delaysInMinutes).map((minutes, level) => ({
      escalationDelayInMinutes: minutes,
      targets: people.slice(level, level + 1).map((role) => targetOf(args[role])),
    })),
  };
}

function serviceOf(severity: Severity, args: EscalationArgs): AlertServiceArgs {
  return {
    name: nameOf(severity, args.network),
    description: `Alerts of severity ${severity}. Declared by aleo-ops.`,
    alertCreation: "create_alerts_and_incidents",
    // PagerDuty's word for never: the monitor resolves.
    autoResolveTimeout: "null",
    acknowledgementTimeout: String(handling[severity].acknowledgementTimeout),
    ...(severity === "low" ? pagedIn(args.supportHours) : pagedAlways),
  };
}

function nameOf(severity: Severity, network: Network): string {
  return `Aleo ${network}: ${severity} alerts`;
}

function idOf(person: PersonArgs): pulumi.Input<string> {
  return "user" in person ? person.user : person.schedule;
}

function targetOf(person: PersonArgs) {
  return { type: "user" in person ? "user_reference" : "schedule_reference", id: idOf(person) };
}

/** An incident of low urgency would not go to the next person, nor be paged again. */
const pagedAlways = {
  incidentUrgencyRule: { type: "constant", urgency: "high" },
} satisfies Partial<ServiceArgs>;

function pagedIn({ timeZone, days, from, to }: EscalationArgs["supportHours"]) {
  return {
    incidentUrgencyRule: {
      type: "use_support_hours",
      duringSupportHours: { type: "constant", urgency: "high" },
      outsideSupportHours: { type: "constant", urgency: "low" },
    },
    supportHours: {
      type: "fixed_time_per_day",
      timeZone,
      daysOfWeeks: [...days],
      startTime: `${from}:00`,
      endTime: `${to}:00`,
    },
    // What came outside of these hours is paged when they begin.
    scheduledActions: [
      {
        type: "urgency_change",
        toUrgency: "high",
        ats: [{ type: "named_time", name: "support_hours_start" }],
      },
    ],
  } satisfies Partial<ServiceArgs>;
}

function requireInTime({ severity, policy, service }: Declaration, args: EscalationArgs): void {
  const { people, withinMinutes } = escalationMatrix[severity];
  const reached = reachedAfterMinutes(policy, service);
  if (reached === undefined) {
    throw refusal(
      `Whom an alert of severity ${severity} reaches when can't be said: transform gives rules, incidentUrgencyRule, supportHours or scheduledActions that are no plain values of PagerDuty's.`,
      "Give plain values there: only then can they be checked before the run.",
    );
  }
  for (const role of people) {
    const minutes = reached.get(idOf(args[role])) ?? Infinity;
    if (minutes <= withinMinutes) continue;
    throw refusal(
      `An alert of severity ${severity} ${minutes === Infinity ? `might not reach ${role}` : `would reach ${role} only after ${minutes} minutes`}; the escalation matrix says within ${withinMinutes}.`,
      `Change delaysInMinutes.${severity}, or the transform of ${severity} (docs/escalation.md).`,
    );
  }
}
