import { LocalNetwork } from "../network/network.ts";
import { type CommandContext, printJson, say } from "./context.ts";

/** Stops what `up` started, and nothing else. */
export async function down(context: CommandContext): Promise<void> {
  const stopped = await new LocalNetwork(context.project).stop();
  if (context.json) printJson({ stopped });
  else if (stopped.length === 0) say(context, "Nothing was running.");
  else say(context, `Stopped: ${stopped.join("; ")}. What they have on disk is kept.`);
}
