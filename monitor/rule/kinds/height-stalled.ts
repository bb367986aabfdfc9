import { duration, durationText } from "../duration.ts";
import { defineKind, unknown, verdictOf } from "../kind.ts";

/** The network has made no block for too long: blocks of a public network come about every 3 s. */
export const heightStalled = defineKind({
  name: "height-stalled",
  cause: "looks",
  shape: { after: duration.default(120_000) },
  evaluate: ({ after }, facts) => {
    const { cursor, head, network, now } = facts;
    const isCaughtUp = cursor !== undefined && head !== undefined && cursor.height >= head;
    if (!isCaughtUp || cursor.time === 0) return [unknown(network)];
    const age = Math.max(0, now - cursor.time);
    return [
      {
        subject: network,
        verdict: verdictOf(age > after),
        value: `${Math.round(age / 1_000)} s`,
        summary: `${network} has made no block after ${cursor.height} for more than ${durationText(after)}`,
      },
    ];
  },
  query: ({ after }, select) =>
    `${select("lagSeconds")} > ${after / 1_000} and ${select("lagBlocks")} == 0`,
});
