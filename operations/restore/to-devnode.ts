import { catalogOf } from "../../aleo/backup/catalog.ts";
import { loadSnapshot } from "../../aleo/backup/load-snapshot.ts";
import type { Manifest } from "../../aleo/backup/manifest.ts";
import type { ObjectStore } from "../../aleo/backup/store.ts";
import type { Settings } from "../../settings.ts";
import { backedUpSources, restoreIntoScratch } from "../drill/restore-into-scratch.ts";
import { type ScratchChain, startScratchChain } from "../drill/scratch-chain.ts";
import { plural } from "../text.ts";
import type { RestoreReport } from "./run.ts";

/** A ledger with a backup's state, to be looked at; it lasts until it is stopped. */
interface RestoredChain {
  readonly chain: ScratchChain;
  /** The program that the state was imported into. */
  readonly program: string;
  readonly report: RestoreReport;
}

/**
 * Restores a backup into a devnode started for it.
 * @throws DrillError where there is no devnode, or no program that is backed up takes the state in
 */
export async function restoreToDevnode(
  settings: Settings,
  store: ObjectStore,
  manifest: Manifest,
  environment: NodeJS.ProcessEnv,
  show: (text: string) => void,
): Promise<RestoredChain> {
  const snapshot = await loadSnapshot(store, manifest);
  const known = await backedUpSources(store, await catalogOf(store, settings.network));
  show("starting a chain");
  const chain = await startScratchChain(settings, environment);
  try {
    const origin = `backup ${manifest.id}`;
    const { taker, report } = await restoreIntoScratch(chain, snapshot, origin, known, show);
    return { chain, program: taker, report };
  } catch (error) {
    await chain.stop();
    throw error;
  }
}

export function toDevnodeText({ chain, program, report }: RestoredChain): string {
  const { compared = 0, differences = [] } = report;
  const { url } = chain;
  return [
    `${differences.length === 0 ? "✔" : "✖"} ${program} on ${url}: ${plural(compared, "entry", "entries")} compared, ${differences.length === 0 ? "all as they were" : `${differences.length} differ`}`,
    "    Look at it, such as:",
    `    ALEO_NODE_URL=${url} aleo-ops program ${program} --network local`,
    `    curl ${url}/testnet/program/${program}/mapping/paused/0u8`,
    "    Ctrl-C stops it, and it is gone.",
  ].join("\n");
}
