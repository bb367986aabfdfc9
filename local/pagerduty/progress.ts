import type {
  ConstantUrgency,
  EscalationTarget,
  IncidentRecord,
  IncidentUrgencyRule,
  SupportHours,
} from "./records.ts";
import { isInSupportHours, nextSupportEnd, nextSupportStart } from "./support-hours.ts";

type Urgency = "high" | "low";
type IncidentStatus = "triggered" | "acknowledged" | "resolved";

/** What happened to an incident, in order. */
export interface Step {
  /** ms since the epoch */
  readonly at: number;
  readonly type:
    | "trigger"
    | "notify"
    | "escalate"
    | "acknowledge"
    | "acknowledgement_timeout"
    | "urgency_change"
    | "resolve"
    | "auto_resolve";
  /** 1 is the first rule of the policy. */
  readonly level: number;
  readonly urgency: Urgency;
  /** The users notified, in a step of type `notify`. */
  readonly users: readonly string[];
  readonly by?: string;
}

/** An incident at an instant. */
export interface Progress {
  readonly status: IncidentStatus;
  readonly urgency: Urgency;
  readonly level: number;
  /** To whom it is assigned: the users notified last. Nobody once it is resolved. */
  readonly assignees: readonly string[];
  readonly changedAt: number;
  readonly steps: readonly Step[];
}

type UsersOf = (targets: readonly EscalationTarget[], at: number) => readonly string[];

const minuteMs = 60_000;

/**
 * Plays an incident from its beginning to `now`: who was notified when, by the policy's delays, the
 * service's time-outs and what people did. As in PagerDuty, only an incident of high urgency goes to
 * the next rule or comes back from an acknowledgement; a rule with nobody on call is passed over.
 */
export function progressOf(incident: IncidentRecord, now: number, usersOf: UsersOf): Progress {
  const { service, policy } = incident;
  const rules = policy.escalation_rules;
  const createdAt = Date.parse(incident.created_at);
  const steps: Step[] = [];
  const pending = [...incident.actions];
  const state = {
    at: createdAt,
    status: "triggered" as IncidentStatus,
    urgency: urgencyAt(
      service.incident_urgency_rule,
      service.support_hours,
      createdAt,
      incident.alerts[0]?.severity ?? "critical",
    ),
    level: 1,
    loopsLeft: policy.num_loops,
    /** When the targets of this level were notified; undefined once there is no next level. */
    levelSince: undefined as number | undefined,
    acknowledgedAt: createdAt,
    assignees: [] as readonly string[],
  };

  const add = (type: Step["type"], more: Partial<Step> = {}) => {
    const { at, level, urgency } = state;
    steps.push({ at, type, level, urgency, users: [], ...more });
  };
  const goToNextRule = (): boolean => {
    if (state.level < rules.length) state.level += 1;
    else if (state.loopsLeft > 0) {
      state.loopsLeft -= 1;
      state.level = 1;
    } else {
      state.levelSince = undefined;
      return false;
    }
    add("escalate");
    return true;
  };
  const notify = () => {
    do {
      state.assignees = usersOf(rules[state.level - 1]?.targets ?? [], state.at);
      state.levelSince = state.at;
    } while (state.assignees.length === 0 && goToNextRule());
    if (state.assignees.length > 0) add("notify", { users: state.assignees });
  };

  const act = () => {
    const action = pending.shift();
    if (action?.type === "resolve") {
      state.status = "resolved";
      add("resolve", { by: action.by });
    } else if (action !== undefined && state.status === "triggered") {
      state.status = "acknowledged";
      state.acknowledgedAt = state.at;
      add("acknowledge", { by: action.by });
    }
  };
  const escalate = () => {
    if (goToNextRule()) notify();
  };
  const triggerAgain = () => {
    state.status = "triggered";
    add("acknowledgement_timeout");
    notify();
  };
  const changeUrgency = () => {
    state.urgency = state.urgency === "high" ? "low" : "high";
    add("urgency_change");
    if (state.urgency === "high" && state.status === "triggered") notify();
  };
  const resolveByTimeout = () => {
    state.status = "resolved";
    add("auto_resolve");
  };

  /** What is next, and when, as things stand. */
  const next = (): Due | undefined => {
    const { at, status, urgency, level, levelSince, acknowledgedAt } = state;
    const { acknowledgement_timeout, auto_resolve_timeout } = service;
    const delay = rules[level - 1]?.escalation_delay_in_minutes ?? Infinity;
    const [action] = pending;
    const due: (Due | false | undefined)[] = [
      action !== undefined && { at: Date.parse(action.at), run: act },
      status === "triggered" &&
        urgency === "high" &&
        levelSince !== undefined && { at: levelSince + delay * minuteMs, run: escalate },
      status === "acknowledged" &&
        urgency === "high" &&
        acknowledgement_timeout !== null && {
          at: acknowledgedAt + acknowledgement_timeout * 1_000,
          run: triggerAgain,
        },
      { at: nextUrgencyChange(incident, at, urgency), run: changeUrgency },
      auto_resolve_timeout !== null && {
        at: createdAt + auto_resolve_timeout * 1_000,
        run: resolveByTimeout,
      },
    ];
    return due
      .filter((one) => typeof one === "object")
      .toSorted((one, other) => one.at - other.at)[0];
  };

  add("trigger");
  notify();
  for (let due = next(); due !== undefined && due.at <= now; due = next()) {
    state.at = Math.max(state.at, due.at);
    due.run();
    if (state.status === "resolved") break;
  }
  const { at, status, urgency, level, assignees } = state;
  return {
    status,
    urgency,
    level,
    assignees: status === "resolved" ? [] : assignees,
    changedAt: steps.at(-1)?.at ?? at,
    steps,
  };
}

interface Due {
  /** ms since the epoch; Infinity is never. */
  readonly at: number;
  readonly run: () => void;
}

/** The urgency of an incident that begins at an instant. */
function urgencyAt(
  rule: IncidentUrgencyRule,
  hours: SupportHours | null,
  at: number,
  severity: string,
): Urgency {
  if (rule.type === "constant") return wordOf(rule, severity);
  const during = hours !== null && isInSupportHours(hours, at);
  return wordOf(during ? rule.during_support_hours : rule.outside_support_hours, severity);
}

function wordOf({ urgency }: ConstantUrgency, severity: string): Urgency {
  if (urgency !== "severity_based") return urgency;
  return severity === "critical" || severity === "error" ? "high" : "low";
}

function nextUrgencyChange({ service }: IncidentRecord, after: number, urgency: Urgency): number {
  const { support_hours: hours, scheduled_actions: actions } = service;
  if (hours === null) return Infinity;
  const times = actions
    .filter(({ to_urgency }) => to_urgency !== urgency)
    .map(({ at: { name } }) =>
      name === "support_hours_start"
        ? nextSupportStart(hours, after)
        : nextSupportEnd(hours, after),
    );
  return Math.min(Infinity, ...times);
}
