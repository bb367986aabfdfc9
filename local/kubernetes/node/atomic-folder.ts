import { existsSync, readdirSync, readFileSync, readlinkSync, realpathSync } from "node:fs";
import { chmod, mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

export interface FolderFile {
  readonly content: Buffer;
  readonly mode: number;
}

/** By path inside the folder. */
export type FolderFiles = ReadonlyMap<string, FolderFile>;

/**
 * Makes a folder hold exactly these files, all in one moment: they are written aside, and the link
 * `..data`, through which each is read, is moved over. So does the kubelet.
 */
export async function writeFolder(folder: string, files: FolderFiles): Promise<void> {
  await mkdir(folder, { recursive: true });
  if (holds(folder, files)) return;
  const aside = await mkdtemp(join(folder, `..${new Date().toISOString().replaceAll(":", "_")}.`));
  await chmod(aside, 0o755);
  for (const [path, { content, mode }] of files) {
    const file = join(aside, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
    // Given here, because the mode of a new file loses what the process's mask forbids.
    await chmod(file, mode);
  }
  const link = join(folder, "..data");
  const before = existsSync(link) ? readlinkSync(link) : undefined;
  await rm(`${link}_tmp`, { force: true });
  await symlink(basename(aside), `${link}_tmp`);
  await rename(`${link}_tmp`, link);
  const tops = new Set([...files.keys()].map((path) => path.split("/")[0] ?? path));
  for (const top of tops) {
    const entry = join(folder, top);
    if (!isLink(entry)) await symlink(join("..data", top), entry);
  }
  for (const name of readdirSync(folder)) {
    if (!name.startsWith("..") && !tops.has(name)) await rm(join(folder, name));
  }
  if (before !== undefined) await rm(join(folder, before), { recursive: true, force: true });
}

function holds(folder: string, files: FolderFiles): boolean {
  const data = join(folder, "..data");
  if (!existsSync(data)) return false;
  const present = readdirSync(realpathSync(data), { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile(),
  );
  return (
    present.length === files.size &&
    [...files].every(([path, { content }]) => {
      const file = join(data, path);
      return existsSync(file) && readFileSync(file).equals(content);
    })
  );
}

function isLink(path: string): boolean {
  try {
    readlinkSync(path);
    return true;
  } catch {
    return false;
  }
}
