import { z } from "zod";
import { formatCredits, microcreditsPerCredit } from "../../../aleo/network.ts";
import { duration, durationText } from "../duration.ts";
import { defineKind, subjects, verdictOf } from "../kind.ts";

/**
 * More credits leave a program than ever should (`limitCredits`), or than usual: more than `factor`
 * times the mean of the `baselineWindows` windows before, and at least `minimumCredits`.
 */
export const outflow = defineKind({
  name: "outflow",
  cause: "blocks",
  shape: {
    window: duration.default(3_600_000),
    limitCredits: z.number().positive().optional().describe("a number of credits"),
    factor: z.number().gt(1).default(5).describe("a number over 1"),
    baselineWindows: z
      .int()
      .min(1)
      .max(1_000)
      .default(24)
      .describe("a whole number from 1 to 1000"),
    minimumCredits: z.number().min(0).default(10).describe("a number of credits"),
  },
  evaluate: ({ window, limitCredits, factor, baselineWindows, minimumCredits, ...rule }, facts) =>
    subjects(rule, facts).map(({ id }) => {
      const begin = facts.now - window;
      const out = facts.chain.flows(id, { from: begin, to: facts.now }).creditsOut;
      const baselineFrom = begin - baselineWindows * window;
      const before = facts.chain.flows(id, { from: baselineFrom, to: begin }).creditsOut;
      // Without a whole baseline nothing is unusual yet.
      const isKnown = (facts.chain.firstTime() ?? facts.now) <= baselineFrom;
      const usual = before / baselineWindows;
      const isUnusual = isKnown && out >= micro(minimumCredits) && out > factor * usual;
      const isOver = limitCredits !== undefined && out > micro(limitCredits);
      const amount = formatCredits(BigInt(out));
      return {
        subject: id,
        verdict: verdictOf(isOver || isUnusual),
        value: amount,
        summary: `${amount} left ${id} within ${durationText(window)}, ${isOver ? `over the limit of ${limitCredits}` : `usual are ${formatCredits(BigInt(Math.round(usual)))}`}`,
      };
    }),
});

function micro(credits: number): number {
  return credits * Number(microcreditsPerCredit);
}
