import { usersOf } from "./on-call.ts";
import { progressOf, type Progress } from "./progress.ts";
import type { EscalationTarget, IncidentRecord } from "./records.ts";
import type { Store } from "./store.ts";

/** The stand-in's one account: what is kept, and the clock by which incidents go on. */
export interface Account {
  readonly store: Store;
  /** ms since the epoch, by the stand-in's own clock. */
  now(): number;
  /** The same, as in records. */
  timestamp(): string;
  /** The users whom targets of an escalation rule mean at an instant. */
  usersOf(targets: readonly EscalationTarget[], at: number): readonly string[];
  progressOf(incident: IncidentRecord): Progress;
  isInMaintenance(service: string): boolean;
}

export function accountOf(store: Store): Account {
  const now = () => Date.now() + store.clockOffset();
  const users = (targets: readonly EscalationTarget[], at: number) =>
    usersOf(targets, at, (id) => store.get("schedule", id));
  return {
    store,
    now,
    timestamp: () => new Date(now()).toISOString(),
    usersOf: users,
    progressOf: (incident) => progressOf(incident, now(), users),
    isInMaintenance: (service) => {
      const at = now();
      return store
        .all("maintenance_window")
        .some(
          ({ services, start_time, end_time }) =>
            services.includes(service) && Date.parse(start_time) <= at && at < Date.parse(end_time),
        );
    },
  };
}
