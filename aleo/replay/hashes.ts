import { bitsOf, rawBitsOf } from "./bits.ts";
import { bitsOfBytes, bytesOf } from "./bytes.ts";
import { castLossy, isLiteralType } from "./casts.ts";
import { bhpWidths, fieldsOfBits, type BhpWidth, type Crypto } from "./crypto.ts";
import { halt } from "./halt.ts";
import { digestSizes, keccak, sha3, type DigestSize } from "./keccak.ts";
import { boolean, number, type Literal, type Plaintext } from "./values.ts";

/** Computes a hash or a commitment, and answers it in the type that is named. */
export type TypedOperation = (
  operands: readonly Plaintext[],
  type: string,
  crypto: Crypto,
) => Plaintext;

/**
 * `hash.*`, `commit.*` and `sign.verify`; `hash_many.*`, which the chain itself does not carry out,
 * is left out (snarkVM synthesizer/program/src/logic/instruction/operation/hash.rs, `do_hash!`).
 */
export const hashes: ReadonlyMap<string, TypedOperation> = new Map<string, TypedOperation>([
  ...bhpWidths.flatMap((width) => [
    ...hashOf(`bhp${width}`, (bits, crypto) => crypto.bhp(width, bits)),
    ...commitOf(`bhp${width}`, (bits, randomizer, crypto) =>
      crypto.commitBhp(width, bits, randomizer),
    ),
  ]),
  ...([64, 128] as const).flatMap((width) => [
    ...hashOf(`ped${width}`, (bits, crypto) => crypto.pedersen(width, atMost(width, bits))),
    ...commitOf(`ped${width}`, (bits, randomizer, crypto) =>
      crypto.commitPedersen(width, atMost(width, bits), randomizer),
    ),
  ]),
  ...([2, 4, 8] as const).flatMap((rate) =>
    both(`hash.psd${rate}`, (bits, isRaw) => ([, type, crypto]) => {
      const fields = fieldsOfBits(isRaw ? bits : [...bits, true]);
      const isPoint = type === "group" || type === "address";
      return isPoint
        ? groupAs(crypto.poseidonGroup(rate, fields), type, crypto)
        : literalAs(number("field", crypto.poseidon(rate, fields)), type, crypto);
    }),
  ),
  ...digestSizes.flatMap((size) => [
    ...digestOf(`keccak${size}`, size, keccak),
    ...digestOf(`sha3_${size}`, size, sha3),
  ]),
]);

type Bits = readonly boolean[];
type Entry = readonly [string, TypedOperation];

/** The variants of a hash: of the bits with types, and (`.raw`) of the literals' bits alone. */
function both(
  opcode: string,
  hash: (
    bits: Bits,
    isRaw: boolean,
  ) => (rest: readonly [readonly Plaintext[], string, Crypto]) => Plaintext,
): Entry[] {
  return [false, true].map((isRaw) => [
    isRaw ? `${opcode}.raw` : opcode,
    (operands, type, crypto) => {
      const [input] = operands;
      if (input === undefined) return halt("an operand is missing");
      const bits = isRaw ? rawBitsOf(input) : bitsOf(input);
      return hash(bits, isRaw)([operands, type, crypto]);
    },
  ]);
}

function hashOf(name: string, hash: (bits: Bits, crypto: Crypto) => bigint): Entry[] {
  return both(`hash.${name}`, (bits) => ([, type, crypto]) => {
    return groupAs(hash(bits, crypto), type, crypto);
  });
}

function commitOf(
  name: string,
  commit: (bits: Bits, randomizer: bigint, crypto: Crypto) => bigint,
): Entry[] {
  return both(`commit.${name}`, (bits) => ([[, randomizer], type, crypto]) => {
    if (randomizer?.kind !== "number" || randomizer.type !== "scalar") {
      return halt("a commitment needs a scalar");
    }
    return groupAs(commit(bits, randomizer.value, crypto), type, crypto);
  });
}

function atMost(width: number, bits: Bits): Bits {
  return bits.length <= width
    ? bits
    : halt(`${bits.length} bits are more than the ${width} of this hash`);
}

/** A byte digest: hashed again into a group element, or (`.native`) as an array of booleans. */
function digestOf(
  name: string,
  size: DigestSize,
  digest: (size: DigestSize, bytes: Uint8Array) => Uint8Array,
): Entry[] {
  const bitsFor = (bits: Bits, isRaw: boolean): boolean[] => {
    if (isRaw && bits.length % 8 !== 0) return halt(`${bits.length} bits are no whole bytes`);
    return bitsOfBytes(digest(size, bytesOf(bits)));
  };
  const width: BhpWidth = size === 256 ? 256 : 512;
  return [
    ...both(`hash.${name}`, (bits, isRaw) => ([, type, crypto]) => {
      return groupAs(crypto.bhp(width, bitsFor(bits, isRaw)), type, crypto);
    }),
    ...both(`hash.${name}.native`, (bits, isRaw) => () => bitArray(bitsFor(bits, isRaw))),
  ];
}

export function bitArray(bits: Bits): Plaintext {
  return { kind: "array", elements: bits.map(boolean) };
}

function groupAs(x: bigint, type: string, crypto: Crypto): Plaintext {
  return literalAs(number("group", x), type, crypto);
}

function literalAs(value: Literal, type: string, crypto: Crypto): Plaintext {
  return isLiteralType(type) ? castLossy(value, type, crypto) : halt(`no hash is a ${type}`);
}
