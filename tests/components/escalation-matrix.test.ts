import assert from "node:assert/strict";
import fc from "fast-check";
import { reachedAfterMinutes } from "../../components/alerts/escalation-matrix.ts";
import { progressOf } from "../../local/pagerduty/progress.ts";
import type { EscalationPolicyRecord, ServiceRecord } from "../../local/pagerduty/records.ts";

const policy = (...rules: [delay: number, id: string][]) => ({
  rules: rules.map(([escalationDelayInMinutes, id]) => ({
    escalationDelayInMinutes,
    targets: [{ id }],
  })),
});
const constant = (urgency: string) => ({ incidentUrgencyRule: { type: "constant", urgency } });
const hours = (startTime: string, endTime: string, ...actions: [at: string, to: string][]) => ({
  incidentUrgencyRule: {
    type: "use_support_hours",
    duringSupportHours: { type: "constant", urgency: "high" },
    outsideSupportHours: { type: "constant", urgency: "low" },
  },
  supportHours: { startTime, endTime },
  scheduledActions: actions.map(([name, toUrgency]) => ({ toUrgency, ats: [{ name }] })),
});
const entries = (declared: unknown, service: unknown): Record<string, number> => {
  const reached = reachedAfterMinutes(declared, service) ?? assert.fail();
  return Object.fromEntries([...reached].map(([id, minutes]) => [String(id), minutes]));
};

describe("who is reached when", () => {
  const levels = policy([5, "a"], [10, "b"], [1, "c"]);

  it("is the sum of the delays before, with high urgency", () => {
    assert.deepEqual(entries(levels, constant("high")), { a: 0, b: 5, c: 15 });
  });

  it("is the first time for somebody who is in it twice", () => {
    assert.deepEqual(entries(policy([5, "a"], [5, "a"]), constant("high")), { a: 0 });
  });

  it("is never for sure with low urgency, or with one that the event chooses", () => {
    for (const urgency of ["low", "severity_based"]) {
      const { a, b } = entries(levels, constant(urgency));
      assert.deepEqual([a, b], [Infinity, Infinity]);
    }
  });

  it("is after the longest wait for support hours, without the days that have none", () => {
    const raised = hours("09:00:00", "17:30:00", ["support_hours_start", "high"]);
    assert.deepEqual(entries(levels, raised), { a: 930, b: 935, c: 945 });
  });

  it("is never for sure where nothing raises the urgency when support hours begin", () => {
    assert.equal(entries(levels, hours("09:00:00", "17:00:00")).a, Infinity);
    const lowered = hours("09:00:00", "17:00:00", ["support_hours_end", "high"]);
    assert.equal(entries(levels, lowered).a, Infinity);
  });

  it("is not for sure beyond the first level where urgency goes down again", () => {
    const both = hours(
      "09:00:00",
      "17:00:00",
      ["support_hours_start", "high"],
      ["support_hours_end", "low"],
    );
    assert.deepEqual(entries(levels, both), { a: 960, b: Infinity, c: Infinity });
  });

  it("can't be said of anything else", () => {
    assert.equal(reachedAfterMinutes({}, constant("high")), undefined);
    assert.equal(reachedAfterMinutes(levels, {}), undefined);
    assert.equal(reachedAfterMinutes({ rules: Promise.resolve([]) }, constant("high")), undefined);
  });

  it("is no later than in an incident that begins at any time of the week", () => {
    const delays = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 4 });
    const window = fc
      .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 1, max: 24 }))
      .filter(([from, to]) => from < to && to < 24);
    const minuteOfWeek = fc.integer({ min: 0, max: 7 * 24 * 60 - 1 });
    fc.assert(
      fc.property(
        delays,
        window,
        minuteOfWeek,
        fc.boolean(),
        (given, [from, to], start, usesHours) => {
          const startTime = `${String(from).padStart(2, "0")}:00:00`;
          const endTime = `${String(to).padStart(2, "0")}:00:00`;
          const service = usesHours
            ? hours(startTime, endTime, ["support_hours_start", "high"])
            : constant("high");
          const worst = entries(
            policy(...given.map((delay, index): [number, string] => [delay, `P${index}`])),
            service,
          );
          const begin = Date.parse("2026-01-12T00:00:00Z") + start * 60_000;
          const paged = pagedAfter(given, usesHours ? { startTime, endTime } : undefined, begin);
          for (const [id, minutes] of Object.entries(worst)) {
            const really = paged.get(id);
            assert.ok(
              really !== undefined && really <= minutes,
              `${id}: ${String(really)} > ${minutes}`,
            );
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});

/** When each is paged with high urgency, by playing the incident; every day has support hours. */
function pagedAfter(
  delays: readonly number[],
  supportHours: { startTime: string; endTime: string } | undefined,
  begin: number,
): Map<string, number> {
  const record: EscalationPolicyRecord = {
    id: "PPOLICY",
    name: "",
    description: "",
    num_loops: 0,
    escalation_rules: delays.map((escalation_delay_in_minutes, index) => ({
      id: `R${index}`,
      escalation_delay_in_minutes,
      targets: [{ id: `P${index}`, type: "user_reference" }],
    })),
  };
  const service: ServiceRecord = {
    id: "PSERVIC",
    name: "",
    description: "",
    created_at: "2026-01-01T00:00:00Z",
    disabled: false,
    escalation_policy: "PPOLICY",
    acknowledgement_timeout: null,
    auto_resolve_timeout: null,
    alert_creation: "create_alerts_and_incidents",
    ...(supportHours === undefined
      ? {
          incident_urgency_rule: { type: "constant", urgency: "high" },
          support_hours: null,
          scheduled_actions: [],
        }
      : {
          incident_urgency_rule: {
            type: "use_support_hours",
            during_support_hours: { type: "constant", urgency: "high" },
            outside_support_hours: { type: "constant", urgency: "low" },
          },
          support_hours: {
            type: "fixed_time_per_day",
            time_zone: "UTC",
            start_time: supportHours.startTime,
            end_time: supportHours.endTime,
            days_of_week: [1, 2, 3, 4, 5, 6, 7],
          },
          scheduled_actions: [
            {
              type: "urgency_change",
              to_urgency: "high",
              at: { type: "named_time", name: "support_hours_start" },
            },
          ],
        }),
  };
  const incident = {
    id: "PINCIDE",
    incident_number: 1,
    created_at: new Date(begin).toISOString(),
    service,
    policy: record,
    dedup_key: "",
    alerts: [],
    actions: [],
  };
  const { steps } = progressOf(incident, begin + 14 * 24 * 3_600_000, (targets) =>
    targets.map(({ id }) => id),
  );
  const paged = new Map<string, number>();
  for (const { type, urgency, users, at } of steps) {
    if (type !== "notify" || urgency !== "high") continue;
    for (const user of users) if (!paged.has(user)) paged.set(user, (at - begin) / 60_000);
  }
  return paged;
}
