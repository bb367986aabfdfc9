import { readdir, readFile, rm, rmdir, stat } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import {
  ObjectExistsError,
  type ObjectStore,
  StoreDeniedError,
  StoreUnreachableError,
} from "../../../aleo/backup/store.ts";
import { FileError } from "../../../aleo/file-error.ts";
import {
  createWhole,
  errnoOf,
  FileTakenError,
  isMissing,
  unfinished,
} from "../../../aleo/files.ts";

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
    create: (key, body) =>
      attempt(async () => {
        try {
          await createWhole(pathOf(key), body);
        } catch (error) {
          throw error instanceof FileTakenError ? new ObjectExistsError(key, folder) : error;
        }
      }),
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
      if (errnoOf(error) === "ENOTEMPTY") return;
      if (!isMissing(error)) throw error;
    }
  }
}

async function ifThere<Result>(work: Promise<Result>): Promise<Result | undefined> {
  try {
    return await work;
  } catch (error) {
    // A folder is no object.
    if (isMissing(error) || errnoOf(error) === "EISDIR") return undefined;
    throw error;
  }
}

function asStoreError(error: unknown, folder: string): unknown {
  const system = error instanceof FileError ? error.cause : error;
  const reason = system instanceof Error ? system.message : String(system);
  switch (errnoOf(error)) {
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
