import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { BackupReading, BackupTimes } from "../monitor/watch/probe.ts";
import type { Settings } from "../settings.ts";
import type { ListedBackup } from "./backups-list.ts";

/**
 * When the backups of each program were made and verified, as `aleo-ops backups list` tells: a
 * process of its own, so that the monitor does not carry the AWS SDK.
 */
export async function backupTimes(
  { network, programs }: Pick<Settings, "network" | "programs">,
  environment: NodeJS.ProcessEnv,
): Promise<BackupReading> {
  const command = join(import.meta.dirname, "cli.ts");
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [command, "backups", "list", "--json", "--network", network],
    { env: environment, timeout: 120_000, maxBuffer: 64 * 1024 * 1024 },
  );
  const backups = JSON.parse(stdout) as ListedBackup[];
  return Object.fromEntries(
    programs.map(({ program }) => [
      program,
      timesOf(backups.filter((backup) => backup.program === program)),
    ]),
  );
}

function timesOf(backups: readonly ListedBackup[]): BackupTimes {
  const latest = (times: readonly string[]) => times.toSorted().at(-1);
  return {
    newest: latest(backups.filter(({ state }) => state === "good").map(({ begunAt }) => begunAt)),
    verified: latest(backups.flatMap(({ verifiedAt }) => verifiedAt ?? [])),
  };
}
