import type { CommandContext } from "./context.ts";
import { openStack } from "./stack.ts";

/** Shows what `up` would change, on chain included; gives back the exit code of the CLI. */
export async function preview(context: CommandContext, stackName: string): Promise<number> {
  const stack = await openStack(stackName, context);
  return stack.show(["preview", "--diff", "--stack", stack.name]);
}
