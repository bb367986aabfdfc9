import { createHash } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { AleoError } from "../errors.ts";
import { explainingFiles } from "../file-error.ts";
import { readIfThere, writeWhole } from "../files.ts";
import type { Network } from "../network.ts";
import { noMoreUnderWay, nowUnderWay } from "./under-way.ts";

const sentTransaction = z.object({
  /** What the transaction does, for people. */
  purpose: z.string(),
  id: z.string(),
  /** The whole transaction as broadcast: sending these bytes again can't pay twice. */
  text: z.string(),
  /** Block height before it was broadcast. */
  height: z.number(),
  /** Whether a node has said that it has it. */
  taken: z.boolean(),
});

export type SentTransaction = z.infer<typeof sentTransaction>;

export class JournalError extends AleoError {}

const lockPatienceMs = 60_000;
const lockRetryMs = 250;
const longestName = 100;

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

  /**
   * Runs `work` while nobody else on this machine works on the same subject; waits up to a minute
   * for the other. The lock is the kernel's, on a file of SQLite's: it ends with its process however
   * that ends, and lasts as long, even while a proof keeps this process from giving signs of life.
   * @throws JournalError where the other does not end
   * @throws FileError where the journal can't be kept
   */
  async exclusively<Result>(subject: string, work: () => Promise<Result>): Promise<Result> {
    const lock = await this.#explaining(async () => {
      await mkdir(this.#directory, { recursive: true, mode: 0o700 });
      return new DatabaseSync(`${this.fileOf(subject)}.lock`);
    });
    try {
      await this.#explaining(() => takeLock(lock, subject));
      return await work();
    } finally {
      lock.close();
    }
  }

  /**
   * @throws JournalError where the entry is damaged: then nobody can tell what was sent
   * @throws FileError where it can't be read
   */
  async read(subject: string): Promise<SentTransaction | undefined> {
    const text = await readIfThere(this.fileOf(subject));
    if (text === undefined) return undefined;
    try {
      return sentTransaction.parse(JSON.parse(text));
    } catch (cause) {
      throw new JournalError(
        `${this.fileOf(subject)} says that a transaction was sent for ${subject}, but can't be read.`,
        {
          remedy: "Look for a transaction of your account on chain, then remove the file.",
          cause,
        },
      );
    }
  }

  /** As `read`, by a run that then finds out what became of it. */
  async recall(subject: string): Promise<SentTransaction | undefined> {
    const sent = await this.read(subject);
    if (sent !== undefined) nowUnderWay(this.fileOf(subject), sent);
    return sent;
  }

  /**
   * Returns when the entry is on disk: a crash of the machine right after does not lose it.
   * @throws FileError where it can't be written, so that nothing is to be sent
   */
  write(subject: string, sent: SentTransaction): Promise<void> {
    nowUnderWay(this.fileOf(subject), sent);
    return writeWhole(this.fileOf(subject), JSON.stringify(sent));
  }

  async remove(subject: string): Promise<void> {
    await rm(this.fileOf(subject), { force: true });
    noMoreUnderWay(this.fileOf(subject));
  }

  /**
   * Where the entry is, if there is one. Subjects that can't be file names, or are too long for one,
   * are told apart by their hash.
   */
  fileOf(subject: string): string {
    const plain = subject.replaceAll(/[^A-Za-z0-9._-]/g, "-");
    const hash = createHash("sha256").update(subject).digest("hex").slice(0, 16);
    const fits = plain === subject && plain.length <= longestName;
    const name = fits ? plain : `${plain.slice(0, longestName)}-${hash}`;
    return join(this.#directory, `${name}.json`);
  }

  #explaining<Result>(work: () => Promise<Result>): Promise<Result> {
    return explainingFiles(work, this.#directory);
  }
}

async function takeLock(lock: DatabaseSync, subject: string): Promise<void> {
  const deadline = Date.now() + lockPatienceMs;
  for (;;) {
    try {
      lock.exec("BEGIN EXCLUSIVE");
      return;
    } catch (cause) {
      if (!isLocked(cause)) throw cause;
      if (Date.now() > deadline) {
        throw new JournalError(`Another run is still sending transactions for ${subject}.`, {
          remedy: "Wait until that run has ended, then run again.",
          cause,
        });
      }
    }
    await sleep(lockRetryMs);
  }
}

/** SQLITE_BUSY */
function isLocked(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && error.errcode === 5;
}
