import { createWriteStream } from "node:fs";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Manifest } from "../../aleo/backup/manifest.ts";
import { readEntries, readObject } from "../../aleo/backup/read-backup.ts";
import type { ObjectStore } from "../../aleo/backup/store.ts";
import { RestoreError } from "./batch.ts";

/**
 * Writes a backup into an empty folder to be looked at: the program's source, and a file of lines
 * `{"key": …, "value": …}` a mapping. Each object is compared with the manifest on its way.
 * @throws RestoreError where the folder is not empty
 * @throws BackupDamagedError
 */
export async function restoreToFolder(
  store: ObjectStore,
  manifest: Manifest,
  folder: string,
): Promise<{ readonly folder: string; readonly files: readonly string[] }> {
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length > 0) {
    throw new RestoreError(`The folder ${folder} is not empty.`, { remedy: "Name a new one." });
  }
  const program = "program.aleo";
  await writeFile(join(folder, program), await readObject(store, manifest, manifest.programSource));
  const files = [program];
  for (const mapping of manifest.mappings) {
    const file = `${mapping.name}.ndjson`;
    await pipeline(
      Readable.from(linesOf(readEntries(store, manifest, mapping))),
      createWriteStream(join(folder, file), { flags: "wx" }),
    );
    files.push(file);
  }
  return { folder, files };
}

async function* linesOf(
  parts: AsyncIterable<readonly (readonly [string, string])[]>,
): AsyncGenerator<string> {
  for await (const entries of parts) {
    for (const [key, value] of entries) yield `${JSON.stringify({ key, value })}\n`;
  }
}
