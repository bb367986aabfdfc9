import type { DeployedProgram, NodeClient } from "../../aleo/node/client.ts";

/**
 * A client that asks for each program once: several sections of a report look at it, and its source is
 * long. What a program holds is asked for anew each time.
 */
export function programsOnce(node: NodeClient): NodeClient {
  const asked = new Map<string, Promise<DeployedProgram | undefined>>();
  const program = (id: string) => {
    const found = asked.get(id) ?? node.program(id);
    asked.set(id, found);
    return found;
  };
  const programSource = async (id: string) => (await program(id))?.source;
  return new Proxy(node, {
    get: (_, name) => {
      if (name === "program") return program;
      if (name === "programSource") return programSource;
      const member: unknown = Reflect.get(node, name);
      return typeof member === "function" ? (member.bind(node) as unknown) : member;
    },
  });
}
