/** Stands for what a preview can't know yet: it is judged in the update, when it is known. */
export const unknown = Symbol("unknown until the update");

export type Value =
  string | number | boolean | null | undefined | typeof unknown | readonly Value[] | Properties;

export interface Properties {
  readonly [property: string]: Value;
}

/** A copy of a resource's properties in which what is not known yet is `unknown`: reading it from Pulumi's own throws. */
export function known(properties: object): Properties {
  return Object.fromEntries(
    Object.keys(properties).map((key) => [
      key,
      valueAt(properties as Record<string, unknown>, key),
    ]),
  );
}

function valueAt(holder: Readonly<Record<string, unknown>>, key: string): Value {
  let value: unknown;
  try {
    value = holder[key];
  } catch {
    return unknown;
  }
  if (typeof value !== "object" || value === null) return value as Value;
  const copy = known(value);
  return Array.isArray(value) ? Object.values(copy) : copy;
}

export function isProperties(value: Value): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The objects of a list; none where it is anything else. */
export function objectsOf(value: Value): readonly Properties[] {
  return Array.isArray(value) ? value.filter(isProperties) : [];
}

/** The value at the end of a path; undefined where there is none, unknown where a part of it is not known. */
export function at(value: Value, ...path: readonly string[]): Value {
  let next = value;
  for (const key of path) {
    if (next === unknown) return unknown;
    if (!isProperties(next)) return undefined;
    next = next[key];
  }
  return next;
}

/** Plain values as a person reads them, for a message. */
export function shown(values: readonly Value[]): string {
  return values
    .map((value) => (typeof value === "string" ? value : value === undefined ? "nothing" : "?"))
    .join(", ");
}
