const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

interface LocalTime {
  /** The calendar day, as the ms of its midnight were it in UTC. */
  readonly day: number;
  readonly minuteOfDay: number;
  /** 1 is Monday, 7 is Sunday. */
  readonly weekday: number;
}

/** The wall clock of a time zone (IANA name) at an instant. */
export function localTime(at: number, timeZone: string): LocalTime {
  const parts = new Intl.DateTimeFormat("en", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
  }).formatToParts(at);
  const value = (type: string) => Number(parts.find((part) => part.type === type)?.value);
  const day = Date.UTC(value("year"), value("month") - 1, value("day"));
  return {
    day,
    minuteOfDay: value("hour") * 60 + value("minute"),
    weekday: ((new Date(day).getUTCDay() + 6) % 7) + 1,
  };
}

/** The instant at which the wall clock shows that time; where it is skipped in spring, one near it. */
export function instantOf(day: number, minuteOfDay: number, timeZone: string): number {
  const wanted = day + minuteOfDay * minuteMs;
  let instant = wanted;
  // The second round is for a change of the clock between the first guess and the result.
  for (let round = 0; round < 2; round++) {
    const shown = localTime(instant, timeZone);
    instant += wanted - (shown.day + shown.minuteOfDay * minuteMs);
  }
  return instant;
}

export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

export function nextDay(day: number): number {
  return day + dayMs;
}
