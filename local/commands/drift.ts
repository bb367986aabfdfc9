import { type CommandContext, printJson, say } from "./context.ts";
import { openStack } from "./stack.ts";

/** The exit code of `pulumi refresh --expect-no-changes` where there are changes. */
const driftFound = 7;

/**
 * Compares the stack with the network. Gives back 0 without drift, 7 with drift, and any other code
 * when the check itself failed, which says nothing about drift.
 */
export async function drift(context: CommandContext, stackName: string): Promise<number> {
  const stack = await openStack(stackName, context);
  const code = await stack.show([
    "refresh",
    ...["--preview-only", "--expect-no-changes", "--stack", stack.name],
  ]);
  const found = code === 0 ? false : code === driftFound ? true : undefined;
  if (context.json) printJson({ stack: stack.name, drift: found ?? null, exitCode: code });
  else say(context, sentence(stack.name, found, code));
  return code;
}

function sentence(stack: string, found: boolean | undefined, code: number): string {
  switch (found) {
    case false:
      return `No drift: the network is as stack ${stack} left it.`;
    case true:
      return `Drift: the network is not as stack ${stack} left it, see above. \`make preview STACK=${stack}\` shows what bringing it back would do.`;
    case undefined:
      return `The drift check of stack ${stack} failed (exit code ${code}). This says nothing about drift: see the error above.`;
  }
}
