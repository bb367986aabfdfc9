import { LocalError } from "../errors.ts";
import { type CommandContext, printJson, say } from "./context.ts";
import { keepDrift } from "./drift-record.ts";
import { driftFound, type DriftReport, driftReport, driftText } from "./drift-report.ts";
import { type EngineEvents, noEvents, withEventLog } from "./engine-events.ts";
import { gitHubOf, runUrlOf } from "./github.ts";
import { pagingOf } from "./paging.ts";
import { publishDrift } from "./publish-drift.ts";
import { openStack } from "./stack.ts";

export interface DriftOptions {
  readonly stack: string;
  /** Whether to keep an issue about it on GitHub, and to page whom its severity asks for. */
  readonly report?: boolean;
}

/**
 * Compares the stack with the network. Gives back 0 without drift, 7 with drift, and any other code
 * when the check itself failed, which says nothing about drift.
 */
export async function drift(context: CommandContext, options: DriftOptions): Promise<number> {
  const { stack, report: isReported = false } = options;
  const gitHub = isReported ? gitHubOf(context.env) : undefined;
  const { code: checked, events } = await check(context, stack, isReported);
  const report = driftReport(stack, checked, events);
  const code = report.kind === "drift" ? driftFound : checked;
  await keepDrift(context.project, report).catch((error: unknown) => {
    say(context, `The reports of aleo-ops won't know of this check: ${String(error)}.`);
  });
  if (context.json) {
    const drift = report.kind === "drift" ? true : report.kind === "none" ? false : null;
    printJson({ stack, drift, exitCode: code, ...(report.kind !== "none" && { report }) });
  } else {
    say(context, sentence(report, code));
  }
  if (gitHub !== undefined) {
    const paging = pagingOf(context.env);
    const done = await publishDrift(report, gitHub, paging, runUrlOf(context.env));
    for (const line of done) say(context, line);
  }
  return code;
}

/** What stands in the way of a check that is reported is reported too. */
async function check(
  context: CommandContext,
  name: string,
  isReported: boolean,
): Promise<{ readonly code: number; readonly events: EngineEvents }> {
  const args = ["refresh", "--preview-only", "--expect-no-changes", "--stack", name];
  try {
    const stack = await openStack(name, context);
    const { result, events } = await withEventLog((log, env) => stack.copy([...args, ...log], env));
    // What fails before the engine runs, as reading the state, is not in its log.
    const errors = events.errors.length > 0 ? events.errors : [result.errors.trim()];
    return { code: result.code, events: { ...events, errors } };
  } catch (error) {
    if (!isReported || !(error instanceof LocalError)) throw error;
    return { code: 1, events: { ...noEvents, errors: [error.explain()] } };
  }
}

function sentence(report: DriftReport, code: number): string {
  const { stack } = report;
  switch (report.kind) {
    case "none":
      return `No drift: the network is as stack ${stack} left it.`;
    case "drift":
      return driftText(report);
    case "busy":
      return `Another run holds the state of stack ${stack}: whether there is drift, the next check will say.`;
    case "broken":
      return `The drift check of stack ${stack} failed (exit code ${code}). This says nothing about drift: see the error above.`;
  }
}
