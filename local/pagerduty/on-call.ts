import type { EscalationTarget, ScheduleRecord } from "./records.ts";

/** Who is on call in a schedule at an instant: the id of the user, or undefined for nobody. */
function onCallUser(schedule: ScheduleRecord, at: number): string | undefined {
  return shiftAt(schedule, at)?.user;
}

export interface Shift {
  readonly user: string;
  readonly start: number;
  readonly end: number;
}

export function shiftAt(schedule: ScheduleRecord, at: number): Shift | undefined {
  const layer = schedule.schedule_layers.findLast(({ start }) => Date.parse(start) <= at);
  if (layer === undefined) return undefined;
  const turnMs = layer.rotation_turn_length_seconds * 1_000;
  const first = Date.parse(layer.rotation_virtual_start);
  const turn = Math.floor((at - first) / turnMs);
  const count = layer.users.length;
  const user = layer.users[((turn % count) + count) % count];
  if (user === undefined) return undefined;
  return { user, start: first + turn * turnMs, end: first + (turn + 1) * turnMs };
}

/** The users whom targets of an escalation rule mean at an instant, each once. */
export function usersOf(
  targets: readonly EscalationTarget[],
  at: number,
  scheduleOf: (id: string) => ScheduleRecord | undefined,
): string[] {
  const users = targets.flatMap(({ id, type }) => {
    if (type === "user_reference") return [id];
    const schedule = scheduleOf(id);
    return (schedule === undefined ? undefined : onCallUser(schedule, at)) ?? [];
  });
  return [...new Set(users)];
}
