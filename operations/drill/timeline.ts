import { performance } from "node:perf_hooks";
import { table } from "../text.ts";

/** One step of a drill. */
export interface Step {
  readonly name: string;
  /** How long it took, in ms. */
  readonly durationMs: number;
  /** When it was done, in ms since the exploit began. */
  readonly doneAtMs: number;
  /** When it has to be done (runbooks/disaster-recovery.md), in ms since then. */
  readonly allowedMs: number;
}

const minuteMs = 60_000;
/** The four spans of runbooks/disaster-recovery.md. */
export const allowed = {
  stopTheLoss: 15 * minuteMs,
  clean: 60 * minuteMs,
  bringBack: 4 * 60 * minuteMs,
  open: 8 * 60 * minuteMs,
} as const;

/** Times the steps from the moment on that the exploit begins. */
export class Timeline {
  readonly steps: Step[] = [];
  readonly #show: (text: string) => void;
  #begunAt = performance.now();
  #lastAt = this.#begunAt;

  constructor(show: (text: string) => void) {
    this.#show = show;
  }

  /** The exploit begins now. */
  begin(): void {
    this.#begunAt = performance.now();
    this.#lastAt = this.#begunAt;
  }

  /** Runs a step, and notes when it is done. */
  async step<Result>(
    name: string,
    allowedMs: number,
    work: () => Promise<Result>,
  ): Promise<Result> {
    this.#show(name);
    const result = await work();
    this.note(name, allowedMs, performance.now());
    return result;
  }

  /** @param at what `performance.now()` was when it was done */
  note(name: string, allowedMs: number, at: number): void {
    this.steps.push({
      name,
      durationMs: Math.max(0, Math.round(at - this.#lastAt)),
      doneAtMs: Math.round(at - this.#begunAt),
      allowedMs,
    });
    this.#lastAt = at;
  }
}

export function timelineText(steps: readonly Step[]): string {
  const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;
  const span = (ms: number) =>
    ms < 60 * minuteMs ? `${ms / minuteMs} min` : `${ms / (60 * minuteMs)} h`;
  return table(
    ["", "Step", "Took", "Done after", "Allowed"],
    steps.map(({ name, durationMs, doneAtMs, allowedMs }) => [
      doneAtMs <= allowedMs ? "✔" : "✖",
      name,
      seconds(durationMs),
      seconds(doneAtMs),
      span(allowedMs),
    ]),
  );
}
