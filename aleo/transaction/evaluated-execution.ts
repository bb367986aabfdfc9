import { bech32Text } from "../bech32.ts";
import type { BuiltTransaction, ExecutionRequest } from "./builder.ts";
import { importsFor } from "./sdk-transaction.ts";
import { callSdk, type Sdk } from "./sdk.ts";

type Authorization = ReturnType<Sdk["Authorization"]["fromString"]>;

/**
 * An execution without a proof, as only a devnode takes it, put together from authorizations that
 * are evaluated and not run as circuits, as the SDK's own builder does: an eighth of its time. An
 * assert that fails makes it fail as well.
 * @param privateKey who signs and pays
 * @param baseFee in microcredits; the devnode refuses one that is too low
 * @param stateRoot the ledger's latest
 * @throws SdkError
 */
export async function evaluatedExecution(
  sdk: Sdk,
  privateKey: string,
  { programId, source, functionName, inputs, edition, imports, priorityFee }: ExecutionRequest,
  baseFee: bigint,
  stateRoot: string,
): Promise<BuiltTransaction> {
  const { ProgramManagerBase: manager } = sdk;
  const key = sdk.PrivateKey.from_string(privateKey);
  const authorization = await callSdk(`Building the call of ${programId}/${functionName}`, () =>
    manager.buildAuthorizationUnchecked(
      key,
      source,
      functionName,
      [...inputs],
      undefined,
      edition,
      importsFor(sdk, imports),
    ),
  );
  const feeAuthorization = await callSdk(`Building the fee of ${programId}/${functionName}`, () =>
    manager.buildAuthorizationUnchecked(
      key,
      sdk.Program.getCreditsProgram().toString(),
      "fee_public",
      [`${baseFee}u64`, `${priorityFee}u64`, authorization.toExecutionId().toString()],
    ),
  );

  const transitions = textsOf(authorization);
  const [feeTransition = ""] = textsOf(feeAuthorization);
  // A fee is a leaf like others in the tree whose root is the id (snarkVM ledger/block/src/transaction/merkle.rs).
  authorization.insertTransition(sdk.Transition.fromString(feeTransition));
  const id = bech32Text("at", authorization.toExecutionId().toBytesLe());
  return {
    id,
    fee: baseFee + priorityFee,
    text: JSON.stringify({
      type: "execute",
      id,
      execution: {
        transitions: transitions.map((text): unknown => JSON.parse(text)),
        global_state_root: stateRoot,
      },
      fee: { transition: JSON.parse(feeTransition) as unknown, global_state_root: stateRoot },
    }),
  };
}

function textsOf(authorization: Authorization): string[] {
  return authorization.transitions().map(String);
}
