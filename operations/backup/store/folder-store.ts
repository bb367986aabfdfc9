import { randomUUID } from "node:crypto";
import { link, mkdir, open, readdir, readFile, rm, rmdir, stat } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import {
  ObjectExistsError,
  type ObjectStore,
  StoreDeniedError,
  StoreUnreachableError,
} from "../../../aleo/backup/store.ts";

/** What is not finished begins so, and is no object. */
const unfinished = ".unfinished-";

/** A folder as a store. It is made when the first object is written. */
export function folderStore(folder: string): ObjectStore {
  const pathOf = (key: string) => join(folder, ...key.split("/"));

  const attempt = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    try {
      return await work();
    } catch (error) {
      throw asStoreError(error, folder);
    }
  };

  return {
    location: folder,
    create: (key, body) => attempt(() => createFile(pathOf(key), body, key, folder)),
    read: (key) => attempt(() => ifThere(readFile(pathOf(key)))),
    async *list(prefix) {
      const files = await attempt(() => filesUnder(folder));
      for (const path of files) {
        const key = relative(folder, path).split(sep).join("/");
        if (!key.startsWith(prefix)) continue;
        const found = await attempt(() => ifThere(stat(path)));
        if (found !== undefined) yield { key, bytes: found.size };
      }
    },
    lockedUntil: () => Promise.resolve(undefined),
    remove: (key) =>
      attempt(async () => {
        await rm(pathOf(key), { force: true });
        await removeEmpty(dirname(pathOf(key)), folder);
      }),
    close: () => undefined,
  };
}

/** Under its name only when all of it is on disk; a link fails where the name is taken. */
async function createFile(
  path: string,
  body: Uint8Array,
  key: string,
  folder: string,
): Promise<void> {
  const parent = dirname(path);
  await mkdir(parent, { recursive: true });
  const aside = join(parent, `${unfinished}${randomUUID()}`);
  try {
    const file = await open(aside, "wx", 0o600);
    try {
      await file.writeFile(body);
      await file.sync();
    } finally {
      await file.close();
    }
    await link(aside, path);
  } catch (error) {
    if (codeOf(error) === "EEXIST") throw new ObjectExistsError(key, folder);
    throw error;
  } finally {
    await rm(aside, { force: true });
  }
  for (let at = parent; ; at = dirname(at)) {
    await syncDirectory(at);
    if (at === folder || at === dirname(at)) return;
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

async function filesUnder(folder: string): Promise<string[]> {
  const entries = await ifThere(readdir(folder, { recursive: true, withFileTypes: true }));
  return (entries ?? [])
    .filter((entry) => entry.isFile() && !entry.name.startsWith(unfinished))
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Folders that hold nothing any more, up to the store's own. */
async function removeEmpty(directory: string, folder: string): Promise<void> {
  for (let at = directory; at !== folder && at.startsWith(folder); at = dirname(at)) {
    const left = await ifThere(readdir(at));
    if (left === undefined) continue;
    for (const name of left.filter((one) => one.startsWith(unfinished))) {
      await rm(join(at, name), { force: true });
    }
    try {
      await rmdir(at);
    } catch (error) {
      if (codeOf(error) === "ENOTEMPTY") return;
      if (codeOf(error) !== "ENOENT") throw error;
    }
  }
}

async function ifThere<Result>(work: Promise<Result>): Promise<Result | undefined> {
  try {
    return await work;
  } catch (error) {
    // A folder is no object.
    if (codeOf(error) === "ENOENT" || codeOf(error) === "EISDIR") return undefined;
    throw error;
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}

function asStoreError(error: unknown, folder: string): unknown {
  const reason = error instanceof Error ? error.message : String(error);
  switch (codeOf(error)) {
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return new StoreDeniedError(`The folder ${folder} can't be used: ${reason}.`, {
        remedy: "Give this user the right to read and write there, or name another folder.",
        cause: error,
      });
    case "ENOSPC":
    case "EDQUOT":
    case "EIO":
    case "ENOTDIR":
    case "EEXIST":
      return new StoreUnreachableError(`The folder ${folder} can't be used: ${reason}.`, {
        remedy: "Make room there, or name another folder; then run again.",
        cause: error,
      });
    default:
      return error;
  }
}
