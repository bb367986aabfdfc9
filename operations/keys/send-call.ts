import { AleoError } from "../../aleo/errors.ts";
import type { NodeClient } from "../../aleo/node/client.ts";
import type { Aim } from "../../aleo/transaction/send.ts";
import type { Account } from "../account.ts";
import { calleeOf, callOnce, type Call, type Callee } from "../call.ts";

export class RotationError extends AleoError {}

/**
 * Calls a function once, whatever stopped the runs before.
 * @returns the accepted transaction's id; empty where the chain was there without one
 * @throws RotationError where the program is not on chain; otherwise as `callOnce` does
 */
export async function sendCall(
  account: Account,
  subject: string,
  aim: Aim,
  programId: string,
  call: Call,
): Promise<string> {
  const callee = await calleeOnChain(account.node, programId);
  const accepted = await account.journal.exclusively(subject, () =>
    callOnce(account, subject, aim, callee, call),
  );
  return accepted?.id ?? "";
}

/** @throws RotationError */
export async function calleeOnChain(node: NodeClient, programId: string): Promise<Callee> {
  const callee = await calleeOf(node, programId);
  if (callee !== undefined) return callee;
  throw new RotationError(`${programId} is not on ${node.network} any more.`, {
    remedy: "Check that the endpoints serve the ledger that the programs are on.",
  });
}
