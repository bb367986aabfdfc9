import { readLiteral } from "../../../aleo/program/literals.ts";
import { Reader } from "../../../aleo/program/reader.ts";
import type { PlaintextType } from "../../../aleo/program/types.ts";

/**
 * Whether a text is a value of a type, such as `5u64` of u64. Values of structs and arrays are not
 * read: only the chain says what it makes of them.
 */
export function isValueOf(text: string, type: PlaintextType): boolean {
  if (type.kind !== "literal") return true;
  const reader = new Reader(text.trim());
  const literal = readLiteral(reader);
  return literal !== null && reader.atEnd && typeOf(literal) === type.text;
}

function typeOf(literal: string): string {
  if (literal === "true" || literal === "false") return "boolean";
  if (literal.startsWith("aleo1")) return "address";
  if (literal.startsWith("sign1")) return "signature";
  if (literal.startsWith("'")) return "identifier";
  return literal.replace(/^-?[0-9]+/, "");
}
