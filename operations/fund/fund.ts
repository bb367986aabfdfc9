import { AleoError } from "../../aleo/errors.ts";
import { formatCredits } from "../../aleo/network.ts";
import type { ConfirmedTransaction, NodeClient } from "../../aleo/node/client.ts";
import { parseProgram } from "../../aleo/program/parse.ts";
import { componentsOf } from "../../aleo/program/program.ts";
import type { SentTransaction } from "../../aleo/transaction/journal.ts";
import { lookUp } from "../../aleo/transaction/outcome.ts";
import { programAddress } from "../../aleo/transaction/program-address.ts";
import { settleEarlier } from "../../aleo/transaction/send.ts";
import type { Account } from "../account.ts";
import { calleeOf, callOnce, type Callee } from "../call.ts";
import type { Answer } from "../command-line.ts";
import { requireFresh } from "../fresh-state.ts";
import { served } from "../until.ts";
import { type Funds, fundsOf } from "../withdrawals/check.ts";

class FundError extends AleoError {}

/** More than a call of `fund` costs, in microcredits. */
const feeAtMost = 100_000n;

/**
 * What a program owes beyond what it holds, in microcredits; 0 where it holds enough.
 * @throws FundError for a program that is not there or can't be funded
 * @throws StaleStateError
 */
export async function missingIn(node: NodeClient, program: string): Promise<bigint> {
  await requireFresh(node, "Nothing was sent.");
  await fundable(node, program);
  return (await fundsOf(node, program)).missing;
}

/**
 * Gives a paused program out of the operating account what it owes beyond what it holds, as after an
 * import, which brings no credits. Nothing is sent where nothing is missing.
 *
 * What is given too much belongs to nobody and stays in the program. So a run that was killed is gone
 * on with; what it sent is in the journal until a node serves the state that has it; and while that
 * may still land, and would give too much by now, nothing else is sent. Nothing keeps two accounts,
 * or two machines, from giving the same.
 * @param atMost in microcredits: what somebody agreed to
 * @throws FundError before anything is sent, for a program that can't be funded or is not paused, where
 *   more than `atMost` is missing, or for an account that holds too little
 * @throws StaleStateError before anything is sent
 */
export async function fund(account: Account, program: string, atMost: bigint): Promise<Answer> {
  const { node, journal, builder } = account;
  await requireFresh(node, "Nothing was sent.");
  const callee = await fundable(node, program);
  const address = await programAddress(node.network, program);
  const funds = () => fundsOf(node, program, address);
  const subject = `${program}/fund`;
  return journal.exclusively(subject, async () => {
    const left = await journal.read(subject);
    if (left !== undefined) {
      const tooMuch = await tooMuchOf(account, left, funds);
      if (tooMuch !== undefined) return mayLand(program, left, tooMuch, journal.fileOf(subject));
      const aim = { purpose: left.purpose, isReached: never, landed: landedIn(account, funds) };
      const earlier = await settleEarlier(account, subject, aim);
      if (earlier !== undefined) return given(program, earlier, left.purpose, await funds());
    }
    const { missing: amount, queue } = await funds();
    if (amount === 0n) return nothingMissing(program);
    if (amount > atMost) {
      throw new FundError(
        `${program} is short of ${formatCredits(amount)} by now, more than the ${formatCredits(atMost)} that were agreed to.`,
        { remedy: "Nothing was sent. Find out what takes credits out of it, then run again." },
      );
    }
    if (!queue.paused) throw running(program);
    await refusePoor(node, await builder.signer(), program, amount);
    const aim = {
      purpose: purposeOf(program, amount),
      isReached: async () => (await funds()).missing < amount,
      landed: landedIn(account, funds),
    };
    const call = { functionName: "fund", inputs: [`${amount}u64`] };
    const accepted = await callOnce(account, subject, aim, callee, call);
    if (accepted !== undefined) return given(program, accepted, aim.purpose, await funds());
    const { missing: still } = await funds();
    if (still === 0n) return nothingMissing(program);
    throw new FundError(`Somebody else gives credits to ${program} at this moment.`, {
      remedy: "Nothing was sent. Agree on who does it; then one of you runs it again.",
    });
  });
}

const never = () => Promise.resolve(false);

/** Read by `amountIn`: a later run has to know what an earlier one would give. */
export function purposeOf(program: string, amount: bigint): string {
  return `call of ${program}/fund with ${amount}u64`;
}

