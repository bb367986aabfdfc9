import { detachedDevnodeUrl, startDetachedDevnode, stopDetachedDevnode } from "../devnode.ts";
import { developmentKey } from "../development-account.ts";
import type { LocalState } from "../paths.ts";
import { ensureDevnode } from "../tools/devnode.ts";
import type { Part } from "./part.ts";

/** A devnode with its ledger on disk. */
export function ledger({ ledger, devnodeLog, devnodeRecord }: LocalState, port: number): Part {
  return {
    title: "Ledger",
    tool: {
      title: "Aleo devnode",
      run: async (progress) => {
        const { leading } = await ensureDevnode(progress);
        return leading.length === 0 ? "from npm" : "from npm, with Debian's newer libc";
      },
    },
    start: () =>
      startDetachedDevnode({ directory: ledger, logFile: devnodeLog, port }, devnodeRecord),
    stop: () => stopDetachedDevnode(devnodeRecord),
    toSee: () => Promise.resolve([]),
    environment: () => {
      const url = detachedDevnodeUrl(devnodeRecord);
      return url === undefined
        ? undefined
        : { ALEO_NODE_URL: url, ALEO_PRIVATE_KEY: developmentKey };
    },
  };
}
