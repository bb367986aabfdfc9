import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { promisify } from "node:util";

/** The files of a project, by their paths from its root. */
export interface Tree {
  readonly root: string;
  readonly files: readonly string[];
  /** Whether it is a work tree of git, so that there is a history. */
  readonly hasHistory: boolean;
  /** The text of a file; undefined for what is no text, or is too large to be one. */
  read(file: string): string | undefined;
}

const largestText = 5_000_000;
const notOurs = new Set(["node_modules", ".git", ".state", "coverage"]);

/** What git keeps or would keep, with what is not added yet; without git, every file that is there. */
export async function treeAt(root: string): Promise<Tree> {
  const listed = await gitFiles(root);
  return {
    root,
    files: listed ?? [...walk(root, root)],
    hasHistory: listed !== undefined,
    read: (file) => readText(join(root, file)),
  };
}

async function gitFiles(root: string): Promise<string[] | undefined> {
  // A folder inside somebody else's work tree is not this project's.
  if (!existsSync(join(root, ".git"))) return undefined;
  try {
    const { stdout } = await promisify(execFile)(
      "git",
      ["ls-files", "-z", "--cached", "--others", "--exclude-standard"],
      { cwd: root, maxBuffer: 64_000_000 },
    );
    return [...new Set(stdout.split("\0").filter((file) => file !== ""))];
  } catch {
    return undefined;
  }
}

function* walk(folder: string, root: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (notOurs.has(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* walk(path, root);
    else if (entry.isFile()) yield relative(root, path);
  }
}

function readText(path: string): string | undefined {
  // What is listed may have been deleted, or be a link to nothing.
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isFile() !== true || found.size > largestText) return undefined;
  const bytes = readFileSync(path);
  return bytes.subarray(0, 8_000).includes(0) ? undefined : bytes.toString("utf8");
}
