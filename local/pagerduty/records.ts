/** What the stand-in keeps, in PagerDuty's own words: what REST calls give and take is made of these. */

export interface UserRecord {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly time_zone: string;
  readonly job_title: string;
}

export interface ScheduleRecord {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly time_zone: string;
  readonly schedule_layers: readonly ScheduleLayer[];
}

/** Its users take turns; of several layers the last one wins. */
interface ScheduleLayer {
  readonly id: string;
  readonly name: string;
  readonly start: string;
  readonly rotation_virtual_start: string;
  readonly rotation_turn_length_seconds: number;
  readonly users: readonly string[];
}

export interface EscalationTarget {
  readonly id: string;
  readonly type: "user_reference" | "schedule_reference";
}

interface EscalationRule {
  readonly id: string;
  /** How long an incident stays with this rule's targets before it goes to the next. */
  readonly escalation_delay_in_minutes: number;
  readonly targets: readonly EscalationTarget[];
}

export interface EscalationPolicyRecord {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  /** How often it begins anew after the last rule. */
  readonly num_loops: number;
  readonly escalation_rules: readonly EscalationRule[];
}

type UrgencyWord = "high" | "low" | "severity_based";

export interface ConstantUrgency {
  readonly type: "constant";
  readonly urgency: UrgencyWord;
}

export type IncidentUrgencyRule =
  | ConstantUrgency
  | {
      readonly type: "use_support_hours";
      readonly during_support_hours: ConstantUrgency;
      readonly outside_support_hours: ConstantUrgency;
    };

export interface SupportHours {
  readonly type: "fixed_time_per_day";
  readonly time_zone: string;
  /** `09:00:00` */
  readonly start_time: string;
  readonly end_time: string;
  /** 1 is Monday, 7 is Sunday. */
  readonly days_of_week: readonly number[];
}

interface ScheduledAction {
  readonly type: "urgency_change";
  readonly to_urgency: "high" | "low";
  readonly at: {
    readonly type: "named_time";
    readonly name: "support_hours_start" | "support_hours_end";
  };
}

export interface ServiceRecord {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly created_at: string;
  readonly disabled: boolean;
  readonly escalation_policy: string;
  /** Seconds; null is never. */
  readonly acknowledgement_timeout: number | null;
  readonly auto_resolve_timeout: number | null;
  readonly alert_creation: string;
  readonly incident_urgency_rule: IncidentUrgencyRule;
  readonly support_hours: SupportHours | null;
  readonly scheduled_actions: readonly ScheduledAction[];
}

export interface IntegrationRecord {
  readonly id: string;
  readonly service: string;
  readonly name: string;
  readonly type: string;
  readonly created_at: string;
  /** The routing key of its events. */
  readonly integration_key: string;
}

export interface MaintenanceWindowRecord {
  readonly id: string;
  readonly description: string;
  readonly start_time: string;
  readonly end_time: string;
  readonly services: readonly string[];
}

interface AlertRecord {
  readonly id: string;
  readonly at: string;
  readonly summary: string;
  readonly severity: string;
  readonly source: string;
  readonly custom_details: unknown;
}

/** What somebody did to an incident; what follows from it with time is worked out (progress.ts). */
export interface IncidentAction {
  readonly at: string;
  readonly type: "acknowledge" | "resolve";
  /** Who: an e-mail address, or "Events API". */
  readonly by: string;
}

/** Policy and service are kept as they were when the incident began: a later change is not for it. */
export interface IncidentRecord {
  readonly id: string;
  readonly incident_number: number;
  readonly created_at: string;
  readonly service: ServiceRecord;
  readonly policy: EscalationPolicyRecord;
  readonly dedup_key: string;
  readonly alerts: readonly AlertRecord[];
  readonly actions: readonly IncidentAction[];
}

export interface Records {
  readonly user: UserRecord;
  readonly schedule: ScheduleRecord;
  readonly escalation_policy: EscalationPolicyRecord;
  readonly service: ServiceRecord;
  readonly integration: IntegrationRecord;
  readonly maintenance_window: MaintenanceWindowRecord;
  readonly incident: IncidentRecord;
}

export type Kind = keyof Records;
