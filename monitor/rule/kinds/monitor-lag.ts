import { z } from "zod";
import { defineKind, unknown, verdictOf } from "../kind.ts";

/** The monitor itself is behind the chain, so that its other rules tell of the past. */
export const monitorLag = defineKind({
  name: "monitor-lag",
  cause: "looks",
  shape: { blocks: z.int().min(1).default(100).describe("a whole number of blocks from 1 on") },
  evaluate: ({ blocks }, { cursor, head, network }) => {
    if (cursor === undefined || head === undefined) return [unknown(network)];
    const lag = Math.max(0, head - cursor.height);
    return [
      {
        subject: network,
        verdict: verdictOf(lag > blocks),
        value: `${lag} blocks`,
        summary: `the monitor of ${network} is ${lag} blocks behind the chain`,
      },
    ];
  },
  query: ({ blocks }, select) => `${select("lagBlocks")} > ${blocks}`,
});
