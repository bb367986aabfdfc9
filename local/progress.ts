import {
  type DefaultRenderer,
  Listr,
  type ListrTask,
  type ListrTaskWrapper,
  PRESET_TIMER,
  type SimpleRenderer,
} from "listr2";
import type { Progress } from "./tools/tool.ts";

type Wrapper = ListrTaskWrapper<unknown, typeof DefaultRenderer, typeof SimpleRenderer>;

export interface Step {
  readonly title: string;
  /** Returns what the step found, shown behind its title. */
  readonly run: (progress: Progress) => Promise<string>;
}

/** Without a terminal, lines that begin with the same word are shown once in this time. */
const plainLineMs = 15_000;

/**
 * Runs steps with their progress and the time they take: redrawn on a terminal, plain lines
 * elsewhere.
 */
export async function runSteps(
  steps: readonly Step[],
  options: { concurrent: boolean; silent: boolean },
): Promise<void> {
  if (options.silent) {
    for (const { run } of steps) await run(() => undefined);
    return;
  }
  const tasks = steps.map(
    ({ title, run }): ListrTask<unknown, typeof DefaultRenderer, typeof SimpleRenderer> => ({
      title,
      task: async (_context, task) => {
        const found = await run(timedProgress(task));
        task.title = `${title}: ${found}`;
      },
    }),
  );
  const list = new Listr<unknown, "default", "simple">(tasks, {
    concurrent: options.concurrent,
    registerSignalListeners: false,
    renderer: "default",
    fallbackRenderer: "simple",
    rendererOptions: { timer: PRESET_TIMER, showErrorMessage: false },
    fallbackRendererOptions: { timer: PRESET_TIMER },
  });
  await list.run();
}

function timedProgress(task: Wrapper): Progress {
  const begun = Date.now();
  let last = { at: -Infinity, kind: "" };
  return (line) => {
    const at = Date.now();
    const kind = line.split(" ", 1)[0] ?? "";
    if (!process.stdout.isTTY && kind === last.kind && at - last.at < plainLineMs) return;
    last = { at, kind };
    task.output = `${line} (${formatDuration(at - begun)})`;
  };
}

/** `4.2 s`, `3 min 20 s` */
export function formatDuration(ms: number): string {
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
