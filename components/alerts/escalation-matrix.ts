import { z } from "zod";

export const severities = ["critical", "high", "medium", "low"] as const;
export type Severity = (typeof severities)[number];

export const roles = ["onCall", "teamLead", "cto", "support"] as const;
export type Role = (typeof roles)[number];

interface Row {
  /** Who is reached, in this order. */
  readonly people: readonly Role[];
  /**
   * All of them by then, in minutes from the alert. Days without support hours don't count for a
   * severity that waits for these hours.
   */
  readonly withinMinutes: number;
}

/** Who is reached, and in which time, for an alert that nobody acknowledges. */
export const escalationMatrix: Readonly<Record<Severity, Row>> = {
  critical: { people: ["onCall", "teamLead", "cto"], withinMinutes: 15 },
  high: { people: ["onCall", "teamLead"], withinMinutes: 60 },
  medium: { people: ["onCall"], withinMinutes: 4 * 60 },
  low: { people: ["support"], withinMinutes: 24 * 60 },
};

/** The arguments of an escalation policy that decide who is reached when. */
const policySchema = z.object({
  rules: z.array(
    z.object({
      escalationDelayInMinutes: z.number(),
      targets: z.array(z.object({ id: z.unknown() })),
    }),
  ),
});

const constantUrgency = z.object({ type: z.literal("constant"), urgency: z.string() });

const timeOfDay = z.string().regex(/^\d{2}:\d{2}:\d{2}$/);

/** The arguments of a service that decide the urgency of its incidents. */
const urgencySchema = z.object({
  incidentUrgencyRule: z.discriminatedUnion("type", [
    constantUrgency,
    z.object({
      type: z.literal("use_support_hours"),
      duringSupportHours: constantUrgency,
      outsideSupportHours: constantUrgency,
    }),
  ]),
  supportHours: z.object({ startTime: timeOfDay, endTime: timeOfDay }).optional(),
  scheduledActions: z
    .array(z.object({ toUrgency: z.string(), ats: z.array(z.object({ name: z.string() })) }))
    .default([]),
});

type PolicyUrgency = z.infer<typeof urgencySchema>;

/**
 * The longest time from an alert until each target of the policy is paged, in minutes, by target id
 * (compared as it is given: a text, or the same Output). A target that may not be paged at all has
 * Infinity: an incident of low urgency does not go to the next level, and PagerDuty tells the first
 * one only in the way that they chose for what can wait.
 *
 * @returns undefined where the arguments hold Outputs or are not PagerDuty's: nothing can be said
 */
export function reachedAfterMinutes(
  policy: unknown,
  service: unknown,
): ReadonlyMap<unknown, number> | undefined {
  const declared = policySchema.safeParse(policy);
  const urgency = urgencySchema.safeParse(service);
  if (!declared.success || !urgency.success) return undefined;
  const reached = new Map<unknown, number>();
  let minutes = minutesUntilHighUrgency(urgency.data);
  for (const { escalationDelayInMinutes, targets } of declared.data.rules) {
    for (const { id } of targets) if (!reached.has(id)) reached.set(id, minutes);
    minutes += staysHigh(urgency.data) ? escalationDelayInMinutes : Infinity;
  }
  return reached;
}

/** The longest wait for high urgency, in minutes; Infinity where it may never come. */
function minutesUntilHighUrgency(service: PolicyUrgency): number {
  const { incidentUrgencyRule: rule, supportHours: hours } = service;
  if (rule.type === "constant") return rule.urgency === "high" ? 0 : Infinity;
  if (rule.duringSupportHours.urgency !== "high" || hours === undefined) return Infinity;
  if (rule.outsideSupportHours.urgency === "high") return 0;
  if (!changesUrgency(service, "support_hours_start", "high")) return Infinity;
  // From the end of one day's hours to the beginning of the next, without the days between.
  return 24 * 60 - (minuteOf(hours.endTime) - minuteOf(hours.startTime));
}

/** Whether urgency that is high once stays so. */
function staysHigh(service: PolicyUrgency): boolean {
  return !changesUrgency(service, "support_hours_end", "low");
}

function changesUrgency(
  { scheduledActions }: PolicyUrgency,
  at: string,
  urgency: "high" | "low",
): boolean {
  return scheduledActions.some(
    ({ toUrgency, ats }) => toUrgency === urgency && ats.some(({ name }) => name === at),
  );
}

function minuteOf(time: string): number {
  const [hour, minute] = time.split(":");
  return Number(hour) * 60 + Number(minute);
}
