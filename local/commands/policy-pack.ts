import { join } from "node:path";
import type { CommandContext } from "./context.ts";
import { localStack } from "./stack.ts";

/**
 * The arguments with which the CLI holds a stack to the project's policies. They cost more than a
 * second a run: stack `local`, which is brought up again and again, does without.
 */
export function policyPack(context: CommandContext, stackName: string): readonly string[] {
  return stackName === localStack ? [] : ["--policy-pack", join(context.project, "policies")];
}
