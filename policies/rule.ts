import type { Declared } from "./declared.ts";

interface Violation {
  readonly resource: Declared;
  /** What of the resource breaks the rule. It never repeats a secret. */
  readonly what: string;
  readonly why: string;
  readonly remedy: string;
}

interface Rule {
  /** Shown with each violation, as `images-are-pinned`. */
  readonly name: string;
  readonly description: string;
}

/** Judged before the resource is touched. */
export interface ResourceRule extends Rule {
  violations(resource: Declared): readonly Violation[];
}

/** Judged when all resources of the stack are known to the engine. */
export interface StackRule extends Rule {
  violations(resources: readonly Declared[]): readonly Violation[];
}

export function explain({ resource, what, why, remedy }: Violation): string {
  return `${resource.name}: ${what}\n  Why: ${why}\n  What to do: ${remedy}`;
}
