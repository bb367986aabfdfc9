import { Argument, type Command } from "commander";

const name = "completion";
const shells = ["bash", "zsh", "fish", "powershell"];

/** Whether it is the first word of what installs the completion, or by which the shell asks. */
export function isOfCompletion(asked: string | undefined): boolean {
  return asked === name || asked === "complete";
}

/**
 * `completion SHELL`: the words behind the cursor, from the command line itself. Call it when every other
 * command is there.
 * @param asked the first word behind `aleo-ops`: what completes is loaded only where it is asked for
 */
export async function addCompletionCommand(
  parent: Command,
  asked: string | undefined,
): Promise<void> {
  if (isOfCompletion(asked)) {
    const { default: addCompletion } = await import("@bomb.sh/tab/commander");
    addCompletion(parent, { completionCommandName: name });
    return;
  }
  parent
    .command(name)
    .description(
      "print what completes its commands and options: source <(aleo-ops completion bash)",
    )
    .addArgument(new Argument("<shell>", "whose shell").choices(shells));
}
