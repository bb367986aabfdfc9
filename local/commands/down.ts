import { stopDetachedDevnode } from "../devnode.ts";
import { type CommandContext, printJson, say } from "./context.ts";

/** Stops the devnode that `up` started, and nothing else. */
export async function down(context: CommandContext): Promise<void> {
  const stopped = await stopDetachedDevnode(context.state.devnodeRecord);
  if (context.json) printJson({ stopped });
  else {
    say(context, stopped ? "The devnode is stopped; its ledger is kept." : "Nothing was running.");
  }
}
