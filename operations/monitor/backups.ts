import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { BackupReading, BackupTimes } from "../../monitor/watch/readings.ts";
import type { Settings } from "../../settings.ts";
import { AlertError } from "../alerts/alerts.ts";
import type { ListedBackup } from "../backup/list.ts";

/** How many of each program are kept for the dashboard. */
const shown = 10;
const mostBytes = 64 * 1024 * 1024;

/**
 * When the backups of each program were made and verified, as `aleo-ops backups list` tells: a
 * process of its own, so that the monitor does not carry the AWS SDK.
 * @param ended ends the process
 * @throws AlertError with what the command said as its cause
 */
export async function backupTimes(
  { network, programs }: Pick<Settings, "network" | "programs">,
  environment: NodeJS.ProcessEnv,
  ended: AbortSignal,
): Promise<BackupReading> {
  const command = join(import.meta.dirname, "..", "cli.ts");
  const args = [command, "backups", "list", "--json", "--network", network];
  const options = { env: environment, signal: ended, timeout: 120_000, maxBuffer: mostBytes };
  const { stdout } = await promisify(execFile)(process.execPath, args, options).catch(
    (error: unknown) => {
      throw new AlertError("The backups can't be listed, so their age is not known.", {
        remedy: "Run `aleo-ops backups list` with the monitor's environment.",
        cause: new Error(reasonOf(error)),
      });
    },
  );
  const backups = JSON.parse(stdout) as ListedBackup[];
  return Object.fromEntries(
    programs.map(({ program }) => [
      program,
      timesOf(backups.filter((backup) => backup.program === program)),
    ]),
  );
}

/** What the command said, without the stack of its caller. */
function reasonOf(error: unknown): string {
  const said = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : "";
  return said === "" ? String(error) : said;
}

function timesOf(backups: readonly ListedBackup[]): BackupTimes {
  const latest = (times: readonly string[]) => times.toSorted().at(-1);
  return {
    newest: latest(
      backups
        .filter(({ state, reconstructed }) => state === "good" && !reconstructed)
        .map(({ begunAt }) => begunAt),
    ),
    verified: latest(backups.flatMap(({ verifiedAt }) => verifiedAt ?? [])),
    restored: latest(backups.flatMap(({ restoredAt }) => restoredAt ?? [])),
    latest: backups
      .toSorted((a, b) => b.begunAt.localeCompare(a.begunAt))
      .slice(0, shown)
      .map(({ id, state, reconstructed, begunAt, verifiedAt, height, entries, bytes }) => ({
        ...{ id, state, reconstructed, begunAt, verifiedAt, height, entries, bytes },
      })),
  };
}
