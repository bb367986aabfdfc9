import { AleoError } from "../../../aleo/errors.ts";
import { redact } from "../../../aleo/keys.ts";

/**
 * An error as Pulumi should show it: the explanation without a stack, and without any property
 * (such as an id) that Pulumi would take for a half-made resource.
 */
export function shown(error: unknown): Error {
  const text =
    error instanceof AleoError
      ? error.explain()
      : error instanceof Error
        ? (error.stack ?? error.message)
        : String(error);
  const clean = new Error(redact(text));
  clean.stack = "";
  return clean;
}

/**
 * As `shown`, for what `read` throws: Pulumi prints the text of that twice, once by itself and once
 * through the provider's console, where it now only says which resource it is about.
 */
export function shownOnce(error: unknown, id: string): Error {
  const clean = shown(error);
  clean.toString = () => id;
  clean.stack = "could not be compared with the chain; the reason stands at the resource";
  return clean;
}

/** What Pulumi needs to keep a half-made resource, so that the next run goes on with it. */
export class HalfMade extends Error {
  readonly id: string;
  readonly properties: Record<string, unknown>;
  readonly reasons: string[];

  constructor(id: string, properties: Record<string, unknown>, error: AleoError) {
    super(error.explain());
    this.id = id;
    this.properties = properties;
    this.reasons = [error.explain()];
  }
}
