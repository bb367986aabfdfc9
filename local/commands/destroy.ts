import { z } from "zod";
import { type CommandContext, printJson, say } from "./context.ts";
import { localStack, openStack } from "./stack.ts";

/** What `pulumi stack export` prints, as far as it is read here. */
const exported = z.object({
  deployment: z.object({
    resources: z
      .array(
        z.object({
          id: z.string().default(""),
          type: z.string(),
          protect: z.boolean().default(false),
        }),
      )
      .default([]),
  }),
});

interface Kept {
  readonly id: string;
  readonly type: string;
}

/**
 * Deletes all that a stack declares but what is protected: programs, which nobody can delete, and
 * what guards the backups. Names what stays; gives back the exit code of the CLI.
 */
export async function destroy(
  context: CommandContext,
  options: { readonly stack: string; readonly yes?: boolean },
): Promise<number> {
  const stack = await openStack(options.stack, context);
  const unasked = options.stack === localStack || options.yes === true ? ["--yes"] : [];
  const code = await stack.show([
    "destroy",
    ...["--exclude-protected", "--stack", stack.name, ...unasked],
  ]);
  if (code !== 0) return code;
  const kept = keptOf(await stack.read(["stack", "export", "--stack", stack.name]));
  if (context.json) printJson({ stack: stack.name, kept });
  else for (const line of account(stack.name, kept)) say(context, line);
  return 0;
}

/** The protected resources of an exported stack, by what they are called where they are. */
function keptOf(text: string): Kept[] {
  const { resources } = exported.parse(JSON.parse(text)).deployment;
  return resources.flatMap(({ id, type, protect }) => (protect && id !== "" ? [{ id, type }] : []));
}

function account(stack: string, kept: readonly Kept[]): string[] {
  if (kept.length === 0) return [`Nothing of stack ${stack} is left.`];
  return [
    `Left of stack ${stack}, because it is protected: nobody can delete a program, and backups are locked.`,
    ...kept.map(({ id, type }) => `  ${id}  (${type})`),
    `What to do: nothing, \`make up STACK=${stack}\` goes on with it. To let Pulumi forget one: make pulumi STACK=${stack} ARGS="state delete …".`,
  ];
}
