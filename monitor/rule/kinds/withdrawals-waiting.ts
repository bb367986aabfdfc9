import { duration, durationText } from "../duration.ts";
import { mappingEntry, type MappingEntry, type Probe, probeName } from "../../watch/probe.ts";
import { defineKind, subjects, unknown, verdictOf } from "../kind.ts";

/** The oldest withdrawal of a program's queue has waited for too long. */
export const withdrawalsWaiting = defineKind({
  name: "withdrawals-waiting",
  cause: "looks",
  shape: {
    longest: duration.default(86_400_000),
    head: mappingEntry.default({ mapping: "queue_head", key: "0u8" }),
    tail: mappingEntry.default({ mapping: "queue_tail", key: "0u8" }),
  },
  probes: ({ head, tail, ...rule }, facts) =>
    subjects(rule, facts).map(({ id }) => probeOf(id, head, tail)),
  evaluate: ({ longest, head, tail, ...rule }, facts) =>
    subjects(rule, facts).map(({ id }) => {
      const found = facts.reading(probeName(probeOf(id, head, tail)));
      if (found?.value === undefined) return unknown(id);
      const waits = found.value === "empty" ? 0 : facts.now - found.changedAt;
      return {
        subject: id,
        verdict: verdictOf(waits > longest),
        value: `${Math.round(waits / 60_000)} min`,
        summary: `withdrawal ${found.value} of ${id} has been first in the queue for more than ${durationText(longest)}`,
      };
    }),
});

function probeOf(program: string, head: MappingEntry, tail: MappingEntry): Probe {
  return { kind: "queue", program, head, tail };
}
