import type { CommandContext } from "./context.ts";
import { openStack } from "./stack.ts";

/** Runs the CLI with the arguments as they are; gives back its exit code. */
export async function pulumi(
  context: CommandContext,
  stackName: string,
  args: readonly string[],
): Promise<number> {
  return (await openStack(stackName, context)).show(args);
}
