import { type MigrationPair, ownOfEach } from "../pair.ts";

/** All versions have the same entries. */
export function trustVerifierPair(from: string, to: string): MigrationPair {
  return {
    from,
    to,
    left: ownOfEach,
    last: [],
    totals: [{ mapping: "proofs", of: "entries", in: "proof_count" }],
  };
}
