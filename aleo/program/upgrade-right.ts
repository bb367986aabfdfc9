import { constructorOf } from "./program.ts";
import type { Program } from "./program.ts";

/** Who a constructor lets upgrade: an address that it names, or the one in a mapping entry. */
export type UpgradeRight =
  | { readonly kind: "address"; readonly address: string }
  | { readonly kind: "entry"; readonly mapping: string; readonly key: string };

/**
 * Whom the constructor compares `program_owner` with, as in Leo's `@admin` and in constructors that
 * keep an admin in a mapping; undefined where it decides otherwise. The chain takes the fee of an
 * upgrade that the constructor refuses, so this is asked before anything is sent.
 */
export function upgradeRight(program: Program): UpgradeRight | undefined {
  const statements = constructorOf(program)?.statements ?? [];
  const comparison = statements.find(
    ({ opcode, operands }) => opcode === "assert.eq" && operands.includes("program_owner"),
  );
  const other = comparison?.operands.find((operand) => operand !== "program_owner");
  if (other === undefined) return undefined;
  if (other.startsWith("aleo1")) return { kind: "address", address: other };
  const read = statements.find(
    ({ opcode, destinations }) => opcode === "get" && destinations.includes(other),
  );
  const entry = /^get ([a-z]\w*)\[([^r\]][^\]]*)\] into /i.exec(read?.text ?? "");
  return entry?.[1] === undefined || entry[2] === undefined
    ? undefined
    : { kind: "entry", mapping: entry[1], key: entry[2] };
}
