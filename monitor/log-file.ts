import { lstatSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { basename } from "node:path";
import type { RolledFile } from "pino-roll";
import { MonitorSettingError } from "./errors.ts";

/** A day's log, or this much of it; and how many of them. */
const size = "20m";
const kept = 14;

/**
 * A log file that is changed for another each day and at 20 MB; 14 of them are kept. `file` is a
 * link to the one that is written: `logs/aleo_monitor.log` to `logs/aleo_monitor.2026-11-25.1.log`.
 * @throws MonitorSettingError for a file that can't be written
 */
export async function openLogFile(file: string): Promise<RolledFile> {
  try {
    requireLink(file);
    const { default: roll } = await import("pino-roll");
    const rolled = await roll({
      ...{ file, size, frequency: "daily", dateFormat: "yyyy-MM-dd" },
      // Written at once, so that a monitor that is killed has said its last word.
      sync: true,
      mkdir: true,
      limit: { count: kept, removeOtherLogFiles: true },
    });
    link(file, rolled.file);
    rolled.on("ready", () => {
      link(file, rolled.file);
    });
    toleratingErrors(rolled, file);
    return rolled;
  } catch (error) {
    if (error instanceof MonitorSettingError) throw error;
    throw new MonitorSettingError(`The log file ${file} can't be written: ${String(error)}.`, {
      remedy: "Name a file in a folder that can be written in MONITOR_LOG_FILE, or leave it out.",
      cause: error,
    });
  }
}

/** The log goes on without the file, as on a disk that is full, and says so once. */
function toleratingErrors(rolled: RolledFile, file: string): void {
  let isTold = false;
  rolled.on("error", (error: unknown) => {
    if (!isTold) process.stderr.write(`The log file ${file} can't be written: ${String(error)}\n`);
    isTold = true;
  });
  rolled.on("write", () => {
    isTold = false;
  });
}

function requireLink(file: string): void {
  const found = lstatSync(file, { throwIfNoEntry: false });
  if (found === undefined || found.isSymbolicLink()) return;
  throw new MonitorSettingError(`${file} is there already, and is no log of this monitor's.`, {
    remedy: "Move it away, or name another file in MONITOR_LOG_FILE.",
  });
}

function link(file: string, target: string): void {
  const aside = `${file}.new`;
  rmSync(aside, { force: true });
  symlinkSync(basename(target), aside);
  renameSync(aside, file);
}
