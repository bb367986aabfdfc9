import assert from "node:assert/strict";
import { progressOf, type Step } from "../../../local/pagerduty/progress.ts";
import type {
  EscalationPolicyRecord,
  EscalationTarget,
  IncidentAction,
  IncidentRecord,
  ServiceRecord,
  SupportHours,
} from "../../../local/pagerduty/records.ts";

// A Wednesday, 12:00 in UTC and 13:00 in Berlin.
const begin = Date.parse("2026-01-14T12:00:00Z");
const minute = 60_000;

const policy = (...rules: [delay: number, ...users: string[]][]): EscalationPolicyRecord => ({
  id: "PPOLICY",
  name: "policy",
  description: "",
  num_loops: 0,
  escalation_rules: rules.map(([escalation_delay_in_minutes, ...users], index) => ({
    id: `PRULE0${index}`,
    escalation_delay_in_minutes,
    targets: users.map((id) => ({ id, type: "user_reference" })),
  })),
});

const service = (more: Partial<ServiceRecord> = {}): ServiceRecord => ({
  id: "PSERVIC",
  name: "service",
  description: "",
  created_at: "2026-01-01T00:00:00Z",
  disabled: false,
  escalation_policy: "PPOLICY",
  acknowledgement_timeout: null,
  auto_resolve_timeout: null,
  alert_creation: "create_alerts_and_incidents",
  incident_urgency_rule: { type: "constant", urgency: "high" },
  support_hours: null,
  scheduled_actions: [],
  ...more,
});

interface Case {
  readonly policy: EscalationPolicyRecord;
  readonly service?: ServiceRecord;
  readonly at?: number;
  readonly severity?: string;
  readonly actions?: readonly [minutes: number, type: IncidentAction["type"]][];
}

const present = (targets: readonly EscalationTarget[]) =>
  targets.map(({ id }) => id).filter((id) => id !== "absent");

function play(one: Case, minutes: number) {
  const { at = begin, severity = "critical", actions = [] } = one;
  const incident: IncidentRecord = {
    id: "PINCIDE",
    incident_number: 1,
    created_at: new Date(at).toISOString(),
    service: one.service ?? service(),
    policy: one.policy,
    dedup_key: "key",
    alerts: [
      {
        id: "PALERT1",
        at: new Date(at).toISOString(),
        summary: "summary",
        severity,
        source: "test",
        custom_details: null,
      },
    ],
    actions: actions.map(([after, type]) => ({
      at: new Date(at + after * minute).toISOString(),
      type,
      by: "Events API",
    })),
  };
  return progressOf(incident, at + minutes * minute, present);
}

const notified = (steps: readonly Step[], since = begin) =>
  steps
    .filter(({ type }) => type === "notify")
    .map(({ at, users }) => [(at - since) / minute, ...users]);

const threeLevels = policy([5, "a"], [10, "b", "c"], [15, "d"]);

