import { AleoError } from "../../aleo/errors.ts";
import { formatCredits, type Network } from "../../aleo/network.ts";
import type { ConfirmedTransaction, NodeClient } from "../../aleo/node/client.ts";
import { parseProgram } from "../../aleo/program/parse.ts";
import { componentsOf, type Program } from "../../aleo/program/program.ts";
import { otherAdmin } from "../../aleo/transaction/admin.ts";
import { TransactionRejectedError } from "../../aleo/transaction/errors.ts";
import { lookUp } from "../../aleo/transaction/outcome.ts";
import { overdueBlocks, settleEarlier } from "../../aleo/transaction/send.ts";
import type { Account } from "../account.ts";
import { calleeOf, callOnce, type Call, type Callee } from "../call.ts";
import { exitCode, type ExitCode } from "../exit-code.ts";
import { freshness, type Freshness, freshnessText, requireFresh } from "../fresh-state.ts";
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
  /** Of what the chain was known; missing where it could not be asked. */
  readonly height?: number;
  /** How old its newest block was then, in ms. */
  readonly blockAgeMs?: number;
  /** What may undo it, or hide that it is undone. */
  readonly warning?: string;
  readonly problem?: string;
  readonly remedy?: string;
}

/** Where the programs of contracts/ keep what there is one of. */
const only = "0u8";

/**
 * Pauses programs, or lets them run again, all at once: one that can't be does not keep the others
 * from it. What is already so is left alone and costs nothing. Needs neither Pulumi nor its state.
 *
 * A pause is cheap, and a second one changes nothing: so it waits for no other transaction and for no
 * other run's lock, and is sent where every endpoint is behind the chain. An unpause is not.
 */
export async function pausePrograms(
  account: Account,
  programs: readonly string[],
  paused: boolean,
  show: (text: string) => void = () => undefined,
): Promise<PauseReport[]> {
  let done = 0;
  show(`0 of ${programs.length} programs`);
  const { node } = account;
  let asked: Promise<Freshness> | undefined;
  const ask = () => (asked ??= paused ? freshness(node) : requireFresh(node, "Nothing was sent."));
  return Promise.all(
    programs.map(async (program) => {
      const report = await pauseOne(account, program, paused, ask);
      done += 1;
      show(`${done} of ${programs.length} programs`);
      return report;
    }),
  );
}

async function pauseOne(
  account: Account,
  program: string,
  paused: boolean,
  ask: () => Promise<Freshness>,
): Promise<PauseReport> {
  try {
    const fresh = await ask();
    const { height, ageMs: blockAgeMs } = fresh;
    const report = await (paused ? pause(account, program, fresh) : unpause(account, program));
    return { program, height, blockAgeMs, ...report };
  } catch (error) {
    if (!(error instanceof AleoError)) throw error;
    const { message: problem, remedy } = error;
    const outcome = error instanceof NoPauseError ? "unable" : "failed";
    return { program, outcome, transaction: null, fee: null, problem, remedy };
  }
}

class NoPauseError extends PauseError {}

type Done = Pick<PauseReport, "outcome" | "transaction" | "fee" | "warning">;

/** Of its own, so that nothing that others send about the program is waited for. */
function subjectOfPause(program: string): string {
  return `${program}/pause`;
}

/** That of the stack's own setting: what an interrupted `up` sent is gone on with. */
function subjectOfSetting(program: string): string {
  return `${program}/paused[${only}]`;
}

function purposeOf(program: string, paused: boolean): string {
  const called = paused ? "pause" : "unpause";
  return `call of ${program}/${called} that sets ${subjectOfSetting(program)} to ${String(paused)}`;
}

async function pause(account: Account, program: string, fresh: Freshness): Promise<Done> {
  const { node, journal } = account;
  const { isStale } = fresh;
  const callee = await pausable(node, program, "pause");
  const subject = subjectOfPause(program);
  const isReached = () => isPaused(node, program);
  // Old state may say that it is paused, or name an admin who is none any more: then it is sent.
  const isCertainlyReached = async () => !isStale && (await isReached());
  const aim = { purpose: purposeOf(program, true), isReached: isCertainlyReached };
  return journal.exclusively(subject, async () => {
    const earlier = await settleEarlier(account, subject, aim).catch(unlessRejected);
    // One that landed long ago may have been taken back since.
    if (await isCertainlyReached()) {
      const warning = await mayUnpause(account, program);
      return earlier === undefined ? unchanged(warning) : changed(earlier, warning);
    }
    if (!isStale) await refuseOtherAdmin(account, callee.program, "pause");
    const accepted = await callOnce(account, subject, aim, callee, call("pause"));
    await requireServed(isReached, program, "pause");
    const warning = (await mayUnpause(account, program)) ?? (isStale ? behind(fresh) : undefined);
    return accepted === undefined ? unchanged(warning) : changed(accepted, warning);
  });
}

function behind(fresh: Freshness): string {
  return `The newest block that an endpoint served was ${freshnessText(fresh)}: look at the endpoints (\`aleo-ops node\`), and at the program by another one.`;
}

