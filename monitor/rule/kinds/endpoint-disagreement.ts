import { z } from "zod";
import { type Finding, defineKind, type Facts, verdictOf } from "../kind.ts";

/** An endpoint does not answer, lags behind the others, or serves another chain. */
export const endpointDisagreement = defineKind({
  name: "endpoint-disagreement",
  cause: "looks",
  shape: { maximumLag: z.int().min(1).default(10).describe("a whole number of blocks from 1 on") },
  evaluate: ({ maximumLag }, facts) =>
    facts.looks.map(({ endpoint, height, problem }): Finding => {
      if (facts.strangers.includes(endpoint)) {
        return bad(endpoint, "other chain", `${endpoint} serves another chain`);
      }
      if (height === undefined) {
        return bad(endpoint, "no answer", `${endpoint} does not answer: ${problem ?? ""}`);
      }
      const lag = Math.max(0, known(facts) - height);
      return {
        subject: endpoint,
        verdict: verdictOf(lag > maximumLag),
        value: `${lag} blocks`,
        summary: `${endpoint} is ${lag} blocks behind`,
      };
    }),
  query: ({ maximumLag }, select) =>
    `${select("endpointUp")} == 0 or scalar(max(${select("head")})) - ${select("endpointHeight")} > ${maximumLag}`,
});

/** The height that is known to be reached. */
function known({ cursor, head }: Facts): number {
  return Math.max(cursor?.height ?? 0, head ?? 0);
}

function bad(subject: string, value: string, summary: string): Finding {
  return { subject, verdict: "bad", value, summary };
}
