import type { LiteralTypeName } from "../program/constants.ts";

export const integerTypes = [
  "i8",
  "i16",
  "i32",
  "i64",
  "i128",
  "u8",
  "u16",
  "u32",
  "u64",
  "u128",
] as const;
export type IntegerType = (typeof integerTypes)[number];

/** A number as the chain prints it: a group element by its x coordinate. */
export interface NumberLiteral {
  readonly kind: "number";
  readonly type: IntegerType | "field" | "group" | "scalar";
  readonly value: bigint;
}

export interface BooleanLiteral {
  readonly kind: "boolean";
  readonly type: "boolean";
  readonly value: boolean;
}

/** A literal that is a text: `aleo1…`, `sign1…`, or what stands between the quotes. */
export interface TextLiteral {
  readonly kind: "text";
  readonly type: "address" | "signature" | "string" | "identifier";
  readonly value: string;
}

export type Literal = NumberLiteral | BooleanLiteral | TextLiteral;

export interface StructValue {
  readonly kind: "struct";
  /** In the order of declaration. */
  readonly members: ReadonlyMap<string, Plaintext>;
}

export interface ArrayValue {
  readonly kind: "array";
  readonly elements: readonly Plaintext[];
}

/** Plain data as it stands in mappings. */
export type Plaintext = Literal | StructValue | ArrayValue;

/** A finalize that is to run, with its arguments. */
export interface FutureValue {
  readonly kind: "future";
  readonly program: string;
  readonly function: string;
  readonly arguments: readonly (Plaintext | FutureValue | DynamicFuture)[];
}

/** A future whose program and function were chosen at run time; its arguments stand elsewhere. */
export interface DynamicFuture {
  readonly kind: "dynamic-future";
  readonly program: string;
  readonly function: string;
  /** Of the arguments. */
  readonly checksum: bigint;
}

/** What cannot be known because it comes from state that is not followed, such as `token.aleo/balances`. */
export interface Unknown {
  readonly kind: "unknown";
  /** The state that it comes from. */
  readonly from: string;
}

export type Value = Plaintext | FutureValue | DynamicFuture | Unknown;

export const boolean = (value: boolean): BooleanLiteral => ({
  kind: "boolean",
  type: "boolean",
  value,
});

export const number = (type: NumberLiteral["type"], value: bigint): NumberLiteral => ({
  kind: "number",
  type,
  value,
});

export const text = (type: TextLiteral["type"], value: string): TextLiteral => ({
  kind: "text",
  type,
  value,
});

export function isLiteral(value: Value): value is Literal {
  return value.kind === "number" || value.kind === "boolean" || value.kind === "text";
}

export function isPlaintext(value: Value): value is Plaintext {
  return isLiteral(value) || value.kind === "struct" || value.kind === "array";
}

const integerNames: ReadonlySet<string> = new Set(integerTypes);

export function isIntegerType(type: LiteralTypeName): type is IntegerType {
  return integerNames.has(type);
}
