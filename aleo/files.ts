import { randomUUID } from "node:crypto";
import { link, mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { explainingFiles, FileError } from "./file-error.ts";

/** The name of what is not whole yet begins so. Only a kill leaves it behind; nothing reads it. */
export const unfinished = ".unfinished-";

/** There is a file of that name already. */
export class FileTakenError extends FileError {}

interface WriteOptions {
  /** Who may do what with the file, less the umask; its owner alone where it is left out. */
  readonly mode?: number;
}

/**
 * A file's text, or undefined where there is none.
 * @throws FileError where it is there and can't be read
 */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await explainingFiles(() => readFile(path, "utf8"), path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/**
 * Puts a file in place, over what is there: whole or not at all, whoever reads it meanwhile, and on
 * disk when it returns, though the machine crash right after. Folders that are missing are made, for
 * their owner alone.
 * @throws FileError
 */
export function writeWhole(
  path: string,
  body: string | Uint8Array,
  options: WriteOptions = {},
): Promise<void> {
  return place(path, body, options, rename);
}

/**
 * As `writeWhole`, but never over a file that is there.
 * @throws FileTakenError, FileError
 */
export function createWhole(
  path: string,
  body: string | Uint8Array,
  options: WriteOptions = {},
): Promise<void> {
  return place(path, body, options, async (aside) => {
    try {
      // Unlike a rename, a link does not take the place of what is there.
      await link(aside, path);
    } catch (cause) {
      if (errnoOf(cause) !== "EEXIST") throw cause;
      throw new FileTakenError(`There is a file ${path} already.`, {
        remedy: "Name another, or take that one away knowingly.",
        cause,
      });
    }
  });
}

/** Whether it says that a file or a folder is not there. */
export function isMissing(error: unknown): boolean {
  return errnoOf(error) === "ENOENT";
}

/** The system's name for what went wrong, such as EEXIST, also where a FileError tells it. */
export function errnoOf(error: unknown): string | undefined {
  const system = error instanceof FileError ? error.cause : error;
  return system instanceof Error ? (system as NodeJS.ErrnoException).code : undefined;
}

function place(
  path: string,
  body: string | Uint8Array,
  { mode = 0o600 }: WriteOptions,
  move: (from: string, to: string) => Promise<void>,
): Promise<void> {
  return explainingFiles(async () => {
    const folder = dirname(resolve(path));
    const firstMade = await mkdir(folder, { recursive: true, mode: 0o700 });
    const aside = join(folder, `${unfinished}${randomUUID()}`);
    try {
      const file = await open(aside, "wx", mode);
      try {
        await file.writeFile(body);
        await file.sync();
      } finally {
        await file.close();
      }
      await move(aside, path);
    } finally {
      await rm(aside, { force: true });
    }
    // A new name is on disk when its folder is.
    const last = firstMade === undefined ? folder : dirname(firstMade);
    for (let at = folder; ; at = dirname(at)) {
      await syncFolder(at);
      if (at === last || at === dirname(at)) return;
    }
  }, path);
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
