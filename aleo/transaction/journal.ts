import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import lockfile from "proper-lockfile";
import { z } from "zod";
import { AleoError } from "../errors.ts";
import type { Network } from "../network.ts";

const sentTransaction = z.object({
  /** What the transaction does, for people. */
  purpose: z.string(),
  id: z.string(),
  /** The whole transaction as broadcast: sending these bytes again can't pay twice. */
  text: z.string(),
  /** Block height before the first broadcast. */
  height: z.number(),
});

export type SentTransaction = z.infer<typeof sentTransaction>;

export class JournalError extends AleoError {}

/**
 * Remembers on disk what is about to be broadcast, one entry a subject (a program, a setting),
 * written before the broadcast and removed when its outcome is known. So a run that is killed
 * anywhere leaves enough to find out what happened before anything is sent again.
 */
export class Journal {
  readonly #directory: string;

  constructor(directory: string, network: Network) {
    this.#directory = join(directory, network);
  }

  /** Runs `work` while no other process works on the same subject; waits up to a minute for the other. */
  async exclusively<Result>(subject: string, work: () => Promise<Result>): Promise<Result> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    let release: () => Promise<void>;
    try {
      release = await lockfile.lock(this.#path(subject), {
        realpath: false,
        stale: 10_000,
        retries: { retries: 60, factor: 1, minTimeout: 1_000, maxTimeout: 1_000 },
      });
    } catch (cause) {
      throw new JournalError(`Another run is still sending transactions for ${subject}.`, {
        remedy: "Wait until that run has ended, then run again.",
        cause,
      });
    }
    try {
      return await work();
    } finally {
      await release();
    }
  }

  /** @throws JournalError where the entry is damaged: then nobody can tell what was sent */
  async read(subject: string): Promise<SentTransaction | undefined> {
    let text: string;
    try {
      text = await readFile(this.#path(subject), "utf8");
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw cause;
    }
    try {
      return sentTransaction.parse(JSON.parse(text));
    } catch (cause) {
      throw new JournalError(
        `${this.#path(subject)} says that a transaction was sent for ${subject}, but can't be read.`,
        {
          remedy: "Look for a transaction of your account on chain, then remove the file.",
          cause,
        },
      );
    }
  }

  /** Returns when the entry is on disk: a crash of the machine right after does not lose it. */
  async write(subject: string, sent: SentTransaction): Promise<void> {
    const path = this.#path(subject);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const aside = `${path}.${process.pid}.tmp`;
    const file = await open(aside, "w", 0o600);
    try {
      await file.writeFile(JSON.stringify(sent));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(aside, path);
  }

  async remove(subject: string): Promise<void> {
    await rm(this.#path(subject), { force: true });
  }

  #path(subject: string): string {
    return join(this.#directory, `${subject.replaceAll(/[^A-Za-z0-9._-]/g, "-")}.json`);
  }
}
