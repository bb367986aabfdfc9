import { createHash } from "node:crypto";
import { programChecksum } from "../program/checksum.ts";
import { parseProgram } from "../program/parse.ts";
import type { StoredBackup } from "./catalog.ts";
import { BackupDamagedError, BackupIncompleteError } from "./errors.ts";
import { checkIn, folderOf, manifestObject } from "./layout.ts";
import { objectsOf, type Manifest, type MappingInfo } from "./manifest.ts";
import { entriesOf } from "./parts.ts";
import { readObject } from "./read-backup.ts";
import type { ObjectStore } from "./store.ts";

/** `incomplete` is what a run that was killed leaves: it never counted. */
export type BackupState = "good" | "damaged" | "incomplete" | "unreadable";

export interface BackupCheck {
  readonly program: string;
  readonly id: string;
  readonly state: BackupState;
  /** Each thing that is wrong. */
  readonly findings: readonly string[];
  /** Whether every object was read, and not only looked at. */
  readonly readData: boolean;
}

/**
 * Compares a backup with its manifest: every object is there and has its size; with `readData` it is
 * read, and has its SHA-256, its entries in their order and its program.
 */
export async function verifyBackup(
  store: ObjectStore,
  backup: StoredBackup,
  {
    readData,
    progress,
  }: { readonly readData: boolean; readonly progress?: (bytes: number) => void },
): Promise<BackupCheck> {
  const { program, id, manifest, problem } = backup;
  if (manifest === undefined) {
    const findings = problem === undefined ? [] : [problem.message];
    return { program, id, state: stateOf(backup), findings, readData: false };
  }
  const looked = lookedAt(backup, manifest);
  const findings = readData
    ? [...looked, ...(await contentFindings(store, backup, manifest, progress))]
    : looked;
  return {
    program,
    id,
    state: findings.length === 0 ? "good" : "damaged",
    findings: [...new Set(findings)],
    readData,
  };
}

/** What is known of a backup without looking at its objects. */
export function stateOf({ problem, check }: Pick<StoredBackup, "problem" | "check">): BackupState {
  if (problem === undefined) return check?.verdict ?? "good";
  // Only a whole backup is ever checked: one that was and has no manifest has lost it.
  if (problem instanceof BackupIncompleteError)
    return check === undefined ? "incomplete" : "damaged";
  return problem instanceof BackupDamagedError ? "damaged" : "unreadable";
}

function lookedAt({ objects }: StoredBackup, manifest: Manifest): string[] {
  const named = objectsOf(manifest);
  const known = new Set([manifestObject, ...named.map(({ object }) => object)]);
  const wrong = named.flatMap(({ object, bytes }) => {
    const found = objects.get(object);
    if (found === undefined) return [`${object} is missing`];
    return found === bytes ? [] : [`${object} has ${found} bytes, not ${bytes}`];
  });
  const strange = [...objects.keys()].filter(
    (object) => !known.has(object) && checkIn(object) === undefined,
  );
  return [...wrong, ...strange.map((object) => `${object} is not in the manifest`)];
}

async function contentFindings(
  store: ObjectStore,
  backup: StoredBackup,
  manifest: Manifest,
  progress: (bytes: number) => void = () => undefined,
): Promise<string[]> {
  const findings: string[] = [];
  const attempt = async (work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof BackupDamagedError)) throw error;
      findings.push(error.message);
    }
  };
  let read = 0;
  const readAndCount = async (object: Parameters<typeof readObject>[2]) => {
    const body = await readObject(store, backup, object);
    read += body.length;
    progress(read);
    return body;
  };
  await attempt(async () => {
    await readAndCount(manifest.claim);
  });
  await attempt(async () => {
    const source = (await readAndCount(manifest.programSource)).toString("utf8");
    const checksum = programChecksum(parseProgram(source));
    if (checksum !== manifest.checksum) findings.push("its program has not the checksum it states");
  });
  for (const mapping of manifest.mappings) {
    await attempt(() =>
      checkMapping(readAndCount, mapping, `${store.location}/${folderOf(backup)}`),
    );
  }
  return findings;
}

/** @throws BackupDamagedError for the first thing that is wrong with it */
async function checkMapping(
  read: (part: MappingInfo["parts"][number]) => Promise<Buffer>,
  mapping: MappingInfo,
  folder: string,
): Promise<void> {
  const refuse = (reason: string) =>
    new BackupDamagedError(`The mapping ${mapping.name} is damaged: ${reason}.`, {
      remedy: "Take another backup: `aleo-ops backups list`.",
    });
  const content = createHash("sha256");
  let last: string | undefined;
  let count = 0;
  for (const part of mapping.parts) {
    const entries = await entriesOf(await read(part), part, `${folder}${part.object}`, content);
    for (const [key] of entries) {
      if (last !== undefined && key <= last) throw refuse(`the key ${key} comes after ${last}`);
      last = key;
    }
    count += entries.length;
  }
  if (count !== mapping.entries) throw refuse(`it has ${count} entries, not ${mapping.entries}`);
  if (content.digest("hex") !== mapping.contentSha256) {
    throw refuse("its entries have not the SHA-256 that the manifest states");
  }
}
