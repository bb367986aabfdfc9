import { isObject } from "../server/values.ts";
import type { Declared, Manifest } from "./manifest.ts";

/** By which Kubernetes tells the items of a list apart, where they have it. */
const keys = ["name", "mountPath", "containerPort", "port"];

/**
 * What the program declared, as it is now in the cluster. What it did not declare (defaults, what
 * other programs add beside it) is no difference; of a list whose items have no key all counts.
 */
export function liveInputs(declared: Declared, live: Manifest): Declared {
  return liveObject(declared, live);
}

function liveObject(
  declared: Readonly<Record<string, unknown>>,
  live: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(declared).flatMap(([key, value]) => {
      const now = liveValue(value, live[key]);
      return now === undefined ? [] : [[key, now]];
    }),
  );
}

function liveValue(declared: unknown, live: unknown): unknown {
  if (live === undefined || live === null) return isEmpty(declared) ? declared : undefined;
  if (isObject(declared) && isObject(live)) return liveObject(declared, live);
  if (Array.isArray(declared) && Array.isArray(live)) return liveList(declared, live);
  return live;
}

function liveList(declared: readonly unknown[], live: readonly unknown[]): unknown[] {
  const key = keys.find((name) => isKeyedBy(name, declared) && isKeyedBy(name, live));
  if (key === undefined) {
    return live.map((item, index) =>
      index < declared.length ? (liveValue(declared[index], item) ?? item) : item,
    );
  }
  return declared.flatMap((item) => {
    const now = live.find((other) => keyOf(other, key) === keyOf(item, key));
    return now === undefined ? [] : [liveValue(item, now)];
  });
}

function isKeyedBy(key: string, items: readonly unknown[]): boolean {
  const values = items.map((item) => keyOf(item, key));
  return !values.includes(undefined) && new Set(values).size === values.length;
}

function keyOf(item: unknown, key: string): unknown {
  return isObject(item) ? item[key] : undefined;
}

/** What the server leaves out when it is given. */
function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (isObject(value)) return Object.values(value).every(isEmpty);
  return value === "" || value === false || value === 0;
}
