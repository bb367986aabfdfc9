import { setTimeout as sleep } from "node:timers/promises";
import { given } from "../../../aleo/environment.ts";
import type { Environment, Settings } from "../../../settings.ts";
import type { ListedBackup } from "../../backup/list.ts";
import { formatAge, formatBytes, plural } from "../../text.ts";
import { type Line, type Section, unseenFor } from "../report.ts";

/** Every backup in the store, or why they can't be listed. */
export type Backups =
  | { readonly location: string; readonly listed: readonly ListedBackup[] }
  | { readonly problem: unknown };

/** Whoever reads a report waits no longer for a store that does not answer. */
const patienceMs = 8_000;

export async function backupsIn(settings: Settings, environment: Environment): Promise<Backups> {
  try {
    const { BackupStoreError, openStore } = await import("../../backup/store/open-store.ts");
    const { listBackups } = await import("../../backup/list.ts");
    const { network, backups } = settings;
    if (backups === undefined && given(environment, "BACKUP_STORE") === undefined) {
      throw new BackupStoreError(`it is not known where the backups of ${network} are`, {
        remedy: `Name a folder or s3://bucket/prefix in BACKUP_STORE, or declare aleo-ops:backups in Pulumi.${network}.yaml.`,
      });
    }
    const store = await openStore(undefined, settings, environment);
    const ended = new AbortController();
    try {
      const listed = await Promise.race([
        listBackups(store, network, undefined),
        sleep(patienceMs, undefined, { signal: ended.signal }),
      ]);
      if (listed !== undefined) return { location: store.location, listed };
      throw new BackupStoreError(
        `${store.location} did not answer within ${patienceMs / 1_000} s`,
        {
          remedy: "Take the time for it: `aleo-ops backups list`.",
        },
      );
    } finally {
      ended.abort();
      store.close();
    }
  } catch (problem) {
    return { problem };
  }
}

/** A backup is made every six hours, a verification every day: a day later something is wrong. */
const oldestMs = 25 * 3_600_000;
const longestUnverifiedMs = 8 * 86_400_000;

/** Whether each declared program has a good backup of today, and one that was read and found whole. */
export function backupsSection(
  { programs }: Pick<Settings, "programs">,
  backups: Backups,
): Section {
  const title = "Backups";
  if ("problem" in backups) return { title, lines: [unseenFor("backups", backups.problem)] };
  const { listed } = backups;
  return {
    title,
    lines: programs.flatMap(({ program }) => {
      const own = listed.filter((one) => one.program === program);
      return [newestLine(program, own), verifiedLine(program, own), ...damagedLines(program, own)];
    }),
  };
}

function newestLine(program: string, own: readonly ListedBackup[]): Line {
  const newest = own.findLast(({ state, reconstructed }) => state === "good" && !reconstructed);
  if (newest === undefined) {
    return {
      subject: program,
      verdict: "bad",
      finding: "has no good backup",
      remedy: `Make one: \`aleo-ops backup --contract ${program}\`.`,
    };
  }
  const { id, ageMs, entries, bytes } = newest;
  const isOld = ageMs > oldestMs;
  return {
    subject: program,
    verdict: isOld ? "bad" : "good",
    finding: `newest good backup ${id}, ${formatAge(ageMs)} ago, ${plural(entries ?? 0, "entry", "entries")}, ${formatBytes(bytes)}`,
    ...(isOld
      ? {
          remedy: `Make one: \`aleo-ops backup --contract ${program}\`; then see why the scheduled one did not come.`,
        }
      : {}),
  };
}

function verifiedLine(program: string, own: readonly ListedBackup[]): Line {
  const verifiedAt = own
    .flatMap((one) => one.verifiedAt ?? [])
    .toSorted()
    .at(-1);
  const age = verifiedAt === undefined ? undefined : Date.now() - Date.parse(verifiedAt);
  if (age !== undefined && age <= longestUnverifiedMs) {
    return {
      subject: program,
      verdict: "good",
      finding: `a backup was read and found whole ${formatAge(age)} ago`,
    };
  }
  return {
    subject: program,
    verdict: "bad",
    finding:
      age === undefined
        ? "no backup was ever read and found whole"
        : `no backup was read and found whole for ${formatAge(age)}`,
    remedy: "Read one: `aleo-ops backups verify --newest --read-data`.",
  };
}

function damagedLines(program: string, own: readonly ListedBackup[]): Line[] {
  const damaged = own.filter(({ state }) => state === "damaged");
  return damaged.length === 0
    ? []
    : [
        {
          subject: program,
          verdict: "bad",
          finding: `damaged: ${damaged.map(({ id }) => id).join(", ")}`,
          remedy: "Find out who wrote there: `aleo-ops backups verify ID --read-data`.",
        },
      ];
}
