import { Listr, ListrLogger, PRESET_TIMER, ProcessOutput } from "listr2";

export interface Step {
  readonly title: string;
  /** @returns what is shown behind the title when it is done */
  readonly run: (show: (line: string) => void) => Promise<string>;
}

/** Runs steps one after the other, each seen with its time; nothing of it on standard output. */
export async function runSteps(steps: readonly Step[], silent: boolean): Promise<void> {
  const logger = new ListrLogger({
    processOutput: new ProcessOutput(process.stderr, process.stderr),
  });
  const list = new Listr(
    steps.map(({ title, run }) => ({
      title,
      task: async (_, task) => {
        const found = await run((line) => {
          task.output = line;
        });
        task.title = `${title}: ${found}`;
      },
    })),
    {
      concurrent: false,
      registerSignalListeners: false,
      renderer: silent ? "silent" : process.stderr.isTTY ? "default" : "simple",
      rendererOptions: { logger, timer: PRESET_TIMER, showErrorMessage: false },
    },
  );
  await list.run();
}
