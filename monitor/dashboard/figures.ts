import type { Moment } from "./sources.ts";

export const dayMs = 86_400_000;
const hourMs = 3_600_000;
const stepMs = hourMs / 4;
const steps = dayMs / stepMs;

/** One line of a chart; a step without calls or answers is null. */
interface Line {
  readonly name: string;
  readonly values: readonly (number | null)[];
}

/** What a chart shows, and what its table says beside it. */
export interface Chart {
  /** The end of each step, in seconds since 1970. */
  readonly times: readonly number[];
  readonly unit: string;
  readonly lines: readonly Line[];
}

export interface HourOfCalls {
  /** Its end, in ms. */
  readonly to: number;
  readonly calls: readonly { readonly accepted: number; readonly rejected: number }[];
}

export interface HourOfAnswers {
  readonly to: number;
  /** The longest in ms by endpoint; undefined without an answer. */
  readonly longest: readonly (number | undefined)[];
}

/** Calls of the last day: the share that was rejected, by step and by hour. */
export function callFigures({ store, status, now }: Moment): {
  readonly chart: Chart;
  readonly programs: readonly string[];
  readonly hours: readonly HourOfCalls[];
} {
  const span = spanOf(now);
  const { programs } = status;
  const counts = programs.map((program) =>
    Array.from({ length: steps }, (_, step) => {
      const from = span.from + step * stepMs;
      return store.chain.calls(program, { from, to: from + stepMs });
    }),
  );
  const lines = programs.map((name, index) => ({
    name,
    values: (counts[index] ?? []).map(({ accepted, rejected }) => {
      const calls = accepted + rejected;
      return calls === 0 ? null : Math.round((1_000 * rejected) / calls) / 10;
    }),
  }));
  return {
    chart: { times: timesOf(span.from), unit: "%", lines },
    programs,
    hours: hoursOf(span.from, (first, end) => ({
      calls: counts.map((all) =>
        all.slice(first, end).reduce((sum, one) => ({
          accepted: sum.accepted + one.accepted,
          rejected: sum.rejected + one.rejected,
        })),
      ),
    })),
  };
}

/** Answers of the last day: the longest of each endpoint, by step and by hour. */
export function answerFigures({ activity, now }: Moment): {
  readonly chart: Chart;
  readonly endpoints: readonly string[];
  readonly hours: readonly HourOfAnswers[];
} {
  const span = spanOf(now);
  const endpoints = activity.endpoints(span.from);
  const longest = endpoints.map((endpoint) => {
    const found = activity.longestAnswers(endpoint, span, stepMs);
    return Array.from({ length: steps }, (_, step) => found.get(span.from + (step + 1) * stepMs));
  });
  const lines = endpoints.map((name, index) => ({
    name,
    values: (longest[index] ?? []).map((value) =>
      value === undefined ? null : Math.round(value * 10) / 10,
    ),
  }));
  return {
    chart: { times: timesOf(span.from), unit: "ms", lines },
    endpoints,
    hours: hoursOf(span.from, (first, end) => ({
      longest: longest.map((all) => {
        const known = all.slice(first, end).filter((value) => value !== undefined);
        return known.length === 0 ? undefined : Math.max(...known);
      }),
    })),
  };
}

/** The day up to the end of the hour that is under way, so that steps stay the same from page to page. */
function spanOf(now: number): { from: number; to: number } {
  const to = Math.ceil(now / hourMs) * hourMs;
  return { from: to - dayMs, to };
}

function timesOf(from: number): number[] {
  return Array.from({ length: steps }, (_, step) => (from + (step + 1) * stepMs) / 1_000);
}

/** The hours of the day, the latest first. */
function hoursOf<Figures>(
  from: number,
  figuresOf: (first: number, end: number) => Figures,
): (Figures & { readonly to: number })[] {
  const perHour = hourMs / stepMs;
  return Array.from({ length: 24 }, (_, index) => {
    const hour = 23 - index;
    const figures = figuresOf(hour * perHour, (hour + 1) * perHour);
    return { ...figures, to: from + (hour + 1) * hourMs };
  });
}