/** What an earlier run was refused may be allowed by now. */
function unlessRejected(error: unknown): undefined {
  if (!(error instanceof TransactionRejectedError)) throw error;
}

async function unpause(account: Account, program: string): Promise<Done> {
  const { node, journal } = account;
  const callee = await pausable(node, program, "unpause");
  const subject = subjectOfSetting(program);
  const isReached = async () => !(await isPaused(node, program));
  const aim = { purpose: purposeOf(program, false), isReached };
  return journal.exclusively(subject, async () => {
    // A pause that landed after it would take it back.
    const paused = subjectOfPause(program);
    await journal.exclusively(paused, () => settleEarlier(account, paused, aim));
    const isUnderWay = (await journal.read(subject)) !== undefined;
    if (!isUnderWay && (await isReached())) return unchanged();
    if (!isUnderWay) {
      await refuseOtherAdmin(account, callee.program, "unpause");
      await refuseInsolvent(account, callee.program);
    }
    const accepted = await callOnce(account, subject, aim, callee, call("unpause"));
    await requireServed(isReached, program, "unpause");
    return accepted === undefined ? unchanged() : changed(accepted);
  });
}

function call(functionName: string): Call {
  return { functionName, inputs: [] };
}

function unchanged(warning?: string): Done {
  return { outcome: "unchanged", transaction: null, fee: null, ...(warning && { warning }) };
}

function changed({ id, fee }: ConfirmedTransaction, warning?: string): Done {
  return {
    ...{ outcome: "changed", transaction: id, fee: fee?.toString() ?? null },
    ...(warning && { warning }),
  };
}

/** What an earlier run sent that may still undo the pause; undefined where there is nothing. */
async function mayUnpause(
  { node, journal }: Account,
  program: string,
): Promise<string | undefined> {
  try {
    const sent = await journal.read(subjectOfSetting(program));
    if (sent === undefined || sent.purpose === purposeOf(program, true)) return undefined;
    if ((await lookUp(node, sent.id)).status !== "unseen") return undefined;
    return `An earlier transaction may still land and let it run: ${sent.id} (${sent.purpose}). Look again in ${overdueBlocks} blocks, and pause it again then if it runs.`;
  } catch (error) {
    if (!(error instanceof AleoError)) throw error;
    return `It is not known whether an earlier unpause may still land: ${error.message} Look again in ${overdueBlocks} blocks.`;
  }
}

async function pausable(
  node: NodeClient,
  id: string,
  called: string,
): Promise<Callee & { readonly program: Program }> {
  const callee = await calleeOf(node, id);
  if (callee === undefined) {
    throw new PauseError(`${id} is not deployed on ${node.network}.`, {
      remedy: "Check the id and the network.",
    });
  }
  const program = parseProgram(callee.source);
  refuseWithoutPause(program, called);
  return { ...callee, program };
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
async function refuseOtherAdmin(
  { node, builder }: Account,
  program: Program,
  called: string,
): Promise<void> {
  const other = await otherAdmin(node, builder, program);
  if (other === undefined) return;
  throw new PauseError(
    `Only its admin ${other.admin} may ${called} ${program.id}; the private key is that of ${other.signer}.`,
    { remedy: "Nothing was sent. Set ALEO_PRIVATE_KEY to the key of the admin." },
  );
}

/** As `refuseOtherAdmin`. */
async function refuseInsolvent({ node }: Account, program: Program): Promise<void> {
  if (!componentsOf(program, "mapping").has("total_staked")) return;
  const { held, owed, missing } = await fundsOf(node, program.id);
  if (missing === 0n) return;
  throw new PauseError(
    `${program.id} holds ${formatCredits(held)} and owes or keeps ${formatCredits(owed)}: it refuses to be unpaused while ${formatCredits(missing)} are missing.`,
    {
      remedy: `Nothing was sent. Give it what is missing: \`aleo-ops fund ${program.id}\`, then run again.`,
    },
  );
}

async function requireServed(isReached: () => Promise<boolean>, program: string, called: string) {
  if (await served(isReached)) return;
  throw new PauseError(
    `${program}/${called} was accepted, and is not to be seen: the node serves the state before it, or another call took it back since.`,
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

function reportText(report: PauseReport, state: string): string {
  const { program, outcome, transaction, fee, height, blockAgeMs, warning } = report;
  const asOf =
    height === undefined || blockAgeMs === undefined
      ? ""
      : ` (as of ${freshnessText({ height, ageMs: blockAgeMs })})`;
  const warned = warning === undefined ? "" : `\n    ! ${warning}`;
  if (outcome === "changed") {
    return `✔ ${program} is ${state}: ${transaction ?? ""}, ${formatCredits(BigInt(fee ?? 0n))}${warned}`;
  }
  if (outcome === "unchanged") {
    return `✔ ${program} is ${state} already${asOf}: nothing was sent${warned}`;
  }
  const mark = outcome === "unable" ? "!" : "✖";
  return `${mark} ${report.problem ?? ""}\n    What to do: ${report.remedy ?? ""}`;
}
