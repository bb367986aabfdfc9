import { readArrayType, readLiteralType, readPlaintextType } from "./types.ts";
import type { PlaintextType } from "./types.ts";
import type { Reader } from "./reader.ts";

/** What stands behind the opcode of an instruction whose operands are in fixed number. */
export interface FixedShape {
  readonly operands: number;
  /** `none`: no destination; `into`: `into r0`; `as`: `into r0 as type`. */
  readonly result: "none" | "into" | "as";
  /** The type behind `as`, where there is one. */
  readonly readType?: (reader: Reader) => string | null;
}

const into = (operands: number): FixedShape => ({ operands, result: "into" });

const unary = "abs abs.w double inv neg not square sqrt";
const binary =
  "add add.w and div div.w gt gte lt lte mod mul mul.w nand nor or pow pow.w rem rem.w shl shl.w shr shr.w " +
  "sub sub.w xor is.eq is.neq";
const commitments = ["bhp256", "bhp512", "bhp768", "bhp1024", "ped64", "ped128"];
const poseidons = ["psd2", "psd4", "psd8"];
const keccaks = ["keccak256", "keccak384", "keccak512", "sha3_256", "sha3_384", "sha3_512"];

const unhashable: ReadonlySet<string> = new Set(["boolean", "string", "identifier"]);
const committable: ReadonlySet<string> = new Set(["address", "field", "group"]);

function readHashType(reader: Reader): string | null {
  const start = reader.position;
  const type = readPlaintextType(reader);
  if (type === null) return null;
  return unhashable.has(type.text) && type.kind === "literal"
    ? reader.refuse(`a hash cannot be a ${type.text}`, start)
    : type.text;
}

function readCommitType(reader: Reader): string | null {
  const start = reader.position;
  const type = readLiteralType(reader);
  if (type === null) return null;
  return committable.has(type)
    ? type
    : reader.refuse(`a commitment is an address, a field or a group, no ${type}`, start);
}

const hash = (operands: number): FixedShape => ({ operands, result: "as", readType: readHashType });
const commit: FixedShape = { operands: 2, result: "as", readType: readCommitType };

function shapes(names: readonly string[], shape: FixedShape): [string, FixedShape][] {
  return names.map((name) => [name, shape]);
}

/**
 * The instructions with a fixed number of operands
 * (snarkVM synthesizer/program/src/logic/instruction/mod.rs, `instruction!`).
 */
export const fixedShapes: ReadonlyMap<string, FixedShape> = new Map([
  ...shapes(unary.split(" "), into(1)),
  ...shapes(binary.split(" "), into(2)),
  ...shapes(["ternary", "sign.verify"], into(3)),
  ...shapes(["assert.eq", "assert.neq"], { operands: 2, result: "none" }),
  ...shapes(["snark.verify", "snark.verify.batch"], into(4)),
  ...shapes(
    commitments.flatMap((name) => [`commit.${name}`, `commit.${name}.raw`]),
    commit,
  ),
  ...shapes(
    [...commitments, ...poseidons].flatMap((name) => [`hash.${name}`, `hash.${name}.raw`]),
    hash(1),
  ),
  ...shapes(
    keccaks.flatMap((name) =>
      ["", ".raw", ".native", ".native.raw"].map((suffix) => `hash.${name}${suffix}`),
    ),
    hash(1),
  ),
  ...shapes(
    poseidons.map((name) => `hash_many.${name}`),
    hash(2),
  ),
  ...shapes(["ecdsa.verify.digest", "ecdsa.verify.digest.eth"], into(3)),
  ...shapes(
    keccaks.flatMap((name) =>
      ["", ".raw", ".eth"].map((suffix) => `ecdsa.verify.${name}${suffix}`),
    ),
    into(3),
  ),
]);

export const serializeOpcodes = ["serialize.bits", "serialize.bits.raw"] as const;
export const deserializeOpcodes = ["deserialize.bits", "deserialize.bits.raw"] as const;

/** Opcodes without a dot: names that no component can have (`Instruction::is_reserved_opcode`). */
export const reservedOpcodes: ReadonlySet<string> = new Set(
  [...fixedShapes.keys(), "async", "call", "cast"].filter((opcode) => !opcode.includes(".")),
);

/** Whether `serialize.bits` takes the type: plain values and arrays of them, without text. */
export function isSerializable(type: PlaintextType, base: PlaintextType): boolean {
  if (type.kind !== "literal" && type.kind !== "array") return false;
  return base.kind === "literal" && base.text !== "string" && base.text !== "signature";
}

/** An array of booleans: what `serialize.bits` makes and `deserialize.bits` takes. */
export function readBitArray(reader: Reader): string | null {
  const start = reader.position;
  const type = readArrayType(reader);
  if (type?.kind !== "array") return null;
  return type.element.text === "boolean" && type.element.kind === "literal"
    ? type.text
    : reader.refuse(`expected an array of booleans, found ${type.text}`, start);
}
