import { z } from "zod";
import { formatCredits } from "../../../aleo/network.ts";
import type { WatchedProgram } from "../../chain/observe.ts";
import { type MappingEntry, mappingEntry, type Probe, probeName } from "../../watch/probe.ts";
import { readingOf } from "../../watch/readings.ts";
import { defineKind, subjects, unknown, verdictOf } from "../kind.ts";

/** What agent_registry owes or keeps (contracts/README.md). */
const owedByRegistry: MappingEntry[] = ["total_staked", "total_queued", "fees_held"].map(
  (mapping) => ({ mapping, key: "0u8" }),
);

/** A program holds fewer credits than it owes. */
export const solvency = defineKind({
  name: "solvency",
  cause: "looks",
  shape: {
    owed: z
      .array(mappingEntry)
      .min(1)
      .default(owedByRegistry)
      .describe('a list of entries whose sum is owed, such as ["total_staked[0u8]"]'),
  },
  probes: ({ owed, ...rule }, facts) =>
    subjects(rule, facts).map((program) => probeOf(program, owed)),
  evaluate: ({ owed, ...rule }, facts) =>
    subjects(rule, facts).map((program) => {
      const value = facts.reading(probeName(probeOf(program, owed)))?.value;
      const found = readingOf("solvency", value);
      if (found === undefined) return unknown(program.id);
      const missing = BigInt(found.owed) - BigInt(found.held);
      return {
        subject: program.id,
        verdict: verdictOf(missing > 0n),
        value: formatCredits(missing > 0n ? missing : 0n),
        summary: `${program.id} holds ${formatCredits(BigInt(found.held))} and owes ${formatCredits(BigInt(found.owed))}`,
      };
    }),
  query: ({ programs: program }, select) =>
    `${select("held", { program })} < ${select("owed", { program })}`,
});

function probeOf({ id, address }: WatchedProgram, owed: readonly MappingEntry[]): Probe {
  return { kind: "solvency", program: id, address, owed };
}
