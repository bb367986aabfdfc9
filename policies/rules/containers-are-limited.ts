import { at } from "../known.ts";
import { containersOf } from "../pods.ts";
import type { ResourceRule } from "../rule.ts";

export const containersAreLimited: ResourceRule = {
  name: "containers-are-limited",
  description: "A container has limits of CPU and memory.",
  violations: (resource) =>
    containersOf(resource).flatMap(({ name, properties }) => {
      const missing = ["cpu", "memory"].filter(
        (kind) => at(properties, "resources", "limits", kind) === undefined,
      );
      if (missing.length === 0) return [];
      return {
        resource,
        what: `container ${name} has no limit of ${missing.join(" and ")}.`,
        why: "One job that runs away would take the node from the monitor.",
        remedy: `Set ${missing.map((kind) => `resources.limits.${kind}`).join(" and ")}.`,
      };
    }),
};
