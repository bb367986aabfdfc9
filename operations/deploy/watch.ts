import { setTimeout as sleep } from "node:timers/promises";
import type { NodeClient } from "../../aleo/node/client.ts";
import type { Block } from "../../aleo/node/shapes.ts";
import { plural } from "../text.ts";
import { bad, type Check, good } from "../checks.ts";

/** What the blocks after a deployment hold of its programs. */
export interface Watched {
  readonly blocks: number;
  readonly accepted: number;
  readonly rejected: number;
}

const pollEveryMs = 2_000;
/** From so many calls on, more rejected than accepted ones are a fault of the program's. */
const fewestCalls = 3;

/** Counts the calls of programs in the blocks from `height` on, until the time is over. */
export async function watchPrograms(
  node: NodeClient,
  programs: readonly string[],
  { height, forMs }: { readonly height: number; readonly forMs: number },
  show: (text: string) => void,
): Promise<Watched> {
  const deadline = Date.now() + forMs;
  let next = height + 1;
  let seen: Watched = { blocks: 0, accepted: 0, rejected: 0 };
  for (;;) {
    const head = await node.latestHeight();
    const blocks = await node.blocks(next, head + 1, head);
    next += blocks.length;
    seen = blocks.reduce((sum, block) => addBlock(sum, block, programs), seen);
    show(watchedText(seen));
    if (Date.now() + pollEveryMs > deadline) return seen;
    await sleep(pollEveryMs);
  }
}

function addBlock(seen: Watched, { transactions }: Block, programs: readonly string[]): Watched {
  const calls = transactions.filter((entry) => {
    const text = JSON.stringify(entry);
    return entry.type === "execute" && programs.some((id) => text.includes(`"program":"${id}"`));
  });
  const accepted = calls.filter(({ status }) => status === "accepted").length;
  return {
    blocks: seen.blocks + 1,
    accepted: seen.accepted + accepted,
    rejected: seen.rejected + calls.length - accepted,
  };
}

function watchedText({ blocks, accepted, rejected }: Watched): string {
  return `${plural(blocks, "block")}, ${plural(accepted, "call")} accepted, ${rejected} rejected`;
}

export function watchCheck(watched: Watched): Check {
  const { accepted, rejected } = watched;
  return accepted + rejected >= fewestCalls && rejected > accepted
    ? bad(
        "watch",
        `${watchedText(watched)}: most fail`,
        "Look at why: aleo-ops failures --last 1h. Pause the program if it is the new code.",
      )
    : good("watch", watchedText(watched));
}
