import { isDeepStrictEqual } from "node:util";
import type { Properties, PropertyPath } from "./resource-type.ts";
import { isObject, isUnknown, type Same } from "./values.ts";

export interface Change {
  readonly path: PropertyPath;
  readonly kind: "add" | "delete" | "update";
}

/** Where the new inputs differ from the old ones, as deep as it can be said. */
export function changesBetween(olds: Properties, news: Properties, same: Same): Change[] {
  return within(olds, news, same, []);
}

function between(old: unknown, value: unknown, same: Same, path: PropertyPath): Change[] {
  if (isUnknown(value)) return [{ path, kind: old === undefined ? "add" : "update" }];
  if (isDeepStrictEqual(old, value)) return [];
  if (same(path, old, value)) return [];
  if (old === undefined) return [{ path, kind: "add" }];
  if (value === undefined) return [{ path, kind: "delete" }];
  if (Array.isArray(old) && Array.isArray(value)) {
    return within(indexed(old), indexed(value), same, path, Number);
  }
  if (isObject(old) && isObject(value)) return within(old, value, same, path);
  return [{ path, kind: "update" }];
}

function within(
  olds: Properties,
  news: Properties,
  same: Same,
  path: PropertyPath,
  step: (key: string) => string | number = (key) => key,
): Change[] {
  return [...new Set([...Object.keys(olds), ...Object.keys(news)])].flatMap((key) =>
    between(olds[key], news[key], same, [...path, step(key)]),
  );
}

function indexed(list: readonly unknown[]): Properties {
  return Object.fromEntries(list.entries());
}

/** As the engine writes a path: `rules[0].tags["a.b"]`. */
export function pathText(path: PropertyPath): string {
  return path
    .map((part, index) => {
      if (typeof part === "number") return `[${part}]`;
      if (!/^[A-Za-z_$][\w$]*$/.test(part)) return `[${JSON.stringify(part)}]`;
      return index === 0 ? part : `.${part}`;
    })
    .join("");
}