describe("an incident of the PagerDuty stand-in", () => {
  it("goes from level to level by the policy's delays, and stays at the last", () => {
    assert.deepEqual(notified(play({ policy: threeLevels }, 4).steps), [[0, "a"]]);
    assert.deepEqual(notified(play({ policy: threeLevels }, 10_000).steps), [
      [0, "a"],
      [5, "b", "c"],
      [15, "d"],
    ]);
    const { status, level, assignees } = play({ policy: threeLevels }, 7);
    assert.deepEqual([status, level, assignees], ["triggered", 2, ["b", "c"]]);
  });

  it("begins anew as often as the policy says", () => {
    const looping = { ...policy([5, "a"], [10, "b"]), num_loops: 2 };
    assert.deepEqual(
      notified(play({ policy: looping }, 10_000).steps).map(([at]) => at),
      [0, 5, 15, 20, 30, 35],
    );
  });

  it("goes no further once it is acknowledged, until that times out", () => {
    const acknowledged = { policy: threeLevels, actions: [[3, "acknowledge"]] } satisfies Case;
    assert.equal(play(acknowledged, 1_000).status, "acknowledged");
    assert.deepEqual(notified(play(acknowledged, 1_000).steps), [[0, "a"]]);
    const timed = { ...acknowledged, service: service({ acknowledgement_timeout: 600 }) };
    assert.equal(play(timed, 12).status, "acknowledged");
    assert.equal(play(timed, 13).status, "triggered");
    assert.deepEqual(notified(play(timed, 19).steps), [
      [0, "a"],
      [13, "a"],
      [18, "b", "c"],
    ]);
  });

  it("ends when it is resolved, and by itself where the service says so", () => {
    const resolved = play({ policy: threeLevels, actions: [[6, "resolve"]] }, 1_000);
    assert.deepEqual([resolved.status, resolved.assignees], ["resolved", []]);
    assert.deepEqual(notified(resolved.steps).length, 2);
    const alone = { policy: threeLevels, service: service({ auto_resolve_timeout: 3_600 }) };
    assert.equal(play(alone, 59).status, "triggered");
    assert.equal(play(alone, 60).status, "resolved");
  });

  it("does not escalate with low urgency, nor come back from an acknowledgement", () => {
    const low = service({
      incident_urgency_rule: { type: "constant", urgency: "low" },
      acknowledgement_timeout: 60,
    });
    assert.deepEqual(notified(play({ policy: threeLevels, service: low }, 1_000).steps), [
      [0, "a"],
    ]);
    const actions: Case["actions"] = [[1, "acknowledge"]];
    const { status } = play({ policy: threeLevels, service: low, actions }, 1_000);
    assert.equal(status, "acknowledged");
  });

  it("takes its urgency from the event's severity where the service says so", () => {
    const bySeverity = service({
      incident_urgency_rule: { type: "constant", urgency: "severity_based" },
    });
    const urgency = (severity: string) =>
      play({ policy: threeLevels, service: bySeverity, severity }, 0).urgency;
    assert.deepEqual(["critical", "error", "warning", "info"].map(urgency), [
      "high",
      "high",
      "low",
      "low",
    ]);
  });

  it("passes over a level with nobody on call, and ends where nobody is on call at all", () => {
    const gap = policy([5, "absent"], [5, "b"]);
    assert.deepEqual(notified(play({ policy: gap }, 1_000).steps), [[0, "b"]]);
    const nobody = { ...policy([5, "absent"], [5, "absent"]), num_loops: 9 };
    const { steps, assignees } = play({ policy: nobody }, 1_000);
    assert.deepEqual([notified(steps), assignees], [[], []]);
  });

  describe("in a service with support hours", () => {
    const support_hours: SupportHours = {
      type: "fixed_time_per_day",
      time_zone: "Europe/Berlin",
      start_time: "09:00:00",
      end_time: "17:00:00",
      days_of_week: [1, 2, 3, 4, 5],
    };
    const withHours = service({
      incident_urgency_rule: {
        type: "use_support_hours",
        during_support_hours: { type: "constant", urgency: "high" },
        outside_support_hours: { type: "constant", urgency: "low" },
      },
      support_hours,
      scheduled_actions: [
        {
          type: "urgency_change",
          to_urgency: "high",
          at: { type: "named_time", name: "support_hours_start" },
        },
      ],
    });
    const twoLevels = policy([30, "a"], [30, "b"]);
    const since = (text: string, minutes: number) => {
      const at = Date.parse(text);
      return notified(play({ policy: twoLevels, service: withHours, at }, minutes).steps, at);
    };

    it("pages at once in these hours", () => {
      assert.deepEqual(since("2026-01-14T15:59:00Z", 31), [
        [0, "a"],
        [30, "b"],
      ]);
    });

    it("waits outside of them, and pages when they begin", () => {
      assert.deepEqual(since("2026-01-14T16:00:00Z", 16 * 60 - 1), [[0, "a"]]);
      assert.deepEqual(since("2026-01-14T16:00:00Z", 16 * 60 + 30), [
        [0, "a"],
        [16 * 60, "a"],
        [16 * 60 + 30, "b"],
      ]);
    });

    it("waits over the weekend, by the wall clock of the time zone", () => {
      // Friday 17:00 to Monday 09:00 in Berlin; on that weekend of March the clock goes forward.
      assert.deepEqual(since("2026-03-27T16:00:00Z", 63 * 60), [
        [0, "a"],
        [63 * 60, "a"],
      ]);
      assert.deepEqual(since("2026-01-16T16:00:00Z", 64 * 60).at(-1), [64 * 60, "a"]);
    });

    it("goes back to low urgency at their end where that is declared", () => {
      const both = {
        ...withHours,
        scheduled_actions: [
          ...withHours.scheduled_actions,
          {
            type: "urgency_change",
            to_urgency: "low",
            at: { type: "named_time", name: "support_hours_end" },
          },
        ],
      } satisfies ServiceRecord;
      const at = Date.parse("2026-01-14T15:50:00Z");
      const { urgency, steps } = play({ policy: twoLevels, service: both, at }, 60);
      assert.equal(urgency, "low");
      assert.deepEqual(notified(steps, at), [[0, "a"]]);
    });
  });
});
