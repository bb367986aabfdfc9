import { loadSdk } from "../../aleo/transaction/sdk.ts";
import type { Account } from "./accounts.ts";
import { callsOf } from "./chain.ts";

/** The functions of trust_verifier_v2.aleo and trust_verifier_v3.aleo that both have, as calls. */
export function verifierCalls(program: string) {
  const call = callsOf(program);
  return {
    call,
    authorize: (by: Account, verifier: Account) => call(by, "authorize_verifier", verifier.address),
    revoke: (by: Account, verifier: Account) => call(by, "revoke_verifier", verifier.address),
    verify: (by: Account, data: string, hash: string, verifier = by) =>
      call(by, "verify_execution", data, hash, verifier.address),
    /** Places without an execution are filled with `0field`, which the program has to ignore. */
    verifyBatch: (
      by: Account,
      data: readonly string[],
      hashes: readonly string[],
      { verifier = by, count = data.length } = {},
    ) =>
      call(
        by,
        "batch_verify_executions",
        `${count}u8`,
        listOf(8, data),
        listOf(8, hashes),
        verifier.address,
      ),
  };
}

/** An array of so many fields, the rest of them zero. */
export function listOf(length: number, fields: readonly string[]): string {
  return `[${Array.from({ length }, (_, index) => fields[index] ?? "0field").join(", ")}]`;
}

/** The hash under which a proof of the execution is recorded: Poseidon, as `hash.psd4` computes it. */
export async function executionHash(data: string): Promise<string> {
  const sdk = await loadSdk("testnet");
  return new sdk.Poseidon4().hash(sdk.Plaintext.fromString(data).toFields()).toString();
}
