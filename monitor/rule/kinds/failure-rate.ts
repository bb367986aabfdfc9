import { z } from "zod";
import type { CallCounts } from "../../store/chain-store.ts";
import { duration, durationText } from "../duration.ts";
import { defineKind, subjects, verdictOf } from "../kind.ts";

/** Too many calls of a program are rejected: over `window`, and over `shortWindow` too where it is set. */
export const failureRate = defineKind({
  name: "failure-rate",
  cause: "blocks",
  shape: {
    threshold: z.number().gt(0).max(1).default(0.1).describe("a number over 0, up to 1"),
    window: duration.default(3_600_000),
    shortWindow: duration.optional(),
    minimumCount: z.int().min(1).default(10).describe("a whole number from 1 on"),
  },
  evaluate: ({ threshold, window, shortWindow, minimumCount, ...rule }, facts) =>
    subjects(rule, facts).map(({ id }) => {
      const callsWithin = (span: number) =>
        facts.chain.calls(id, { from: facts.now - span, to: facts.now });
      const calls = callsWithin(window);
      const isBad =
        total(calls) >= minimumCount &&
        rateOf(calls) > threshold &&
        (shortWindow === undefined || rateOf(callsWithin(shortWindow)) > threshold);
      return {
        subject: id,
        verdict: verdictOf(isBad),
        value: rateOf(calls).toFixed(3),
        summary: `${calls.rejected} of ${total(calls)} calls of ${id} were rejected within ${durationText(window)}`,
      };
    }),
  query: ({ threshold, window, shortWindow, minimumCount, programs: program }, select) => {
    const callsWithin = (span: number, status?: string) =>
      `sum by (program) (increase(${select("transactions", { kind: "execute", program, status })}[${durationText(span)}]))`;
    const isOver = (span: number) =>
      `${callsWithin(span, "rejected")} / ${callsWithin(span)} > ${threshold}`;
    return [
      isOver(window),
      `${callsWithin(window)} >= ${minimumCount}`,
      ...(shortWindow === undefined ? [] : [isOver(shortWindow)]),
    ].join(" and ");
  },
});

function total({ accepted, rejected }: CallCounts): number {
  return accepted + rejected;
}

function rateOf(calls: CallCounts): number {
  return total(calls) === 0 ? 0 : calls.rejected / total(calls);
}
