import type { Snapshot } from "../snapshot/snapshot.ts";
import type { Manifest } from "./manifest.ts";
import { readEntries, readObject } from "./read-backup.ts";
import type { Entry } from "./parts.ts";
import type { ObjectStore } from "./store.ts";

/**
 * All that a backup holds, in memory, each object compared with the manifest.
 * @throws BackupDamagedError
 */
export async function loadSnapshot(store: ObjectStore, manifest: Manifest): Promise<Snapshot> {
  const source = await readObject(store, manifest, manifest.programSource);
  const mappings: { name: string; entries: Entry[] }[] = [];
  for (const mapping of manifest.mappings) {
    const parts = await Array.fromAsync(readEntries(store, manifest, mapping));
    mappings.push({ name: mapping.name, entries: parts.flat() });
  }
  const { network, program, edition, checksum, height, blockHash } = manifest;
  return {
    network,
    program,
    edition,
    checksum,
    programSource: source.toString("utf8"),
    owner: manifest.owner ?? undefined,
    height,
    blockHash,
    stateRoot: manifest.stateRoot ?? undefined,
    blockTimeMs: Date.parse(manifest.blockTime),
    mappings,
    source: manifest.source,
    verification: manifest.verification as Snapshot["verification"],
  };
}
