import { literalTypes, type LiteralTypeName } from "../program/constants.ts";
import { addressNumber, bech32Bytes } from "../bech32.ts";
import type { Literal, Plaintext } from "./values.ts";

/** Bits of a field element and of a group element, which is written as its x coordinate. */
export const fieldBits = 253;
const scalarBits = 251;
const identifierBits = 248;

const fixedSizes: Readonly<Partial<Record<LiteralTypeName, number>>> = {
  address: fieldBits,
  boolean: 1,
  field: fieldBits,
  group: fieldBits,
  i8: 8,
  i16: 16,
  i32: 32,
  i64: 64,
  i128: 128,
  u8: 8,
  u16: 16,
  u32: 32,
  u64: 64,
  u128: 128,
  scalar: scalarBits,
  signature: 2 * scalarBits + 2 * fieldBits,
  identifier: identifierBits,
};

/** Bits of a literal without its type; undefined for a string, which has no fixed size. */
export function literalSize(type: LiteralTypeName): number | undefined {
  return fixedSizes[type];
}

/** Collects bits, the least significant one of each number first. */
class Bits {
  readonly list: boolean[] = [];

  number(value: bigint | number, size: number): void {
    if (typeof value === "number") {
      for (let bit = 0; bit < size; bit += 1) this.list.push(((value >> bit) & 1) === 1);
      return;
    }
    for (let at = 0; at < size; at += 16) {
      const part = Number((value >> BigInt(at)) & 0xffffn);
      this.number(part, Math.min(16, size - at));
    }
  }

  text(text: string): void {
    for (const byte of Buffer.from(text)) this.number(byte, 8);
  }
}

/**
 * Plain data as bits, with types and lengths, as the chain hashes it
 * (snarkVM console/program/src/data/plaintext/to_bits.rs).
 */
export function bitsOf(value: Plaintext): boolean[] {
  const bits = new Bits();
  write(bits, value);
  return bits.list;
}

/** The bits of the literals alone (console/program/src/data/plaintext/to_bits_raw.rs). */
export function rawBitsOf(value: Plaintext): boolean[] {
  const bits = new Bits();
  writeRaw(bits, value);
  return bits.list;
}

/** A name as bits: its characters, 8 bits each. */
export function nameBits(name: string): boolean[] {
  const bits = new Bits();
  bits.text(name);
  return bits.list;
}

export function numberBits(value: bigint, size: number): boolean[] {
  const bits = new Bits();
  bits.number(value, size);
  return bits.list;
}

export function bitsNumber(bits: readonly boolean[]): bigint {
  let value = 0n;
  for (let at = bits.length; at > 0;) {
    const from = Math.max(0, at - 16);
    let part = 0;
    for (let bit = at - 1; bit >= from; bit -= 1) part = part * 2 + (bits[bit] === true ? 1 : 0);
    value = (value << BigInt(at - from)) | BigInt(part);
    at = from;
  }
  return value;
}

function write(bits: Bits, value: Plaintext): void {
  switch (value.kind) {
    case "struct":
      bits.list.push(false, true);
      bits.number(value.members.size, 8);
      for (const [name, member] of value.members) {
        bits.number(name.length * 8, 8);
        bits.text(name);
        writeSized(bits, member);
      }
      return;
    case "array":
      bits.list.push(true, false);
      bits.number(BigInt(value.elements.length), 32);
      for (const element of value.elements) writeSized(bits, element);
      return;
    default: {
      bits.list.push(false, false);
      bits.number(literalTypes.indexOf(value.type), 8);
      const literal = rawBitsOf(value);
      bits.number(literal.length, 16);
      append(bits.list, literal);
    }
  }
}

function writeSized(bits: Bits, value: Plaintext): void {
  const own = bitsOf(value);
  bits.number(own.length, 16);
  append(bits.list, own);
}

function append(list: boolean[], more: readonly boolean[]): void {
  for (const bit of more) list.push(bit);
}

function writeRaw(bits: Bits, value: Plaintext): void {
  switch (value.kind) {
    case "struct":
      for (const member of value.members.values()) writeRaw(bits, member);
      return;
    case "array":
      for (const element of value.elements) writeRaw(bits, element);
      return;
    default:
      writeLiteral(bits, value);
  }
}

function writeLiteral(bits: Bits, literal: Literal): void {
  switch (literal.kind) {
    case "boolean":
      bits.list.push(literal.value);
      return;
    case "number":
      bits.number(literal.value, fixedSizes[literal.type] ?? 0);
      return;
    case "text":
      writeText(bits, literal.type, literal.value);
  }
}

function writeText(bits: Bits, type: LiteralTypeName, value: string): void {
  switch (type) {
    case "address":
      bits.number(addressNumber(value), fieldBits);
      return;
    case "signature":
      writeSignature(bits, value);
      return;
    case "identifier":
      bits.text(value.padEnd(identifierBits / 8, "\0"));
      return;
    default:
      bits.text(value);
  }
}

/** Challenge, response and the two points of the compute key (console/account/src/signature). */
function writeSignature(bits: Bits, signature: string): void {
  const bytes = Buffer.from(bech32Bytes(signature));
  [scalarBits, scalarBits, fieldBits, fieldBits].forEach((size, part) => {
    bits.number(littleEndian(bytes.subarray(part * 32, part * 32 + 32)), size);
  });
}

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString("hex")}`);
}
