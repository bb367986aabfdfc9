import type { Step } from "../progress.ts";
import type { Progress } from "../tools/tool.ts";

/** One of the things that the network `local` consists of: one process, or several that belong together. */
export interface Part {
  /** As shown to a person: `Ledger`. */
  readonly title: string;
  /** Gets what it is started with. */
  readonly tool: Step;
  /** Starts what does not run; gives back where it is reached. */
  readonly start: (progress: Progress) => Promise<Started>;
  /** Ends what runs, and keeps what it has on disk. False when nothing ran. */
  readonly stop: () => Promise<boolean>;
  /** How a person looks at it, a line each, where there is something to see that runs. */
  readonly toSee: () => Promise<readonly string[]>;
  /** How Pulumi and its plugins reach it; undefined while it does not run. */
  readonly environment: () => NodeJS.ProcessEnv | undefined;
}

interface Started {
  /** False when all of it ran already. */
  readonly started: boolean;
  readonly url: string;
}
