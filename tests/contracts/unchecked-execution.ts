import type { BuiltTransaction, ExecutionRequest } from "../../aleo/transaction/builder.ts";
import { importsFor } from "../../aleo/transaction/sdk-transaction.ts";
import {
  callSdk,
  loadSdk,
  type Sdk,
  useDevnodeConsensusHeights,
} from "../../aleo/transaction/sdk.ts";

/** More than any call costs, in microcredits: an estimate would take as long as the rest. */
const fee = 200_000n;

type Authorization = ReturnType<Sdk["Authorization"]["fromString"]>;

/**
 * An execution without a proof, as only a devnode takes it, put together from authorizations that
 * are evaluated and not run as circuits, as the SDK's own builder does: a twentieth of its time.
 */
export async function uncheckedExecution(
  privateKey: string,
  call: Omit<ExecutionRequest, "priorityFee">,
  stateRoot: string,
): Promise<BuiltTransaction> {
  const sdk = await loadSdk("testnet");
  useDevnodeConsensusHeights(sdk);
  const { ProgramManagerBase: manager } = sdk;
  const key = sdk.PrivateKey.from_string(privateKey);

  const authorization = await callSdk(`Authorizing ${call.functionName}`, () =>
    manager.buildAuthorizationUnchecked(
      key,
      call.source,
      call.functionName,
      [...call.inputs],
      undefined,
      call.edition,
      importsFor(sdk, call.imports),
    ),
  );
  const feeAuthorization = await manager.buildAuthorizationUnchecked(
    key,
    sdk.Program.getCreditsProgram().toString(),
    "fee_public",
    [`${fee}u64`, "0u64", authorization.toExecutionId().toString()],
  );

  const transitions = textsOf(authorization);
  const [feeTransition = ""] = textsOf(feeAuthorization);
  // A fee is a leaf like others in the tree whose root is the id (snarkVM ledger/block/src/transaction/merkle.rs).
  authorization.insertTransition(sdk.Transition.fromString(feeTransition));
  const id = transactionId(authorization.toExecutionId().toBytesLe());
  return {
    id,
    fee,
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
