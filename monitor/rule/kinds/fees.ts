import { z } from "zod";
import { formatCredits } from "../../../aleo/network.ts";
import { duration, durationText } from "../duration.ts";
import { defineKind, subjects, verdictOf } from "../kind.ts";

/** Calls of a program cost more than `factor` times what they cost in the `baseline` before. */
export const fees = defineKind({
  name: "fees",
  cause: "blocks",
  shape: {
    window: duration.default(3_600_000),
    baseline: duration.default(86_400_000),
    factor: z.number().gt(1).default(3).describe("a number over 1"),
    minimumCount: z.int().min(1).default(10).describe("a whole number from 1 on"),
  },
  evaluate: ({ window, baseline, factor, minimumCount, ...rule }, facts) =>
    subjects(rule, facts).map(({ id }) => {
      const begin = facts.now - window;
      const recent = facts.chain.fees(id, { from: begin, to: facts.now });
      const usual = facts.chain.fees(id, { from: begin - baseline, to: begin });
      const isBad =
        recent.calls >= minimumCount &&
        usual.calls >= minimumCount &&
        recent.mean > factor * usual.mean;
      return {
        subject: id,
        verdict: verdictOf(isBad),
        value: credits(recent.mean),
        summary: `a call of ${id} costs ${credits(recent.mean)} within ${durationText(window)}, usual are ${credits(usual.mean)}`,
      };
    }),
});

function credits(microcredits: number): string {
  return formatCredits(BigInt(Math.round(microcredits)));
}
