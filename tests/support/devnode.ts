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
 * A devnode of its own for the tests of one `describe`: call it in its body. It is started before
 * its tests, and stopped and deleted after them; `url` may be read from then on.
 */
export function scratchDevnode(options: { manualBlocks?: boolean } = {}): ScratchDevnode {
  const directory = temporaryDirectory("devnode");
  let port = 0;
  let devnode: Devnode | undefined;

  const start = async () => {
    devnode = await startDevnode({
      directory: join(directory.path, "ledger"),
      logFile: join(directory.path, "devnode.log"),
      port,
      ...options,
    });
  };
  const stop = async () => {
    await devnode?.stop();
    devnode = undefined;
  };

  before(async function () {
    this.timeout(120_000);
    port = await freePort();
    await start();
  });
  after(async function () {
    this.timeout(60_000);
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
