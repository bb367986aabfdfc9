import { createHash } from "node:crypto";
import { canonicalText } from "./canonical.ts";
import type { Program } from "./program.ts";

/**
 * The checksum under which the chain keeps a program: SHA3-256 of the canonical text
 * (snarkVM synthesizer/program/src/to_checksum.rs). 64 hexadecimal digits.
 */
export function programChecksum(program: Program): string {
  return createHash("sha3-256").update(canonicalText(program)).digest("hex");
}

/** The same as a deployment's `program_checksum` gives it in JSON: `["12u8", "255u8", …]`. */
export function chainChecksum(checksum: string): string[] {
  return [...Buffer.from(checksum, "hex")].map((byte) => `${byte}u8`);
}
