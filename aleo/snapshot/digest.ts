import { createHash, type Hash } from "node:crypto";
import type { MappingSnapshot, Snapshot } from "./snapshot.ts";

/**
 * SHA-256 of what the program held: its mappings and their entries, in hexadecimal. The same for
 * the same entries, whatever the program's name, the height and the source.
 */
export function entriesDigest(mappings: readonly MappingSnapshot[]): string {
  const hash = createHash("sha256");
  addMappings(hash, mappings);
  return hash.digest("hex");
}

/**
 * SHA-256 of a snapshot's content, in hexadecimal: network, program, edition, checksum, height,
 * block hash and entries. The same whatever source the snapshot was made from; owner and state
 * root, which not every node tells, are left out.
 */
export function snapshotDigest(snapshot: Snapshot): string {
  const { network, program, edition, checksum, height, blockHash, mappings } = snapshot;
  const hash = createHash("sha256");
  for (const part of [network, program, String(edition), checksum, String(height), blockHash]) {
    add(hash, part);
  }
  addMappings(hash, mappings);
  return hash.digest("hex");
}

function addMappings(hash: Hash, mappings: readonly MappingSnapshot[]): void {
  hash.update(`${mappings.length} mappings\n`);
  for (const { name, entries } of mappings) {
    add(hash, name);
    hash.update(`${entries.length} entries\n`);
    for (const [key, value] of entries) {
      add(hash, key);
      add(hash, value);
    }
  }
}

/** With the length before it, so that no two lists of texts look alike. */
function add(hash: Hash, text: string): void {
  hash.update(`${Buffer.byteLength(text)}:${text}\n`);
}
