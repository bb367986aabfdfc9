import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { Properties, PropertyPath } from "./resource-type.ts";

/** The engine's mark for an object that is more than it seems, and the one that says "a secret". */
const signature = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

/** The engine's marks for a value that is not known yet, one for each type that it may have. */
const unknowns: ReadonlySet<unknown> = new Set([
  "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
]);

/** Whether the value comes from a resource that is not made yet. */
export function isUnknown(value: unknown): boolean {
  return unknowns.has(value);
}

export function containsUnknown(value: unknown): boolean {
  return isUnknown(value) || children(value).some(([, child]) => containsUnknown(child));
}

export function isObject(value: unknown): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSecret(value: unknown): value is { value: unknown } {
  return isObject(value) && value[signature] === secretSignature;
}

function secret(value: unknown): Properties {
  return { [signature]: secretSignature, value };
}

/** The values without the marks of secrets, and without properties that have no value. */
export function plain(values: Properties): Properties {
  return Object.fromEntries(
    Object.entries(values).flatMap(([key, value]) => {
      const bare = plainValue(value);
      return bare === undefined || bare === null ? [] : [[key, bare]];
    }),
  );
}

function plainValue(value: unknown): unknown {
  if (isSecret(value)) return plainValue(value.value);
  if (Array.isArray(value)) return value.map(plainValue);
  return isObject(value) ? plain(value) : value;
}

/** Every text inside the values that is marked as secret. */
export function secretTexts(value: unknown, inside = false): string[] {
  if (isSecret(value)) return secretTexts(value.value, true);
  if (typeof value === "string") return inside && !isUnknown(value) ? [value] : [];
  return children(value).flatMap(([, child]) => secretTexts(child, inside));
}

/** Marks in `values` what is marked under the same name in `marked`, and `always`. */
export function markSecrets(
  values: Properties,
  marked: Properties,
  always: readonly string[] = [],
): Properties {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => {
      const like = marked[key];
      if (isObject(value) && isObject(like) && !isSecret(like) && !always.includes(key)) {
        return [key, markSecrets(value, like)];
      }
      return [key, always.includes(key) || containsSecret(like) ? secret(value) : value];
    }),
  );
}

function containsSecret(value: unknown): boolean {
  return isSecret(value) || children(value).some(([, child]) => containsSecret(child));
}

function children(value: unknown): [string | number, unknown][] {
  if (Array.isArray(value)) return [...value.entries()];
  return isObject(value) ? Object.entries(value) : [];
}

export type Same = (path: PropertyPath, left: unknown, right: unknown) => boolean;

/** `live`, with the spelling of `known` wherever the two mean the same. */
export function inKnownSpelling(
  known: Properties,
  live: Properties,
  same: Same,
  path: PropertyPath = [],
): Properties {
  const keys = new Set([...Object.keys(live), ...Object.keys(known)]);
  return Object.fromEntries(
    [...keys].flatMap((key) => {
      const value = spelled(known[key], live[key], same, [...path, key]);
      return value === undefined ? [] : [[key, value]];
    }),
  );
}

function spelled(known: unknown, live: unknown, same: Same, path: PropertyPath): unknown {
  if (isDeepStrictEqual(known, live)) return live;
  if (same(path, known, live)) return known;
  if (Array.isArray(known) && Array.isArray(live)) {
    return live.map((value, index) =>
      index < known.length
        ? spelled(known[index], value, same, [...path, index])
        : (value as unknown),
    );
  }
  return isObject(known) && isObject(live) ? inKnownSpelling(known, live, same, path) : live;
}

/** `same` for a property whose text is a JSON document. */
export function sameJson(left: unknown, right: unknown): boolean {
  if (typeof left !== "string" || typeof right !== "string") return false;
  try {
    return isDeepStrictEqual(JSON.parse(left), JSON.parse(right));
  } catch {
    return false;
  }
}

export function hexDigits(seed: Uint8Array, count: number): string {
  return createHash("sha256").update(seed).digest("hex").slice(0, count);
}
