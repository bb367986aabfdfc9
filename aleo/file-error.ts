import { statSync } from "node:fs";
import { AleoError } from "./errors.ts";

/** The system refuses a file or a folder. */
export class FileError extends AleoError {}

const reasons: Readonly<Record<string, readonly [reason: string, remedy: string]>> = {
  EACCES: ["this user may not", "Give this user the right to it"],
  EPERM: ["this user may not", "Give this user the right to it"],
  EROFS: ["its file system is read-only", "Name another place"],
  ENOSPC: ["its disk is full", "Make room there"],
  EDQUOT: ["this user's share of its disk is full", "Make room there"],
  ENOENT: ["it is not there", "Check its name"],
  ENOTDIR: ["a part of its path is no folder", "Check its name"],
  EISDIR: ["it is a folder", "Name a file"],
};

/** SQLite's own for what it can't write or open: https://www.sqlite.org/rescode.html */
const sqliteRefusals = new Set([8, 14]);

/**
 * What the system, or SQLite, said of a file as a person should read it.
 * @param file which, where the error does not name it
 * @returns undefined for any other error
 */
export function fileError(error: unknown, file?: string): FileError | undefined {
  if (!(error instanceof Error)) return undefined;
  const {
    code = "",
    path = file,
    dest = path,
    errcode,
  } = error as NodeJS.ErrnoException & {
    readonly dest?: string;
    readonly errcode?: number;
  };
  const isSqlites = errcode !== undefined && sqliteRefusals.has(errcode & 0xff);
  const known = reasons[isSqlites ? "EACCES" : code];
  if (known === undefined || path === undefined) return undefined;
  const [reason, remedy] = known;
  const user = reason.startsWith("this user") ? ` (${userText()}; see \`ls -ld ${dest}\`)` : "";
  return new FileError(`${dest} can't be used: ${reason} (${error.message}).`, {
    remedy: `${remedy}${user}, then run again.`,
    cause: error,
  });
}

/** Does what touches files; an error of the system's becomes a FileError. */
export async function explainingFiles<Result>(
  work: () => Promise<Result>,
  file?: string,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw fileError(error, file) ?? error;
  }
}

/**
 * Whether a file is there; unlike existsSync, not "no" for one that this user may not look for.
 * @throws FileError
 */
export function isThere(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    throw fileError(error) ?? error;
  }
}

function userText(): string {
  return `uid ${process.getuid?.() ?? "?"}`;
}
