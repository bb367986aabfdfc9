import { existsSync } from "node:fs";
import { readdir, readFile, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";

/**
 * Removes the locks that runs of the CLI left in a file backend because they were killed: those of
 * processes of this machine that have ended. Others stay, and the CLI says what to do about them.
 */
export async function removeStaleLocks(backend: string): Promise<void> {
  const locks = join(backend, ".pulumi", "locks");
  if (!existsSync(locks)) return;
  for (const entry of await readdir(locks, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    if (isStale(await readFile(file, "utf8"))) await rm(file, { force: true });
  }
}

/** A lock is `{"pid": …, "hostname": …}`; one that was killed while it was written is empty. */
function isStale(lock: string): boolean {
  if (lock.trim() === "") return true;
  const { pid, hostname: host } = JSON.parse(lock) as { pid?: number; hostname?: string };
  return host === hostname() && pid !== undefined && !isAlive(pid);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
