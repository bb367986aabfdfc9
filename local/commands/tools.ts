import { runSteps } from "../progress.ts";
import { ensureDevnode } from "../tools/devnode.ts";
import { ensurePulumi, pulumiVersion } from "../tools/pulumi.ts";
import type { CommandContext } from "./context.ts";

const sources = {
  path: "on PATH",
  release: "official release",
  built: "built from its Go module",
} as const;

/** Finds or gets every tool that a run needs. */
export async function tools(context: CommandContext): Promise<void> {
  await runSteps(
    [
      {
        title: "Pulumi CLI",
        run: async (progress) => {
          const { source } = await ensurePulumi(progress, context.env);
          return `${pulumiVersion}, ${sources[source]}`;
        },
      },
      {
        title: "Aleo devnode",
        run: async (progress) => {
          const { leading } = await ensureDevnode(progress, context.env);
          return leading.length === 0 ? "from npm" : "from npm, with Debian's newer libc";
        },
      },
    ],
    { concurrent: true, silent: context.json },
  );
}
