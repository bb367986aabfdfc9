import { mappingEntry, type Probe, probeName } from "../../watch/probe.ts";
import { defineKind, subjects, unknown, verdictOf } from "../kind.ts";

/** A program is paused. */
export const paused = defineKind({
  name: "paused",
  cause: "looks",
  shape: { entry: mappingEntry.default({ mapping: "paused", key: "0u8" }) },
  probes: ({ entry, ...rule }, facts) =>
    subjects(rule, facts).map(({ id }): Probe => ({ kind: "entry", program: id, ...entry })),
  evaluate: ({ entry, ...rule }, facts) =>
    subjects(rule, facts).map(({ id }) => {
      const found = facts.reading(probeName({ kind: "entry", program: id, ...entry }));
      if (found === undefined) return unknown(id);
      return {
        subject: id,
        verdict: verdictOf(found.value === "true"),
        value: found.value === "true" ? "paused" : "running",
        summary: `${id} is paused`,
      };
    }),
});
