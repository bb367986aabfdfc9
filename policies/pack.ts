import {
  PolicyPack,
  type ResourceValidationPolicy,
  type StackValidationPolicy,
} from "@pulumi/policy";
import { known } from "./known.ts";
import type { Declared } from "./declared.ts";
import { explain, type ResourceRule, type StackRule } from "./rule.ts";
import { bucketsAreEncrypted } from "./rules/buckets-are-encrypted.ts";
import { bucketsAreLocked } from "./rules/buckets-are-locked.ts";
import { bucketsAreNotPublic } from "./rules/buckets-are-not-public.ts";
import { containersAreLimited } from "./rules/containers-are-limited.ts";
import { containersAreNotRoot } from "./rules/containers-are-not-root.ts";
import { imagesArePinned } from "./rules/images-are-pinned.ts";
import { programsAreProtected } from "./rules/programs-are-protected.ts";
import { secretsAreNotInPlainText } from "./rules/secrets-are-not-in-plain-text.ts";

function perResource(rule: ResourceRule): ResourceValidationPolicy {
  return {
    name: rule.name,
    description: rule.description,
    validateResource: ({ urn, type, name, props, opts }, report) => {
      const resource: Declared = {
        ...{ urn, type, name, isProtected: opts.protect },
        properties: known(props),
        references: {},
      };
      for (const violation of rule.violations(resource)) report(explain(violation));
    },
  };
}

function perStack(rule: StackRule): StackValidationPolicy {
  return {
    name: rule.name,
    description: rule.description,
    validateStack: ({ resources }, report) => {
      const declared = resources.map(
        ({ urn, type, name, props, opts, propertyDependencies }): Declared => ({
          ...{ urn, type, name, isProtected: opts.protect },
          properties: known(props),
          references: Object.fromEntries(
            Object.entries(propertyDependencies).map(([property, targets]) => [
              property,
              targets.map((target) => target.urn),
            ]),
          ),
        }),
      );
      for (const violation of rule.violations(declared)) {
        report(explain(violation), violation.resource.urn);
      }
    },
  };
}

new PolicyPack("aleo-ops", {
  enforcementLevel: "mandatory",
  policies: [
    ...[bucketsAreEncrypted, bucketsAreLocked, bucketsAreNotPublic].map(perStack),
    ...[
      containersAreLimited,
      containersAreNotRoot,
      imagesArePinned,
      programsAreProtected,
      secretsAreNotInPlainText,
    ].map(perResource),
  ],
});
