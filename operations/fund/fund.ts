import { AleoError } from "../../aleo/errors.ts";
import { formatCredits } from "../../aleo/network.ts";
import type { NodeClient } from "../../aleo/node/client.ts";
import { parseProgram } from "../../aleo/program/parse.ts";
import { componentsOf } from "../../aleo/program/program.ts";
import type { Account } from "../account.ts";
import { calleeOf, callOnce, type Callee } from "../call.ts";
import type { Answer } from "../command-line.ts";
import { served } from "../until.ts";
import { fundsOf } from "../withdrawals/check.ts";

class FundError extends AleoError {}

/** More than a call of `fund` costs, in microcredits. */
const feeAtMost = 100_000n;

/**
 * What a program owes beyond what it holds, in microcredits; 0 where it holds enough.
 * @throws FundError for a program that is not there or can't be funded
 */
export async function missingIn(node: NodeClient, program: string): Promise<bigint> {
  await fundable(node, program);
  return (await fundsOf(node, program)).missing;
}

/**
 * Gives a paused program out of the operating account what it owes beyond what it holds, as after an
 * import, which brings no credits. A run that was killed goes on; nothing is sent where nothing is missing.
 * @param atMost in microcredits: what somebody agreed to
 * @throws FundError before anything is sent, for a program that can't be funded or is not paused, where
 *   more than `atMost` is missing, or for an account that holds too little
 */
export async function fund(account: Account, program: string, atMost: bigint): Promise<Answer> {
  const { node, journal, builder } = account;
  const callee = await fundable(node, program);
  const subject = `${program}/fund`;
  const aim = {
    purpose: `call of ${program}/fund that makes up for what is missing`,
    isReached: async () => (await fundsOf(node, program)).missing === 0n,
  };
  return journal.exclusively(subject, async () => {
    const { missing: amount, queue } = await fundsOf(node, program);
    if (amount > atMost) {
      throw new FundError(
        `${program} is short of ${formatCredits(amount)} by now, more than the ${formatCredits(atMost)} that were agreed to.`,
        { remedy: "Nothing was sent. Find out what takes credits out of it, then run again." },
      );
    }
    if (amount > 0n) {
      if (!queue.paused) throw running(program);
      await refusePoor(node, await builder.signer(), program, amount);
    }
    const call = { functionName: "fund", inputs: [`${amount}u64`] };
    const accepted = await callOnce(account, subject, aim, callee, call);
    if (accepted === undefined) {
      return {
        document: { program, given: "0", transaction: null },
        text: `✔ ${program} holds what it owes: nothing was sent`,
      };
    }
    if (!(await served(aim.isReached))) {
      throw new FundError(
        `${accepted.id} was accepted, and ${program} still holds less than it owes.`,
        { remedy: "Run it again: it looks, and gives only what is missing then." },
      );
    }
    return {
      document: { program, given: amount.toString(), transaction: accepted.id },
      text: `✔ ${program} got what it was short of, and holds what it owes: ${accepted.id}, ${formatCredits(accepted.fee ?? 0n)}`,
    };
  });
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
