import type { z } from "zod";
import { invalidInput } from "./errors.ts";

/**
 * The value under `name` of a request's body, checked.
 *
 * @throws RestError 400 that names each field that is wrong
 */
export function inputOf<S extends z.ZodType>(name: string, schema: S, body: unknown): z.infer<S> {
  const value =
    typeof body === "object" && body !== null
      ? (body as Readonly<Record<string, unknown>>)[name]
      : undefined;
  if (value === undefined) throw invalidInput(`${name} cannot be blank`);
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw invalidInput(
    ...result.error.issues.map(({ path, message }) => `${path.join(".") || name}: ${message}`),
  );
}
