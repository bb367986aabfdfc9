import type { ScheduleRecord, UserRecord } from "./records.ts";
import type { Store } from "./store.ts";

/**
 * Somebody to reference: the people whom an account has before any stack is brought up. The ids are
 * the same on every machine, so that Pulumi.local.yaml can name them.
 */
const seededUsers: readonly UserRecord[] = [
  person("PENGIN1", "Alex Engineer", "On-call engineer"),
  person("PENGIN2", "Sam Engineer", "On-call engineer"),
  person("PLEAD01", "Robin Lead", "Team lead"),
  person("PCTO001", "Kim Officer", "CTO"),
  person("PSUPP01", "Jo Support", "Support"),
];

const weekSeconds = 7 * 24 * 3_600;

/** The engineers take turns by the week, from Monday 09:00 UTC. */
const seededSchedules: readonly ScheduleRecord[] = [
  {
    id: "PONCALL",
    name: "On-call engineers",
    description: "The engineers, a week each",
    time_zone: "UTC",
    schedule_layers: [
      {
        id: "PLAYER1",
        name: "Weekly",
        start: "2024-01-01T09:00:00Z",
        rotation_virtual_start: "2024-01-01T09:00:00Z",
        rotation_turn_length_seconds: weekSeconds,
        users: ["PENGIN1", "PENGIN2"],
      },
    ],
  },
];

export function seed(store: Store): void {
  for (const user of seededUsers) store.put("user", user);
  for (const schedule of seededSchedules) store.put("schedule", schedule);
}

function person(id: string, name: string, job_title: string): UserRecord {
  const email = `${name.toLowerCase().replace(" ", ".")}@example.org`;
  return { id, name, email, time_zone: "UTC", job_title };
}
