import { z } from "zod";
import { probeName } from "../../watch/probe.ts";
import { readingOf } from "../../watch/readings.ts";
import { defineKind, programReading, subjects, unknown, verdictOf } from "../kind.ts";

/**
 * A program's edition, owner or amendments are not what they should be: what `expect` says, else what
 * was there when the monitor first saw the program, else what `aleo-ops alerts accept` accepted.
 */
export const programChanged = defineKind({
  name: "program-changed",
  cause: "looks",
  shape: {
    expect: z
      .record(
        z.string(),
        z.strictObject({ edition: z.int().min(0).optional(), owner: z.string().optional() }),
      )
      .default({})
      .describe("for each program {edition, owner}, both optional"),
  },
  probes: (rule, facts) =>
    subjects(rule, facts).map(({ id }) => ({ kind: "program", program: id })),
  evaluate: ({ expect, ...rule }, facts) =>
    subjects(rule, facts).map(({ id }) => {
      const found = programReading(facts, id);
      if (found === undefined) return unknown(id);
      const accepted = facts.accepted(probeName({ kind: "program", program: id }));
      const expected = { ...readingOf("program", accepted), ...expect[id] };
      const differences = (["edition", "owner", "amendments"] as const).filter(
        (name) => expected[name] !== undefined && expected[name] !== found[name],
      );
      return {
        subject: id,
        verdict: verdictOf(differences.length > 0),
        value:
          differences.map((name) => `${name} ${String(found[name])}`).join(", ") || "as expected",
        summary: `${id} has changed: ${differences
          .map((name) => `${name} ${String(expected[name])} → ${String(found[name])}`)
          .join(", ")}`,
      };
    }),
});
