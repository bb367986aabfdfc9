import { z } from "zod";
import { ReadingError } from "../errors.ts";

/** A program as it stood when it was read; what the node or the monitor can't tell is left out. */
const program = z.object({
  edition: z.number(),
  owner: z.string().optional(),
  amendments: z.number().optional(),
  /** Of its code. */
  checksum: z.string().optional(),
});

/** Microcredits, as decimal strings. */
const amount = z.string().regex(/^\d+$/);
const solvency = z.object({ held: amount, owed: amount });

/** ISO 8601. */
const moment = z.string();

/** A backup as people are shown it; null where its manifest can't tell. */
const seenBackup = z.object({
  /** Of an earlier height, computed from blocks: not what was live when it was made. */
  reconstructed: z.boolean().optional(),
  id: z.string(),
  /** `good`, or what is wrong with it. */
  state: z.string(),
  begunAt: moment,
  verifiedAt: moment.nullable(),
  height: z.number().nullable(),
  entries: z.number().nullable(),
  /** Of all its objects, as stored. */
  bytes: z.number(),
});

/** When a program's newest good backup was begun, and when one of its backups was last read and found good. */
const backupTimes = z.object({
  newest: moment.optional(),
  verified: moment.optional(),
  /** When one was last restored as a whole in a drill. */
  restored: moment.optional(),
  /** The latest ones, the newest first. */
  latest: z.array(seenBackup).optional(),
});

/** Backups by program. */
const backups = z.record(z.string(), backupTimes);

/** What is kept as a document, by the kind of its probe; the others are plain words. */
const shapes = { program, solvency, backups } as const;
type Documented = keyof typeof shapes;
type ReadingOf<Kind extends Documented> = z.infer<(typeof shapes)[Kind]>;

export type ProgramReading = Readonly<z.infer<typeof program>>;
export type SolvencyReading = Readonly<z.infer<typeof solvency>>;
export type BackupTimes = Readonly<z.infer<typeof backupTimes>>;
export type BackupReading = Readonly<Record<string, BackupTimes>>;

/**
 * What a probe found, from the text that the database keeps; undefined where it found nothing.
 * @throws ReadingError for what this version does not write
 */
export function readingOf<Kind extends Documented>(kind: Kind, text: string): ReadingOf<Kind>;
export function readingOf<Kind extends Documented>(
  kind: Kind,
  text: string | undefined,
): ReadingOf<Kind> | undefined;
export function readingOf(kind: Documented, text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return shapes[kind].parse(JSON.parse(text));
  } catch (cause) {
    throw new ReadingError(`What the database keeps of the probe "${kind}" can't be read.`, {
      remedy:
        "Run the version of aleo-ops that wrote it, or move the database (MONITOR_DATABASE) away: a new one is begun.",
      cause,
    });
  }
}
