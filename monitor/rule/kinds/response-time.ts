import { z } from "zod";
import { metricDefinitions } from "../../metrics/definitions.ts";
import { duration, durationText } from "../duration.ts";
import { defineKind, unknown, verdictOf } from "../kind.ts";

/** An endpoint answers too slowly, by the 95th percentile of its answer times. */
export const responseTime = defineKind({
  name: "response-time",
  cause: "looks",
  shape: {
    thresholdMs: z.number().positive().default(3_000).describe("a number of ms"),
    window: duration.default(900_000),
    shortWindow: duration.optional(),
    minimumCount: z.int().min(1).default(5).describe("a whole number from 1 on"),
  },
  evaluate: ({ thresholdMs, window, shortWindow, minimumCount }, facts) =>
    facts.looks.map(({ endpoint }) => {
      const timesWithin = (span: number) => facts.answerTimes(endpoint, facts.now - span);
      const times = timesWithin(window);
      if (times.length < minimumCount) return unknown(endpoint);
      const p95 = percentile(times, 0.95);
      const isBad =
        p95 > thresholdMs &&
        (shortWindow === undefined || percentile(timesWithin(shortWindow), 0.95) > thresholdMs);
      return {
        subject: endpoint,
        verdict: verdictOf(isBad),
        value: `${p95.toFixed(0)} ms`,
        summary: `${endpoint} answers in ${p95.toFixed(0)} ms (95th percentile within ${durationText(window)})`,
      };
    }),
  query: ({ thresholdMs, window, shortWindow }, select) => {
    const threshold = thresholdMs / 1_000;
    // No percentile of a histogram is over its last bound.
    if (threshold >= Math.max(...(metricDefinitions.endpointAnswer.buckets ?? [])))
      return undefined;
    const isOver = (span: number) =>
      `histogram_quantile(0.95, sum by (endpoint, le) (rate(${select("endpointAnswer", {}, "_bucket")}[${durationText(span)}]))) > ${threshold}`;
    return [window, ...(shortWindow === undefined ? [] : [shortWindow])].map(isOver).join(" and ");
  },
});

/** The least of the values that `share` of them do not exceed. */
function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}
