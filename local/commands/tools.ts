import { LocalNetwork } from "../network/network.ts";
import { runSteps, type Step } from "../progress.ts";
import { ensurePulumi, pulumiVersion } from "../tools/pulumi.ts";
import type { CommandContext } from "./context.ts";
import { localStack } from "./stack.ts";

const sources = {
  path: "on PATH",
  release: "official release",
  built: "built from its Go module",
} as const;

/** Finds or gets every tool that a run of the stack needs. */
export async function tools(context: CommandContext, stack: string = localStack): Promise<void> {
  const cli: Step = {
    title: "Pulumi CLI",
    run: async (progress) => {
      const { source } = await ensurePulumi(progress, context.env);
      return `${pulumiVersion}, ${sources[source]}`;
    },
  };
  const parts = stack === localStack ? new LocalNetwork(context.project).declared : [];
  await runSteps([cli, ...parts.map(({ tool }) => tool)], {
    concurrent: true,
    silent: context.json,
  });
}
