import type { MigrationPair } from "../pair.ts";

/** Both have the same mappings of the same types; admin and pause belong to the new program itself. */
export const trustVerifierV2ToV3: MigrationPair = {
  from: "trust_verifier_v2.aleo",
  to: "trust_verifier_v3.aleo",
  last: [],
  totals: [{ mapping: "proofs", of: "entries", in: "proof_count" }],
};
