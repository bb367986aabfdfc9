import type { StoredBackup } from "../../aleo/backup/catalog.ts";
import { readObject } from "../../aleo/backup/read-backup.ts";
import type { ObjectStore } from "../../aleo/backup/store.ts";
import { stateOf } from "../../aleo/backup/verify-backup.ts";
import { programChecksum } from "../../aleo/program/checksum.ts";
import { parseProgram } from "../../aleo/program/parse.ts";
import type { Snapshot } from "../../aleo/snapshot/snapshot.ts";
import { importsOf } from "../../aleo/transaction/imports.ts";
import { pausePrograms } from "../pause/pause.ts";
import { stateIn } from "../restore/batch.ts";
import { importInto } from "../restore/plan.ts";
import { restore, type RestoreReport } from "../restore/run.ts";
import { DrillError } from "./drill-error.ts";
import type { ScratchChain } from "./scratch-chain.ts";

/** A program with its source. */
export interface Source {
  readonly program: string;
  readonly source: string;
}

/** The sources of all programs that the store has a good backup of, each of its newest edition. */
export async function backedUpSources(
  store: ObjectStore,
  catalog: readonly StoredBackup[],
): Promise<Source[]> {
  const newest = new Map(
    catalog
      .filter((backup) => stateOf(backup) === "good")
      .map((backup) => [backup.program, backup.manifest]),
  );
  const sources: Source[] = [];
  for (const [program, manifest] of newest) {
    if (manifest === undefined) continue;
    const source = await readObject(store, manifest, manifest.programSource);
    sources.push({ program, source: source.toString("utf8") });
  }
  return sources;
}

/**
 * Which program takes the state in: the one that was backed up, or where that has no imports its
 * successor.
 * @param known the programs that may be a successor
 * @throws DrillError where none of them takes it in
 */
function takerOf(snapshot: Snapshot, known: readonly Source[]): Source {
  const own = { program: snapshot.program, source: snapshot.programSource };
  const state = stateIn(snapshot);
  const taker = [own, ...known].find(
    ({ source }) => importInto(parseProgram(source), state)?.lacking.length === 0,
  );
  if (taker !== undefined) return taker;
  throw new DrillError(`No program that is backed up takes in the state of ${snapshot.program}.`, {
    remedy:
      "Back its successor up as well (`aleo-ops backup --all`): its source is taken from there.",
  });
}

/**
 * Deploys the program that takes the state in, with what it imports, pauses it, imports every entry
 * and compares each.
 * @throws DrillError, RestoreError
 */
export async function restoreIntoScratch(
  chain: ScratchChain,
  snapshot: Snapshot,
  origin: string,
  known: readonly Source[],
  show: (text: string) => void,
): Promise<{ readonly taker: string; readonly report: RestoreReport }> {
  const { account, node } = chain;
  const { program, source } = takerOf(snapshot, known);
  show(`${snapshot.program}: deploying ${program}`);
  const imports = await importsOf(parseProgram(source), (id) => {
    const found = known.find((one) => one.program === id);
    return Promise.resolve(found && { source: found.source, edition: 0 });
  });
  for (const [id, imported] of Object.entries(imports)) {
    await chain.deploy(id, imported.source, imports);
  }
  await chain.deploy(program, source, imports);
  const deployed = await node.programSource(program);
  const checksum = (text: string) => programChecksum(parseProgram(text));
  if (deployed === undefined || checksum(deployed) !== checksum(source)) {
    throw new DrillError(`${program} is not on the scratch chain as it is in its backup.`, {
      remedy: "Run again; where it stays, deploy the program's source on a devnode by hand.",
    });
  }
  const [paused] = await pausePrograms(account, [program], true);
  if (paused?.problem !== undefined) {
    throw new DrillError(paused.problem, { remedy: paused.remedy ?? "" });
  }
  return { taker: program, report: await restore(account, origin, snapshot, program, show) };
}
