/** Kubernetes and PagerDuty read a file of that name: an offset is none. */
const form = /^[A-Z][\w+-]*(?:\/[A-Z][\w+-]*)*$/;

/** Why a text names no time zone; undefined for a name of the tz database, written as it is there. */
export function timeZoneProblem(name: string): string | undefined {
  // To make a format takes ten times as long; it knows the other names of zones as well.
  if (Intl.supportedValuesOf("timeZone").includes(name)) return undefined;
  const known = resolved(name);
  if (known !== undefined && known !== name && known.toLowerCase() === name.toLowerCase()) {
    return `No such time zone (did you mean ${known}?)`;
  }
  return known !== undefined && form.test(name) ? undefined : "No such time zone";
}

function resolved(timeZone: string): string | undefined {
  try {
    return new Intl.DateTimeFormat("en", { timeZone }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}
