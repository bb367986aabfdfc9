import { AleoError } from "../../aleo/errors.ts";
import { formatCredits, type Network } from "../../aleo/network.ts";
import type { NodeClient } from "../../aleo/node/client.ts";
import { parseProgram } from "../../aleo/program/parse.ts";
import { componentsOf, type Program } from "../../aleo/program/program.ts";
import type { Account } from "../account.ts";
import { calleeOf, callOnce } from "../call.ts";
import { exitCode, type ExitCode } from "../exit-code.ts";
import { served } from "../until.ts";
import { fundsOf } from "../withdrawals/check.ts";

class PauseError extends AleoError {}

/** What became of one program. */
export interface PauseReport {
  readonly program: string;
  /** `unable`: the program has no pause; `failed`: see `problem`. */
  readonly outcome: "changed" | "unchanged" | "unable" | "failed";
  /** Null where none was sent. */
  readonly transaction: string | null;
  /** Microcredits, as a decimal string; null where nothing was sent. */
  readonly fee: string | null;
  readonly problem?: string;
  readonly remedy?: string;
}

/** Where the programs of contracts/ keep what there is one of. */
const only = "0u8";

/**
 * Pauses programs, or lets them run again, all at once: one that can't be does not keep the others
 * from it. What is already so is left alone and costs nothing. Needs neither Pulumi nor its state.
 */
export async function pausePrograms(
  account: Account,
  programs: readonly string[],
  paused: boolean,
  show: (text: string) => void = () => undefined,
): Promise<PauseReport[]> {
  let done = 0;
  show(`0 of ${programs.length} programs`);
  return Promise.all(
    programs.map(async (program) => {
      const report = await pauseOne(account, program, paused);
      done += 1;
      show(`${done} of ${programs.length} programs`);
      return report;
    }),
  );
}

async function pauseOne(account: Account, program: string, paused: boolean): Promise<PauseReport> {
  const nothing = { program, transaction: null, fee: null };
  try {
    return await bring(account, program, paused);
  } catch (error) {
    if (!(error instanceof AleoError)) throw error;
    const { message: problem, remedy } = error;
    return {
      ...nothing,
      outcome: error instanceof NoPauseError ? "unable" : "failed",
      problem,
      remedy,
    };
  }
}

class NoPauseError extends PauseError {}

async function bring(account: Account, program: string, paused: boolean): Promise<PauseReport> {
  const { node, journal } = account;
  const callee = await calleeOf(node, program);
  if (callee === undefined) {
    throw new PauseError(`${program} is not deployed on ${node.network}.`, {
      remedy: "Check the id and the network.",
    });
  }
  const called = paused ? "pause" : "unpause";
  const parsed = parseProgram(callee.source);
  refuseWithoutPause(parsed, called);
  // The stack's own setting has the same subject and purpose: an interrupted `up` is gone on with.
  const subject = `${program}/paused[${only}]`;
  const aim = {
    purpose: `call of ${program}/${called} that sets ${subject} to ${String(paused)}`,
    isReached: async () => (await isPaused(node, program)) === paused,
  };
  return journal.exclusively(subject, async () => {
    const isUnderWay = (await journal.read(subject)) !== undefined;
    if (!isUnderWay && (await aim.isReached())) {
      return { program, outcome: "unchanged", transaction: null, fee: null };
    }
    if (!isUnderWay) await refuseBeforePaying(account, parsed, paused);
    const call = { functionName: called, inputs: [] };
    const accepted = await callOnce(account, subject, aim, callee, call);
    await requireServed(aim.isReached, program, called);
    return {
      program,
      outcome: accepted === undefined ? "unchanged" : "changed",
      transaction: accepted?.id ?? null,
      fee: accepted?.fee?.toString() ?? null,
    };
  });
}

/** No entry: not paused. */
async function isPaused(node: NodeClient, program: string): Promise<boolean> {
  return (await node.mappingValue(program, "paused", only)) === "true";
}

function refuseWithoutPause(program: Program, called: string): void {
  const hasFunction = componentsOf(program, "function").get(called)?.inputs.length === 0;
  if (hasFunction && componentsOf(program, "mapping").has("paused")) return;
  throw new NoPauseError(`${program.id} can't be paused: it has no function ${called}.`, {
    remedy:
      called === "unpause"
        ? "Nothing is to be done: what can't be paused is not paused."
        : "Its later version may have one. To stop it, stop what calls it, and move its users to a version that can be paused (`aleo-ops migrate --help`).",
  });
}

/** What the chain would refuse, and keep the fee. */
async function refuseBeforePaying(
  { node, builder }: Account,
  program: Program,
  paused: boolean,
): Promise<void> {
  if (componentsOf(program, "mapping").has("admin")) {
    const [admin, signer] = [
      await node.mappingValue(program.id, "admin", only),
      await builder.signer(),
    ];
    if (admin !== undefined && admin !== signer) {
      throw new PauseError(
        `Only its admin ${admin} may ${paused ? "pause" : "unpause"} ${program.id}; the private key is that of ${signer}.`,
        { remedy: "Nothing was sent. Set ALEO_PRIVATE_KEY to the key of the admin." },
      );
    }
  }
  if (!paused && componentsOf(program, "mapping").has("total_staked")) {
    const { held, owed, missing } = await fundsOf(node, program.id);
    if (missing > 0n) {
      throw new PauseError(
        `${program.id} holds ${formatCredits(held)} and owes or keeps ${formatCredits(owed)}: it refuses to be unpaused while ${formatCredits(missing)} are missing.`,
        {
          remedy: `Nothing was sent. Give it what is missing: \`aleo-ops fund ${program.id}\`, then run again.`,
        },
      );
    }
  }
}

async function requireServed(isReached: () => Promise<boolean>, program: string, called: string) {
  if (await served(isReached)) return;
  throw new PauseError(
    `${program}/${called} was accepted, but the node serves the state before it.`,
    { remedy: "Run it again: it looks, and sends nothing where it is done." },
  );
}

/** Programs that can't be paused are told, and are no failure of it. */
export function codeOf(reports: readonly PauseReport[]): ExitCode {
  const able = reports.filter(({ outcome }) => outcome !== "unable");
  const failed = able.filter(({ outcome }) => outcome === "failed").length;
  if (failed === 0) return able.length === 0 ? exitCode.failed : exitCode.ok;
  return failed === able.length ? exitCode.failed : exitCode.partlyDone;
}

/** The network is named with each: somebody in a hurry may be on another than they think. */
export function pauseText(
  reports: readonly PauseReport[],
  paused: boolean,
  network: Network,
): string {
  if (reports.length === 0) return `The stack ${network} declares no program.`;
  const state = `${paused ? "paused" : "running"} on ${network}`;
  return reports.map((report) => reportText(report, state)).join("\n");
}

function reportText({ program, outcome, transaction, fee, ...rest }: PauseReport, state: string) {
  if (outcome === "changed") {
    return `✔ ${program} is ${state}: ${transaction ?? ""}, ${formatCredits(BigInt(fee ?? 0n))}`;
  }
  if (outcome === "unchanged") return `✔ ${program} is ${state} already: nothing was sent`;
  const mark = outcome === "unable" ? "!" : "✖";
  return `${mark} ${rest.problem ?? ""}\n    What to do: ${rest.remedy ?? ""}`;
}
