import { given } from "../../aleo/environment.ts";
import type { NodeClient } from "../../aleo/node/client.ts";
import type { ProgramLibrary } from "../../aleo/replay/library.ts";
import type { Snapshot } from "../../aleo/snapshot/snapshot.ts";
import type { Environment, Settings } from "../../settings.ts";

/** From so few blocks a replay is done before a store has answered. */
const fewBlocks = 5_000;

/** Where a replay of a program begins. */
export interface ReplayStart {
  /** A backup, where one shortens it; empty for the deployment. */
  readonly base: readonly Snapshot[];
  /** The height before its first block. */
  readonly from: number;
}

/**
 * The shortest way to the state before a block: from the highest backup below it where the history is
 * long and a store is known, else from the deployment. Undefined for a program that is not there.
 */
export async function replayStart(
  { settings, environment, node, library }: ReplaySources,
  program: string,
  before: number,
): Promise<ReplayStart | undefined> {
  const deployedAt = (await library.history(program))[0]?.deployedAt;
  if (deployedAt === undefined) return undefined;
  const whole = { base: [], from: deployedAt - 1 };
  const isKnown =
    settings.backups !== undefined || given(environment, "BACKUP_STORE") !== undefined;
  if (before - deployedAt <= fewBlocks || !isKnown) return whole;
  const { openStore } = await import("../backup/store/open-store.ts");
  const { highestBackup } = await import("../backup/base.ts");
  const store = await openStore(undefined, settings, environment);
  try {
    const found = await highestBackup(node, store, program, before - 1, () => undefined);
    return found === undefined ? whole : { base: [found.snapshot], from: found.snapshot.height };
  } catch {
    // A store that does not answer only makes it longer.
    return whole;
  } finally {
    store.close();
  }
}

export interface ReplaySources {
  readonly settings: Pick<Settings, "network" | "backups">;
  readonly environment: Environment;
  readonly node: NodeClient;
  readonly library: ProgramLibrary;
}
