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
  const id = transactionId(authorization.toExecutionId().toBytesLe());
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

const alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/** As snarkVM writes a transaction id: Bech32m (BIP 350) with the prefix `at`. */
function transactionId(bytes: Uint8Array): string {
  const words = inGroupsOfFive(bytes);
  const prefix = [...Buffer.from("at")];
  const sum = remainder([
    ...prefix.map((code) => code >> 5),
    0,
    ...prefix.map((code) => code & 31),
    ...words,
    ...Array<number>(6).fill(0),
  ]);
  const checksum = [25, 20, 15, 10, 5, 0].map((shift) => ((sum ^ 0x2bc830a3) >> shift) & 31);
  return `at1${[...words, ...checksum].map((word) => alphabet.charAt(word)).join("")}`;
}

function inGroupsOfFive(bytes: Uint8Array): number[] {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  return (bits.match(/.{1,5}/g) ?? []).map((group) => Number.parseInt(group.padEnd(5, "0"), 2));
}

function remainder(words: readonly number[]): number {
  const generators = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
  return words.reduce((sum, word) => {
    const top = sum >> 25;
    return generators.reduce(
      (next, generator, bit) => (((top >> bit) & 1) === 1 ? next ^ generator : next),
      ((sum & 0x1ffffff) << 5) ^ word,
    );
  }, 1);
}
