import type { Declared } from "../../policies/declared.ts";
import type { Properties } from "../../policies/known.ts";
import type { ResourceRule, StackRule } from "../../policies/rule.ts";

interface Options {
  readonly stack?: string;
  readonly isProtected?: boolean;
  readonly references?: Declared["references"];
}

export function declare(
  type: string,
  name: string,
  properties: Properties,
  { stack = "local", isProtected = false, references = {} }: Options = {},
): Declared {
  const urn = `urn:pulumi:${stack}::aleo-ops::${type}::${name}`;
  return { urn, type, name, isProtected, properties, references };
}

/** What breaks the rule, as a person reads it. */
export function broken(rule: ResourceRule, resource: Declared): readonly string[] {
  return rule.violations(resource).map(({ what }) => what);
}

export function brokenInStack(rule: StackRule, resources: readonly Declared[]): readonly string[] {
  return rule.violations(resources).map(({ resource, what }) => `${resource.name}: ${what}`);
}
