import { createHash, type Hash } from "node:crypto";
import { promisify } from "node:util";
import { zstdCompress, zstdDecompress } from "node:zlib";
import { z } from "zod";
import { BackupDamagedError } from "./errors.ts";
import { sha256Of, type PartInfo } from "./manifest.ts";

/** A key and its value, as the chain prints them. */
export type Entry = readonly [key: string, value: string];

/** A part that is to be stored. */
export interface Part {
  readonly body: Buffer;
  readonly info: Omit<PartInfo, "object">;
}

/** A part is closed when it has this size without compression: so much of a backup is in memory at once. */
const partBytes = 32 * 1024 * 1024;

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/**
 * Cuts the entries of a mapping into compressed parts, one at a time.
 * @param content takes in all entries without compression
 * @throws Error where the keys are not in ascending order: a key that comes twice would not be found
 */
export async function* partsOf(
  entries: Iterable<Entry> | AsyncIterable<Entry>,
  content: Hash,
  largest = partBytes,
): AsyncGenerator<Part> {
  let raw = new RawPart(largest);
  let last: string | undefined;
  for await (const [key, value] of entries) {
    if (last !== undefined && last >= key) {
      throw new Error(`the key ${key} comes after ${last}: entries must be in ascending order`);
    }
    last = key;
    raw.add(`${JSON.stringify({ key, value })}\n`);
    if (raw.isFull) {
      yield await closed(raw, content);
      raw = new RawPart(largest);
    }
  }
  if (raw.entries > 0) yield await closed(raw, content);
}

/** Lines of text in one growing buffer. */
class RawPart {
  readonly #largest: number;
  #buffer = Buffer.allocUnsafe(64 * 1024);
  #used = 0;
  entries = 0;

  constructor(largest: number) {
    this.#largest = largest;
  }

  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#used);
  }

  get isFull(): boolean {
    return this.#used >= this.#largest;
  }

  add(line: string): void {
    const needed = this.#used + Buffer.byteLength(line);
    if (needed > this.#buffer.length) {
      const grown = Buffer.allocUnsafe(Math.max(needed, 2 * this.#buffer.length));
      this.bytes.copy(grown);
      this.#buffer = grown;
    }
    this.#used += this.#buffer.write(line, this.#used);
    this.entries += 1;
  }
}

async function closed(raw: RawPart, content: Hash): Promise<Part> {
  content.update(raw.bytes);
  const body = await compress(raw.bytes);
  const info = {
    bytes: body.length,
    sha256: sha256Of(body),
    entries: raw.entries,
    rawBytes: raw.bytes.length,
  };
  return { body, info };
}

const line = z.strictObject({ key: z.string(), value: z.string() });

/**
 * The entries of a part that has the SHA-256 of its manifest.
 * @param content takes in all entries without compression
 * @throws BackupDamagedError where they are not what the manifest says
 */
export async function entriesOf(
  body: Uint8Array,
  info: PartInfo,
  where: string,
  content: Hash = createHash("sha256"),
): Promise<Entry[]> {
  const refuse = (reason: string, cause?: unknown) =>
    new BackupDamagedError(`${where} is damaged: ${reason}.`, {
      remedy: "Take another backup: `aleo-ops backups list`.",
      cause,
    });
  let raw: Buffer;
  try {
    raw = await decompress(body, { maxOutputLength: info.rawBytes });
  } catch (cause) {
    throw refuse("it can't be decompressed", cause);
  }
  if (raw.length !== info.rawBytes) {
    throw refuse(`it has ${raw.length} bytes without compression, not ${info.rawBytes}`);
  }
  content.update(raw);
  const entries = raw
    .toString("utf8")
    .split("\n")
    .slice(0, -1)
    .map((text, index): Entry => {
      try {
        const { key, value } = line.parse(JSON.parse(text));
        return [key, value];
      } catch (cause) {
        throw refuse(`its line ${index + 1} is no entry`, cause);
      }
    });
  if (entries.length !== info.entries) {
    throw refuse(`it holds ${entries.length} entries, not ${info.entries}`);
  }
  return entries;
}