/** In microcredits; undefined where the purpose does not tell. */
export function amountIn(purpose: string): bigint | undefined {
  const digits = / with (\d+)u64$/.exec(purpose)?.[1];
  return digits === undefined ? undefined : BigInt(digits);
}

/** What is missing by now, where the transaction may still land and would give more than that. */
async function tooMuchOf(
  { node }: Account,
  left: SentTransaction,
  funds: () => Promise<Funds>,
): Promise<bigint | undefined> {
  // In this order: what lands in between is missing no more, and is looked up by the next run.
  if ((await lookUp(node, left.id)).status !== "unseen") return undefined;
  const { missing } = await funds();
  const amount = amountIn(left.purpose);
  return amount === undefined || amount > missing ? missing : undefined;
}

function mayLand(
  program: string,
  { id, purpose }: SentTransaction,
  missing: bigint,
  file: string,
): Answer {
  const amount = amountIn(purpose);
  const gives = amount === undefined ? "credits" : formatCredits(amount);
  const problem = `${id}, which an earlier run sent, is in no block; it may still land, and would give ${program} ${gives} where ${formatCredits(missing)} are missing.`;
  const wayOut = `Nothing was sent. Look for it in some minutes: \`aleo-ops transaction ${id}\`. Where it never comes, empty the account that signed it, so that it can't be paid for; then remove ${file}, and run again with another account.`;
  if (missing > 0n) throw new FundError(problem, { remedy: wayOut });
  const answer = nothingMissing(program);
  return { ...answer, text: `${answer.text}\n! ${problem}\n    What to do: ${wayOut}` };
}

function nothingMissing(program: string): Answer {
  return {
    document: { program, given: "0", transaction: null },
    text: `✔ ${program} holds what it owes: nothing was sent`,
  };
}

/** Waits until the node serves the state that has what was given; else the run after would give it again. */
function landedIn({ node }: Account, funds: () => Promise<Funds>) {
  return async ({ id, blockHeight = Infinity }: ConfirmedTransaction): Promise<void> => {
    let height = -1;
    const isThere = async () => {
      height = await node.latestHeight();
      return (await funds()).missing === 0n;
    };
    // Where some is missing still, the state is that of the block or of a later one.
    if ((await served(isThere)) || height >= blockHeight) return;
    throw new FundError(
      `${id} was accepted in block ${blockHeight}, and the node serves the state before it: block ${height}.`,
      {
        remedy:
          "The credits were given. Run it again in a minute: it looks at that transaction first, and gives nothing twice.",
      },
    );
  };
}

function given(
  program: string,
  { id, fee }: ConfirmedTransaction,
  purpose: string,
  { missing }: Funds,
): Answer {
  if (missing > 0n) {
    throw new FundError(
      `${id} was accepted, and ${program} is still short of ${formatCredits(missing)}.`,
      { remedy: "Run it again: it looks, and gives only what is missing then." },
    );
  }
  return {
    document: { program, given: amountIn(purpose)?.toString() ?? null, transaction: id },
    text: `✔ ${program} got what it was short of, and holds what it owes: ${id}, ${formatCredits(fee ?? 0n)}`,
  };
}

async function fundable(node: NodeClient, program: string): Promise<Callee> {
  const callee = await calleeOf(node, program);
  if (callee === undefined) {
    throw new FundError(`${program} is not deployed on ${node.network}.`, {
      remedy: "Check the id and the network.",
    });
  }
  const functions = componentsOf(parseProgram(callee.source), "function");
  if (functions.get("fund")?.inputs.length === 1) return callee;
  throw new FundError(`${program} has no function fund.`, {
    remedy: "Only an agent_registry from v3 on keeps credits that it can be short of.",
  });
}

/** What takes credits out of a program that runs would take these as well. */
function running(program: string): FundError {
  return new FundError(`${program} holds less than it owes, and is not paused.`, {
    remedy: `Nothing was sent. Pause it (\`aleo-ops pause ${program}\`) and find out where its credits went (runbooks/exploit.md); then fund it.`,
  });
}

async function refusePoor(node: NodeClient, signer: string, program: string, amount: bigint) {
  const held = await node.balance(signer);
  if (held >= amount + feeAtMost) return;
  throw new FundError(
    `${program} is short of ${formatCredits(amount)}; ${signer} holds ${formatCredits(held)}.`,
    { remedy: `Nothing was sent. Transfer ${formatCredits(amount + feeAtMost - held)} to it.` },
  );
}
