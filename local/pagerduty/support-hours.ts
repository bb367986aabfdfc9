import { instantOf, localTime, nextDay } from "./local-time.ts";
import type { SupportHours } from "./records.ts";

export function isInSupportHours(hours: SupportHours, at: number): boolean {
  const { minuteOfDay, weekday } = localTime(at, hours.time_zone);
  return (
    hours.days_of_week.includes(weekday) &&
    minuteOfDay >= minuteOf(hours.start_time) &&
    minuteOfDay < minuteOf(hours.end_time)
  );
}

/** The first beginning of support hours after an instant. */
export function nextSupportStart(hours: SupportHours, after: number): number {
  return nextBoundary(hours, hours.start_time, after);
}

/** The first end of support hours after an instant. */
export function nextSupportEnd(hours: SupportHours, after: number): number {
  return nextBoundary(hours, hours.end_time, after);
}

function nextBoundary(hours: SupportHours, time: string, after: number): number {
  let { day, weekday } = localTime(after, hours.time_zone);
  for (;;) {
    const boundary = instantOf(day, minuteOf(time), hours.time_zone);
    if (boundary > after && hours.days_of_week.includes(weekday)) return boundary;
    day = nextDay(day);
    weekday = (weekday % 7) + 1;
  }
}

function minuteOf(time: string): number {
  const [hour, minute] = time.split(":");
  return Number(hour) * 60 + Number(minute);
}
