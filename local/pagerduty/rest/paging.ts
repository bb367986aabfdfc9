import { z } from "zod";
import { invalidInput } from "./errors.ts";

/** The part of a list's query that every list has. */
export interface Paging {
  readonly limit: number;
  readonly offset: number;
  readonly total: boolean;
}

const schema = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(25),
  offset: z.coerce.number().int().min(0).default(0),
  total: z.stringbool().default(false),
});

/** @throws RestError for a limit or offset that is no number in range */
export function pagingOf(query: unknown): Paging {
  const result = schema.safeParse(query);
  if (result.success) return result.data;
  throw invalidInput(
    ...result.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`),
  );
}

/** One page of a list, under the list's name, as every list of the REST API is answered. */
export function pageOf(name: string, all: readonly unknown[], paging: Paging): object {
  const { limit, offset, total } = paging;
  return {
    [name]: all.slice(offset, offset + limit),
    limit,
    offset,
    total: total ? all.length : null,
    more: offset + limit < all.length,
  };
}

/** The values of a query parameter that may be there several times: `statuses[]`. */
export function valuesOf(query: unknown, name: string): readonly string[] {
  const value = (query as Readonly<Record<string, unknown>>)[`${name}[]`];
  return value === undefined ? [] : [value].flat().map(String);
}

export function valueOf(query: unknown, name: string): string | undefined {
  const value = (query as Readonly<Record<string, unknown>>)[name];
  return typeof value === "string" ? value : undefined;
}
