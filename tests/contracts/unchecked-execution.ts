import type { BuiltTransaction, ExecutionRequest } from "../../aleo/transaction/builder.ts";
import { evaluatedExecution } from "../../aleo/transaction/evaluated-execution.ts";
import { loadSdk, useDevnodeConsensusHeights } from "../../aleo/transaction/sdk.ts";

/** More than any call costs, in microcredits: an estimate would take as long as the rest. */
const fee = 200_000n;

/** An execution for a devnode whose fee is not estimated. */
export async function uncheckedExecution(
  privateKey: string,
  call: Omit<ExecutionRequest, "priorityFee">,
  stateRoot: string,
): Promise<BuiltTransaction> {
  const sdk = await loadSdk("testnet");
  useDevnodeConsensusHeights(sdk);
  return evaluatedExecution(sdk, privateKey, { ...call, priorityFee: 0n }, fee, stateRoot);
}
