import type { CommandContext } from "./context.ts";
import { policyPack } from "./policy-pack.ts";
import { openStack } from "./stack.ts";

/**
 * Runs the CLI on the stack, with the arguments as they are but for the policies that hold there;
 * gives back its exit code.
 */
export async function pulumi(
  context: CommandContext,
  stackName: string,
  args: readonly string[],
): Promise<number> {
  const stack = await openStack(stackName, context);
  // Otherwise it would be the one that was selected last, whatever STACK says.
  return stack.show(withPolicies(args, policyPack(context, stackName)), {
    PULUMI_STACK: stackName,
  });
}

/** With their other names. */
const judged = ["up", "update", "preview", "pre"];

/** What runs the program is held to the policies, as by `make up` and `make preview`. */
export function withPolicies(args: readonly string[], pack: readonly string[]): readonly string[] {
  const [first = ""] = args;
  const isJudged = first.startsWith("-")
    ? args.some((arg) => judged.includes(arg))
    : judged.includes(first);
  return isJudged && !args.includes("--policy-pack") ? [...args, ...pack] : args;
}
