import { performance } from "node:perf_hooks";
import { catalogOf, type StoredBackup } from "../../aleo/backup/catalog.ts";
import { checkObject, keyOf } from "../../aleo/backup/layout.ts";
import { loadSnapshot } from "../../aleo/backup/load-snapshot.ts";
import { isReconstruction, type Manifest } from "../../aleo/backup/manifest.ts";
import { type ObjectStore, StoreDeniedError } from "../../aleo/backup/store.ts";
import { stateOf } from "../../aleo/backup/verify-backup.ts";
import { AleoError } from "../../aleo/errors.ts";
import type { EntryChange } from "../../aleo/snapshot/diff.ts";
import type { Settings } from "../../settings.ts";
import { exitCode, type ExitCode } from "../exit-code.ts";
import { plural } from "../text.ts";
import { DrillError } from "./drill-error.ts";
import { backedUpSources, restoreIntoScratch, type Source } from "./restore-into-scratch.ts";
import { startScratchChain } from "./scratch-chain.ts";

/** What came of the newest good backup of one program. */
export type DrilledRestore = {
  readonly program: string;
  /** Null where there is none. */
  readonly backup: string | null;
} & (
  | {
      /** The program that its state was imported into. */
      readonly into: string;
      readonly transactions: number;
      /** Entries that were compared. */
      readonly compared: number;
      readonly differences: readonly EntryChange[];
      /** From an empty machine to the last entry compared. */
      readonly durationMs: number;
      /** Whether the store now says so; false where this account may not write there. */
      readonly noted: boolean;
    }
  | { readonly problem: string; readonly remedy: string }
);

/**
 * Restores the newest good backup of each program into a ledger of its own, compares every entry and
 * notes beside the backup that it can be restored, and in what time.
 * @param programs those of the stack, or one
 * @throws DrillError where there is no backup of any of them, or no devnode
 */
export async function drillRestore(
  settings: Settings,
  store: ObjectStore,
  programs: readonly string[],
  environment: NodeJS.ProcessEnv,
  show: (text: string) => void,
): Promise<DrilledRestore[]> {
  show("reading which backups there are");
  const catalog = await catalogOf(store, settings.network);
  const newest = programs.map((program) => newestOf(catalog, program));
  if (newest.every((manifest) => manifest === undefined)) {
    throw new DrillError(`${store.location} holds no good backup of ${programs.join(", ")}.`, {
      remedy: "Make one: `aleo-ops backup --all`.",
    });
  }
  const known = await backedUpSources(store, catalog);
  const reports: DrilledRestore[] = [];
  for (const [index, manifest] of newest.entries()) {
    const program = programs[index] ?? "";
    reports.push(
      manifest === undefined
        ? {
            ...{ program, backup: null, problem: `There is no good backup of ${program}.` },
            remedy: "Make one: `aleo-ops backup --all`.",
          }
        : await drillOne(settings, store, manifest, known, environment, show),
    );
  }
  return reports;
}

function newestOf(catalog: readonly StoredBackup[], program: string): Manifest | undefined {
  return catalog
    .filter((backup) => backup.program === program && stateOf(backup) === "good")
    .flatMap(({ manifest }) => manifest ?? [])
    .findLast((manifest) => !isReconstruction(manifest));
}

async function drillOne(
  settings: Settings,
  store: ObjectStore,
  manifest: Manifest,
  known: readonly Source[],
  environment: NodeJS.ProcessEnv,
  show: (text: string) => void,
): Promise<DrilledRestore> {
  const { program, id } = manifest;
  const begun = performance.now();
  try {
    show(`${program}: reading backup ${id}`);
    const snapshot = await loadSnapshot(store, manifest);
    show(`${program}: starting a chain`);
    const chain = await startScratchChain(settings, environment);
    try {
      const restored = await restoreIntoScratch(chain, snapshot, `backup ${id}`, known, show);
      const { sent, differences, compared = 0, problem, remedy = "" } = restored.report;
      if (problem !== undefined || differences === undefined) {
        return { program, backup: id, problem: problem ?? "It was not compared.", remedy };
      }
      const durationMs = Math.round(performance.now() - begun);
      const done = { into: restored.taker, transactions: sent, compared, differences, durationMs };
      const noted = differences.length === 0 && (await note(store, manifest, done));
      return { program, backup: id, ...done, noted };
    } finally {
      await chain.stop();
    }
  } catch (error) {
    if (!(error instanceof AleoError)) throw error;
    return { program, backup: id, problem: error.message, remedy: error.remedy };
  }
}

async function note(store: ObjectStore, manifest: Manifest, content: object): Promise<boolean> {
  const { program, id } = manifest;
  const text = JSON.stringify({ program, id, ...content }, undefined, 2);
  try {
    const key = keyOf(manifest, checkObject(new Date(), "restored"));
    await store.create(key, Buffer.from(`${text}\n`));
    return true;
  } catch (error) {
    if (error instanceof StoreDeniedError) return false;
    throw error;
  }
}

export function codeOf(reports: readonly DrilledRestore[]): ExitCode {
  if (reports.some((report) => "differences" in report && report.differences.length > 0)) {
    return exitCode.verificationFailed;
  }
  return reports.some((report) => "problem" in report) ? exitCode.failed : exitCode.ok;
}

const shownDifferences = 5;

export function drillRestoreText(reports: readonly DrilledRestore[], location: string): string {
  return reports.flatMap((report) => linesOf(report, location)).join("\n");
}

function linesOf(report: DrilledRestore, location: string): string[] {
  const { program, backup } = report;
  if ("problem" in report) {
    const which = backup === null ? program : `${program} ${backup}`;
    return [`✖ ${which}: ${report.problem}`, `    What to do: ${report.remedy}`];
  }
  const { into, transactions, compared, differences, durationMs, noted } = report;
  const seconds = `${(durationMs / 1_000).toFixed(1)} s`;
  const did = `restored into ${into} on a chain of its own by ${plural(transactions, "transaction")}`;
  const entries = plural(compared, "entry", "entries");
  if (differences.length === 0) {
    return [
      `✔ ${program} ${backup ?? ""}: ${did}, ${entries} compared, all as they were, ${seconds}`,
      ...(noted ? [] : [`    It could not be noted in ${location}: it refuses to be written.`]),
    ];
  }
  return [
    `✖ ${program} ${backup ?? ""}: ${did}, but ${differences.length} of ${entries} differ:`,
    ...differences
      .slice(0, shownDifferences)
      .map(({ kind, mapping, key }) => `    ${kind} ${mapping}[${key}]`),
    "    What to do: restore from an older backup, and find out what the importer of this program leaves out.",
  ];
}
