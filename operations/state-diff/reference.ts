import { readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { z } from "zod";
import { isBackupId } from "../../aleo/backup/backup-id.ts";
import { manifestObject, programObject } from "../../aleo/backup/layout.ts";
import { loadSnapshot } from "../../aleo/backup/load-snapshot.ts";
import { openBackup } from "../../aleo/backup/read-backup.ts";
import type { ObjectStore } from "../../aleo/backup/store.ts";
import { AleoError } from "../../aleo/errors.ts";
import type { NodeClient } from "../../aleo/node/client.ts";
import { parseProgram } from "../../aleo/program/parse.ts";
import { type Entry, type MappingSnapshot, sortedMappings } from "../../aleo/snapshot/snapshot.ts";
import { takeSnapshot } from "../../aleo/snapshot/take.ts";
import { highestBackup } from "../backup/base.ts";
import { folderStore } from "../backup/store/folder-store.ts";

/** What a name for a state can't be, or is not. */
class StateReferenceError extends AleoError {}

/** A state that was named. */
export interface NamedState {
  /** What it is, for people: `backup 20250621_1200 (height 29)`. */
  readonly title: string;
  readonly program: string;
  /** Null where the files don't tell. */
  readonly height: number | null;
  readonly mappings: readonly MappingSnapshot[];
}

export interface Where {
  readonly node: NodeClient;
  /** Undefined where the command named no program. */
  readonly program: string | undefined;
  /** Opened only when a backup is named, or a height is to be replayed. */
  readonly store: () => Promise<ObjectStore>;
  readonly show: (text: string) => void;
}

/**
 * The state that a text names: a height or `latest`, the id of a backup, the folder of a backup, or
 * one that `restore --to-folder` wrote.
 * @throws StateReferenceError
 */
export async function stateNamed(text: string, where: Where): Promise<NamedState> {
  if (text === "latest") return atHead(where);
  if (/^\d{1,10}$/.test(text)) return atHeight(Number(text), where);
  if (isBackupId(text)) {
    return inBackup(await where.store(), programOf(where, text), text, where.node);
  }
  const folder = resolve(text);
  if (await isFile(join(folder, manifestObject))) {
    const program = dirname(folder);
    return inBackup(folderStore(dirname(program)), basename(program), basename(folder), where.node);
  }
  if (await isFile(join(folder, programObject))) return inFiles(folder);
  throw new StateReferenceError(`${JSON.stringify(text)} names no state.`, {
    remedy:
      "Name a height, `latest`, the id of a backup, the folder of a backup, or one that `restore --to-folder` wrote.",
  });
}

function programOf({ program }: Where, text: string): string {
  if (program !== undefined) return program;
  throw new StateReferenceError(`It is not said of which program ${text} is meant.`, {
    remedy: "Name it with --program.",
  });
}

async function atHead(where: Where): Promise<NamedState> {
  const program = programOf(where, "latest");
  where.show(`${program}: reading its state`);
  const { snapshot } = await takeSnapshot(where.node, program, { source: "auto" });
  const { height, mappings } = snapshot;
  return { title: `height ${height}, the newest`, program, height, mappings };
}

async function atHeight(height: number, where: Where): Promise<NamedState> {
  const { node, show } = where;
  const program = programOf(where, `height ${height}`);
  const base = await baseFor(height, program, where);
  const { snapshot } = await takeSnapshot(node, program, {
    source: "replay",
    height,
    ...(base !== undefined && { base: [base.snapshot] }),
    onBlock: (replayed, last) => {
      show(`${program}: block ${replayed.height} of ${last} replayed`);
    },
  });
  return { title: `height ${height}`, program, height, mappings: snapshot.mappings };
}

/** Without a store that can be looked into, the replay begins with the deployment. */
async function baseFor(height: number, program: string, { node, store }: Where) {
  try {
    return await highestBackup(node, await store(), program, height - 1);
  } catch (error) {
    if (error instanceof AleoError) return undefined;
    throw error;
  }
}

async function inBackup(
  store: ObjectStore,
  program: string,
  id: string,
  { network }: NodeClient,
): Promise<NamedState> {
  const manifest = await openBackup(store, { program, id }, network);
  const { height, mappings } = await loadSnapshot(store, manifest);
  return { title: `backup ${id}, height ${height}`, program, height, mappings };
}

const line = z.object({ key: z.string(), value: z.string() });
const extension = ".ndjson";

async function inFiles(folder: string): Promise<NamedState> {
  const program = parseProgram(await readFile(join(folder, programObject), "utf8")).id;
  const names = (await readdir(folder)).filter((name) => name.endsWith(extension));
  const mappings = await Promise.all(
    names.map(async (name): Promise<readonly [string, Entry[]]> => {
      const text = await readFile(join(folder, name), "utf8");
      return [name.slice(0, -extension.length), entriesIn(text, join(folder, name))];
    }),
  );
  return { title: folder, program, height: null, mappings: sortedMappings(mappings) };
}

function entriesIn(text: string, file: string): Entry[] {
  return text
    .split("\n")
    .filter((one) => one !== "")
    .map((one, index): Entry => {
      try {
        const { key, value } = line.parse(JSON.parse(one));
        return [key, value];
      } catch (cause) {
        throw new StateReferenceError(`${file}: line ${index + 1} is no entry.`, {
          remedy:
            "Have it written anew: `aleo-ops restore --backup-id ID --contract PROGRAM --to-folder FOLDER`.",
          cause,
        });
      }
    });
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() === true;
}
