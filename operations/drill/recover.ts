import { join } from "node:path";
import { loadSnapshot } from "../../aleo/backup/load-snapshot.ts";
import { openBackup } from "../../aleo/backup/read-backup.ts";
import { diffSnapshots, type EntryChange } from "../../aleo/snapshot/diff.ts";
import { takeSnapshot } from "../../aleo/snapshot/take.ts";
import { verifyBackups } from "../backup/verify.ts";
import { cleanSlate } from "../emergency/clean-slate.ts";
import { fund, missingIn } from "../fund/fund.ts";
import { pausePrograms } from "../pause/pause.ts";
import { reconstruct } from "../reconstruct/reconstruct.ts";
import { restore } from "../restore/run.ts";
import { DrillError } from "./drill-error.ts";
import { must, type Stage } from "./stage.ts";
import { allowed, type Timeline } from "./timeline.ts";

/** What a recovery brought back. */
export interface Recovery {
  /** The clean program. */
  readonly program: string;
  /** The state after this block was restored. */
  readonly height: number;
  /** Entries that were compared with the state before the exploit. */
  readonly compared: number;
  readonly differences: readonly EntryChange[];
}

/**
 * From the paused program with the hole to a clean one that runs, with the state before the exploit.
 * @param exploitedAt height of the first block of the exploit
 */
export async function recover(
  { chain, account, program, cleanSource, store, before }: Stage,
  exploitedAt: number,
  timeline: Timeline,
  show: (text: string) => void,
): Promise<Recovery> {
  const { node } = chain;
  const clean = await timeline.step(
    "clean slate: a clean program, paused",
    allowed.clean,
    async () => {
      const {
        programs,
        problem,
        remedy = "",
      } = await cleanSlate(account, {
        programs: [program],
        sourceOf: () => cleanSource,
        notePath: join(chain.directory, "clean-slate.json"),
        show,
      });
      const [deployed] = programs;
      if (problem !== undefined || deployed === undefined) {
        throw new DrillError(problem ?? "No clean program was deployed.", { remedy });
      }
      return deployed.to;
    },
  );
  const id = await timeline.step(
    `reconstruct: the state after block ${exploitedAt - 1}`,
    allowed.bringBack,
    async () => {
      const at = exploitedAt - 1;
      const request = { program, fromBlock: undefined, toBlock: undefined, at };
      return (await reconstruct(node, store, request, undefined, show)).id;
    },
  );
  await timeline.step("restore into the clean program", allowed.bringBack, async () => {
    const manifest = await openBackup(store, { program, id }, node.network);
    const snapshot = await loadSnapshot(store, manifest);
    const { problem, remedy = "" } = await restore(account, `backup ${id}`, snapshot, clean, show);
    if (problem !== undefined) throw new DrillError(problem, { remedy });
  });
  const found = await timeline.step(
    "verify: every entry, and the backup",
    allowed.open,
    async () => {
      const which = { id, program, newest: false, readData: true };
      const checks = await verifyBackups(store, node.network, which, show);
      if (checks.some(({ state }) => state !== "good")) {
        throw new DrillError(`The reconstruction ${id} is damaged.`, { remedy: "Run again." });
      }
      const { snapshot: now } = await takeSnapshot(node, clean, { source: "auto" });
      // What belongs to the program itself is not restored.
      const own = new Set(["admin", "offered_admin", "paused"]);
      const restored = (snapshot: typeof now) => ({
        mappings: snapshot.mappings.filter(({ name }) => !own.has(name)),
      });
      const compared = restored(before).mappings.reduce(
        (sum, { entries }) => sum + entries.length,
        0,
      );
      return { compared, differences: diffSnapshots(restored(before), restored(now)) };
    },
  );
  await timeline.step("fund what is owed, and unpause", allowed.open, async () => {
    await fund(account, clean, await missingIn(node, clean));
    must(await pausePrograms(account, [clean], false));
  });
  return { program: clean, height: exploitedAt - 1, ...found };
}
