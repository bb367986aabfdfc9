import { z } from "zod";
import { duration, durationText } from "../duration.ts";
import { defineKind, type Finding, subjects, verdictOf } from "../kind.ts";

/** A program is called in an unusual way: functions that are seldom called, bursts, many new accounts. */
export const calls = defineKind({
  name: "calls",
  cause: "blocks",
  shape: {
    window: duration.default(3_600_000),
    functions: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe("a list of functions of which any accepted call is told"),
    perAccount: z.int().min(1).optional().describe("a whole number of calls by one account"),
    newAccounts: z.int().min(1).optional().describe("a whole number of new accounts"),
  },
  evaluate: ({ window, functions = [], perAccount, newAccounts, ...rule }, facts) =>
    subjects(rule, facts).map(({ id }): Finding => {
      const span = { from: facts.now - window, to: facts.now };
      const within = `within ${durationText(window)}`;
      const found: string[] = [];
      const called = functions.length === 0 ? [] : facts.chain.callsOf(id, functions, span);
      for (const [name, count] of called) {
        found.push(`${name} was called ${count === 1 ? "once" : `${count} times`}`);
      }
      const busiest = perAccount === undefined ? undefined : facts.chain.busiestPayer(id, span);
      if (busiest !== undefined && busiest.calls > (perAccount ?? 0)) {
        found.push(`${busiest.payer} made ${busiest.calls} calls`);
      }
      const fresh = newAccounts === undefined ? 0 : facts.chain.newPayers(id, span);
      if (newAccounts !== undefined && fresh > newAccounts) {
        found.push(`${fresh} accounts called it for the first time`);
      }
      return {
        subject: id,
        verdict: verdictOf(found.length > 0),
        value: found.join("; ") || "as usual",
        summary: `${id}: ${found.join("; ")} ${within}`,
      };
    }),
});
