import { at, unknown, type Value } from "../known.ts";
import { type Container, containersOf } from "../pods.ts";
import type { ResourceRule } from "../rule.ts";

export const containersAreNotRoot: ResourceRule = {
  name: "containers-are-not-root",
  description: "A container runs as a user that is not root, and says so.",
  violations: (resource) =>
    containersOf(resource).flatMap((container) => {
      const what = problem(container);
      if (what === undefined) return [];
      return {
        resource,
        what: `container ${container.name} ${what}`,
        why: "Who breaks out of a container that runs as root is root on the node.",
        remedy:
          "Set securityContext.runAsNonRoot: true, and a runAsUser over 0, on the container or its pod.",
      };
    }),
};

function problem(container: Container): string | undefined {
  const user = setting(container, "runAsUser");
  if (user === 0) return "runs as user 0, which is root.";
  const nonRoot = setting(container, "runAsNonRoot");
  if (nonRoot === true || nonRoot === unknown) return undefined;
  return nonRoot === undefined
    ? "does not say that it runs as another user than root."
    : "allows root: runAsNonRoot is false.";
}

/** The container's own wins over its pod's. */
function setting({ properties, pod }: Container, name: string): Value {
  return at(properties, "securityContext", name) ?? at(pod, "securityContext", name);
}
