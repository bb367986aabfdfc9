import { cpSync, renameSync } from "node:fs";
import { join } from "node:path";
import { type Devnode, startDevnode } from "../../local/devnode.ts";
import { freePort } from "../../local/ports.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

export interface ScratchDevnode {
  readonly url: string;
  readonly port: number;
  /** Ends the devnode and keeps its ledger. */
  stop(): Promise<void>;
  /** Starts it again on the same ledger and port. */
  restart(): Promise<void>;
}

/**
 * A ledger as it is when a devnode takes transactions for the first time, kept by the first devnode
 * of this process: the others need not make those blocks.
 */
let firstLedger: string | undefined;

async function keepFirstLedger(url: string, ledger: string): Promise<void> {
  const name = "first";
  const response = await fetch(`${url}/testnet/snapshot`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name }),
  });
  if (!response.ok) throw new Error(`the devnode answered ${response.status}`);
  const kept = temporaryDirectory("first-ledger");
  process.once("exit", kept.remove);
  firstLedger = join(kept.path, name);
  renameSync(join(`${ledger}-snapshots`, name), firstLedger);
}

interface ScratchDevnodeOptions {
  readonly manualBlocks?: boolean;
  /** Shares no block with the others, but the genesis. */
  readonly ownChain?: boolean;
}

/**
 * A devnode of its own for the tests of one `describe`: call it in its body. It is started before
 * its tests, and stopped and deleted after them; `url` may be read from then on.
 */
export function scratchDevnode({
  manualBlocks = false,
  ownChain = false,
}: ScratchDevnodeOptions = {}): ScratchDevnode {
  const directory = temporaryDirectory("devnode");
  const ledger = join(directory.path, "ledger");
  let port = 0;
  let devnode: Devnode | undefined;

  const start = async () => {
    devnode = await startDevnode({
      directory: ledger,
      logFile: join(directory.path, "devnode.log"),
      port,
      manualBlocks,
    });
  };
  const stop = async () => {
    await devnode?.stop();
    devnode = undefined;
  };

  before(async function () {
    this.timeout(120_000);
    port = await freePort();
    if (firstLedger !== undefined && !ownChain) cpSync(firstLedger, ledger, { recursive: true });
    await start();
    if (firstLedger === undefined && !ownChain)
      await keepFirstLedger(`http://127.0.0.1:${port}`, ledger);
  });
  after(async function () {
    this.timeout(60_000);
    // It would take seconds to write down a ledger that is deleted next.
    if (devnode !== undefined) process.kill(devnode.pid, "SIGKILL");
    await stop();
    directory.remove();
  });

  return {
    get url() {
      return `http://127.0.0.1:${port}`;
    },
    get port() {
      return port;
    },
    stop,
    restart: start,
  };
}
