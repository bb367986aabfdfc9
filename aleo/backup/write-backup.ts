import { createHash, randomUUID } from "node:crypto";
import type { Snapshot } from "../snapshot/snapshot.ts";
import { backupId } from "./backup-id.ts";
import { claimObject, keyOf, manifestObject, partObject, programObject } from "./layout.ts";
import type { BackupName } from "./layout.ts";
import {
  manifestText,
  sha256Of,
  type MappingInfo,
  type ObjectInfo,
  type PartInfo,
} from "./manifest.ts";
import { partsOf, type Entry } from "./parts.ts";
import { ObjectExistsError, type ObjectStore } from "./store.ts";

/** A snapshot whose entries may arrive one by one: so a backup needs no more memory than a few parts. */
export type BackupContent = Omit<Snapshot, "mappings"> & {
  readonly mappings: readonly {
    readonly name: string;
    readonly entries: Iterable<Entry> | AsyncIterable<Entry>;
  }[];
};

export interface WrittenBackup extends BackupName {
  readonly entries: number;
  /** Of all objects, as stored. */
  readonly bytes: number;
}

export interface WriteOptions {
  readonly begun?: Date;
  /** Entries stored so far. */
  readonly progress?: (entries: number) => void;
  /** Size of a part without compression. */
  readonly partBytes?: number;
}

/** Ids of one minute that are tried; more backups of a program in a minute are a mistake. */
const mostAttempts = 100;
/** Parts that are stored at once. */
const width = 2;

/**
 * Stores a backup under an id of its own: objects first, the manifest last, nothing twice. Killed
 * anywhere, it leaves a whole backup or one that does not count.
 * @throws as the methods of ObjectStore do
 */
export async function writeBackup(
  store: ObjectStore,
  content: BackupContent,
  { begun = new Date(), progress = () => undefined, partBytes }: WriteOptions = {},
): Promise<WrittenBackup> {
  const { name, claim } = await takeId(store, content.program, begun);
  const source = Buffer.from(content.programSource);
  await createOwn(store, keyOf(name, programObject), source);

  let stored = 0;
  const mappings: MappingInfo[] = [];
  for (const { name: mapping, entries } of content.mappings) {
    const hash = createHash("sha256");
    const parts: PartInfo[] = [];
    await inPairs(partsOf(entries, hash, partBytes), async ({ body, info }) => {
      const object = partObject(mapping, parts.length);
      parts.push({ object, ...info });
      await createOwn(store, keyOf(name, object), body);
      stored += info.entries;
      progress(stored);
    });
    mappings.push({
      name: mapping,
      entries: parts.reduce((sum, { entries: count }) => sum + count, 0),
      contentSha256: hash.digest("hex"),
      parts,
    });
  }

  const manifest = Buffer.from(
    manifestText({
      id: name.id,
      network: content.network,
      program: content.program,
      edition: content.edition,
      owner: content.owner ?? null,
      checksum: content.checksum,
      height: content.height,
      blockHash: content.blockHash,
      stateRoot: content.stateRoot ?? null,
      blockTime: new Date(content.blockTimeMs).toISOString(),
      begunAt: begun.toISOString(),
      source: content.source,
      verification: content.verification,
      claim,
      programSource: infoOf(programObject, source),
      mappings,
    }),
  );
  await createOwn(store, keyOf(name, manifestObject), manifest);
  const parts = mappings.flatMap((mapping) => mapping.parts);
  const rest = claim.bytes + source.length + manifest.length;
  return {
    ...name,
    entries: stored,
    bytes: parts.reduce((sum, { bytes }) => sum + bytes, rest),
  };
}

function infoOf(object: string, body: Uint8Array): ObjectInfo {
  return { object, bytes: body.length, sha256: sha256Of(body) };
}

/** Takes the first id of this minute that nobody has: of two at once, only one creates the object. */
async function takeId(
  store: ObjectStore,
  program: string,
  begun: Date,
): Promise<{ name: BackupName; claim: ObjectInfo }> {
  for (let attempt = 1; ; attempt += 1) {
    const name = { program, id: backupId(begun, attempt) };
    const text = JSON.stringify({ begunAt: begun.toISOString(), by: randomUUID() });
    const body = Buffer.from(`${text}\n`);
    try {
      await store.create(keyOf(name, claimObject), body);
      return { name, claim: infoOf(claimObject, body) };
    } catch (error) {
      if (!(error instanceof ObjectExistsError) || attempt === mostAttempts) throw error;
    }
  }
}

/** Under an id that this run has taken, what an earlier attempt may have written is this run's. */
async function createOwn(store: ObjectStore, key: string, body: Uint8Array): Promise<void> {
  try {
    await store.create(key, body);
  } catch (error) {
    if (!(error instanceof ObjectExistsError && error.maybeOwn)) throw error;
  }
}

/** Works on two items at once, and makes the next one only when there is room. */
async function inPairs<Item>(
  items: AsyncIterable<Item>,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  for await (const item of items) {
    const task = work(item)
      .catch((error: unknown) => {
        failures.push(error);
      })
      .finally(() => running.delete(task));
    running.add(task);
    if (running.size >= width) await Promise.race(running);
    if (failures.length > 0) break;
  }
  await Promise.all(running);
  if (failures.length > 0) throw failures[0];
}
