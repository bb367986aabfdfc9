import type { Environment, Settings } from "../../../settings.ts";
import type { ListedBackup } from "../../backup/list.ts";
import { formatAge, formatBytes, plural } from "../../text.ts";
import { type Line, type Section, unseenFor } from "../report.ts";

/** Every backup in the store, or why they can't be listed. */
export type Backups =
  | { readonly location: string; readonly listed: readonly ListedBackup[] }
  | { readonly problem: unknown };

export async function backupsIn(settings: Settings, environment: Environment): Promise<Backups> {
  try {
    const { openStore } = await import("../../backup/store/open-store.ts");
    const { listBackups } = await import("../../backup/list.ts");
    const store = await openStore(undefined, settings, environment);
    try {
      const listed = await listBackups(store, settings.network, undefined);
      return { location: store.location, listed };
    } finally {
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
export function backupsSection(settings: Settings, backups: Backups): Section {
  const title = "Backups";
  if ("problem" in backups) return { title, lines: [unseenFor("backups", backups.problem)] };
  const { listed } = backups;
  return {
    title,
    lines: settings.programs.flatMap(({ program }) => {
      const own = listed.filter((one) => one.program === program);
      return [newestLine(program, own), verifiedLine(program, own), ...damagedLines(program, own)];
    }),
  };
}

function newestLine(program: string, own: readonly ListedBackup[]): Line {
  const newest = own.findLast(({ state }) => state === "good");
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
