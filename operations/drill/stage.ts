import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { ObjectStore } from "../../aleo/backup/store.ts";
import type { Snapshot } from "../../aleo/snapshot/snapshot.ts";
import { takeSnapshot } from "../../aleo/snapshot/take.ts";
import { send } from "../../aleo/transaction/send.ts";
import { unprovenBuilder } from "../../aleo/transaction/unproven-builder.ts";
import type { Settings } from "../../settings.ts";
import type { Account } from "../account.ts";
import { backUp } from "../backup/backup.ts";
import { openStore } from "../backup/store/open-store.ts";
import { type Call, calleeOf } from "../call.ts";
import { renamed } from "../emergency/rename-program.ts";
import { fund, missingIn } from "../fund/fund.ts";
import { newPrivateKey } from "../keys/new-key.ts";
import { pausePrograms, type PauseReport } from "../pause/pause.ts";
import { restore } from "../restore/run.ts";
import { DrillError } from "./drill-error.ts";
import { holed } from "./holed-program.ts";
import { madeUpRegistry } from "./made-up-registry.ts";
import { type ScratchChain, startScratchChain } from "./scratch-chain.ts";

/** Where an exploit is played: a ledger of its own, on it a registry with a hole, and a backup of it. */
export interface Stage {
  readonly chain: ScratchChain;
  readonly account: Account;
  /** The registry with the hole. */
  readonly program: string;
  /** Without the hole, under the same name. */
  readonly cleanSource: string;
  readonly store: ObjectStore;
  /** Has a key of its own and a few credits, and no part in the program. */
  readonly attacker: Account;
  /** What the registry held before the exploit. */
  readonly before: Snapshot;
  close(): Promise<void>;
}

const original = "agent_registry_v3.aleo";
const program = "drill_registry_v1.aleo";
const attackersCredits = 50_000_000n;

/**
 * @param registry the compiled text of agent_registry_v3.aleo
 * @param agents how many the registry has
 */
export async function setStage(
  settings: Settings,
  registry: string,
  agents: number,
  environment: NodeJS.ProcessEnv,
  show: (text: string) => void,
): Promise<Stage> {
  show("starting a chain");
  const chain = await startScratchChain(settings, environment);
  try {
    const { node, account } = chain;
    const cleanSource = renamed(registry, new Map([[original, program]]));
    const source = holed(program, cleanSource);
    show(`deploying ${program}, a registry with a hole`);
    await chain.deploy(program, source);
    must(await pausePrograms(account, [program], true));
    const signer = await account.builder.signer();
    const state = madeUpRegistry({ agents, withdrawals: 3 }, { program, source }, [signer]);
    await restore(account, "a made-up state", state, program, show);
    await fund(account, program, await missingIn(node, program));
    must(await pausePrograms(account, [program], false));
    const folder = join(chain.directory, "backups");
    await mkdir(folder);
    const store = await openStore(folder, { network: "local", backups: undefined }, {});
    await backUp(
      { network: "local", programs: [{ program }] },
      node,
      store,
      { program, source: "auto" },
      show,
    );
    // So that what is restored is more than the backup.
    await callAs(account, program, {
      functionName: "register_agent",
      inputs: [`${agents + 1}field`, "2000000u64", "1field", "100000u64"],
    });
    const attacker = await attackerOn(chain);
    const { snapshot: before } = await takeSnapshot(node, program, { source: "auto" });
    return {
      ...{ chain, account, program, cleanSource, store, attacker, before },
      close: async () => {
        store.close();
        await chain.stop();
      },
    };
  } catch (error) {
    await chain.stop();
    throw error;
  }
}

/** Calls a function, and returns when it is accepted. */
export async function callAs(account: Account, id: string, call: Call): Promise<number> {
  const callee = await calleeOf(account.node, id);
  if (callee === undefined) {
    throw new DrillError(`${id} is not on the chain of the drill.`, { remedy: "Run again." });
  }
  const transaction = await account.builder.execution({ ...callee, ...call, priorityFee: 0n });
  const purpose = `call of ${id}/${call.functionName}`;
  const { blockHeight } = await send(account, `${id}/drill`, purpose, transaction);
  return blockHeight ?? account.node.latestHeight();
}

export function must(reports: readonly PauseReport[]): void {
  for (const { problem, remedy = "" } of reports) {
    if (problem !== undefined) throw new DrillError(problem, { remedy });
  }
}

async function attackerOn({ account, node }: ScratchChain): Promise<Account> {
  const key = await newPrivateKey(node.network);
  const attacker = { ...account, builder: unprovenBuilder(node, key, { devnode: true }) };
  await callAs(account, "credits.aleo", {
    functionName: "transfer_public",
    inputs: [await attacker.builder.signer(), `${attackersCredits}u64`],
  });
  return attacker;
}
