import { literalTypes, type LiteralTypeName } from "../program/constants.ts";
import type { PlaintextType } from "../program/types.ts";
import { bitsNumber, literalSize, numberBits } from "./bits.ts";
import { castLiteral } from "./casts.ts";
import { fieldOrder } from "../program/curve.ts";
import { halt } from "./halt.ts";
import { boolean, number, type Plaintext } from "./values.ts";

/**
 * Reads a value of a type from its bits, as `deserialize.bits` does; with `isRaw` from the bits of
 * its literals alone. Only literals and arrays of them can be read so.
 * Source: snarkVM synthesizer/program/src/logic/instruction/operation/deserialize.rs.
 */
export function fromBits(bits: readonly boolean[], type: PlaintextType, isRaw: boolean): Plaintext {
  const cursor = new Cursor(bits);
  const value = read(cursor, type, isRaw);
  return cursor.atEnd ? value : halt(`${bits.length} bits are too many for ${type.text}`);
}

class Cursor {
  readonly #bits: readonly boolean[];
  #position = 0;

  constructor(bits: readonly boolean[]) {
    this.#bits = bits;
  }

  get atEnd(): boolean {
    return this.#position === this.#bits.length;
  }

  take(count: number): readonly boolean[] {
    const taken = this.#bits.slice(this.#position, this.#position + count);
    if (taken.length < count) halt("there are too few bits");
    this.#position += count;
    return taken;
  }

  /** Reads bits that can only be these. */
  expect(bits: readonly boolean[], what: string): void {
    const taken = this.take(bits.length);
    if (taken.some((bit, index) => bit !== bits[index])) halt(`the bits are not those of ${what}`);
  }
}

function read(cursor: Cursor, type: PlaintextType, isRaw: boolean): Plaintext {
  if (type.kind === "literal") return readLiteral(cursor, type.text, isRaw);
  if (type.kind !== "array") return halt(`${type.text} can't be read from bits`);
  if (!isRaw) {
    cursor.expect([true, false], "an array");
    cursor.expect(numberBits(BigInt(type.length), 32), `an array of ${type.length}`);
  }
  const elements = Array.from({ length: type.length }, () => {
    if (!isRaw) cursor.expect(numberBits(BigInt(sizeOf(type.element)), 16), type.element.text);
    return read(cursor, type.element, isRaw);
  });
  return { kind: "array", elements };
}

/** Bits of a value with its types and lengths. */
function sizeOf(type: PlaintextType): number {
  if (type.kind === "literal") return 2 + 8 + 16 + sizeOfLiteral(type.text);
  if (type.kind !== "array") return halt(`${type.text} can't be read from bits`);
  return 2 + 32 + type.length * (16 + sizeOf(type.element));
}

function sizeOfLiteral(type: LiteralTypeName): number {
  return literalSize(type) ?? halt(`a ${type} can't be read from bits`);
}

function readLiteral(cursor: Cursor, type: LiteralTypeName, isRaw: boolean): Plaintext {
  const size = sizeOfLiteral(type);
  if (!isRaw) {
    cursor.expect([false, false], "a literal");
    cursor.expect(numberBits(BigInt(literalTypes.indexOf(type)), 8), `a ${type}`);
    cursor.expect(numberBits(BigInt(size), 16), `a ${type}`);
  }
  const value = bitsNumber(cursor.take(size));
  if (type === "boolean") return boolean(value === 1n);
  if (value >= fieldOrder) return halt(`${value} is no ${type}`);
  return castLiteral(number("field", value), type);
}
