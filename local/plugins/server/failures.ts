import { LocalError, messageOf } from "../../errors.ts";
import type { Properties } from "./resource-type.ts";

/**
 * Raised by `create`, `update` or `read` for a resource that is there and does not work as it should.
 * Its state is kept, the run fails with the reasons, and the next run updates it.
 */
export class InitializationFailed extends Error {
  readonly id: string;
  readonly properties: Properties;
  readonly reasons: readonly string[];

  constructor(id: string, properties: Properties, reasons: readonly string[]) {
    super(reasons.join("; "));
    this.name = "InitializationFailed";
    this.id = id;
    this.properties = properties;
    this.reasons = reasons;
  }
}

/** What a person reads of an error, without any of the secrets. */
export function explained(error: unknown, secrets: readonly string[]): string {
  return withoutSecrets(error instanceof LocalError ? error.explain() : messageOf(error), secrets);
}

/** Shorter texts are no secrets worth the name, and cutting them out would spoil every other word. */
const shortestSecret = 4;

export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret.length >= shortestSecret)
    .toSorted((left, right) => right.length - left.length)
    .reduce((rest, secret) => rest.replaceAll(secret, "[secret]"), text);
}
