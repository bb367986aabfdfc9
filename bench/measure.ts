import { performance } from "node:perf_hooks";

export interface Comparison {
  readonly what: string;
  /** Seconds, one a run. */
  readonly ours: readonly number[];
  readonly reference: readonly number[];
  readonly referenceName: string;
  /** The ratio that is aimed at, where one is set. */
  readonly goal?: number;
}

/** Runs both in turn, so that a machine that gets slower does so for both; the first pair only warms up. */
export async function compare(options: {
  what: string;
  referenceName: string;
  goal?: number;
  runs: number;
  ours: (run: number) => Promise<void>;
  reference: (run: number) => Promise<void>;
}): Promise<Comparison> {
  const ours: number[] = [];
  const reference: number[] = [];
  for (let run = 0; run <= options.runs; run += 1) {
    const first = await seconds(() => options.ours(run));
    const second = await seconds(() => options.reference(run));
    if (run === 0) continue;
    ours.push(first);
    reference.push(second);
  }
  return { ...options, ours, reference };
}

export async function seconds(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1_000;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const high = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] ?? NaN) + high) / 2;
}

/** The median of the ratios of each pair, with the least and the greatest. */
export function ratios({ ours, reference }: Comparison): {
  median: number;
  min: number;
  max: number;
} {
  const each = ours.map((value, index) => value / (reference[index] ?? NaN));
  return { median: median(each), min: Math.min(...each), max: Math.max(...each) };
}

export function describe(comparison: Comparison): string {
  const { median: middle, min, max } = ratios(comparison);
  const goal = comparison.goal === undefined ? "" : `, goal at most ${comparison.goal}`;
  return [
    comparison.what,
    `  ours       ${median(comparison.ours).toFixed(2)} s (median of ${comparison.ours.length})`,
    `  reference  ${median(comparison.reference).toFixed(2)} s: ${comparison.referenceName}`,
    `  ratio      ${middle.toFixed(2)} (${min.toFixed(2)} to ${max.toFixed(2)}${goal})`,
  ].join("\n");
}
