/**
 * The bounds and reserved words of a program, as of consensus version 19
 * (snarkVM 4.9.1: console/network/src/lib.rs and synthesizer/program/src/lib.rs).
 */
export const bounds = {
  /** Bytes of the canonical text: 100,000 up to V13, 512,000 up to V15, this since V16. */
  programBytes: 2_048_000,
  /** Bytes of a name (31 is what fits into a field element). */
  nameBytes: 31,
  imports: 64,
  /** 128 since consensus version 22, which the SDK in use does not know. */
  mappings: 31,
  functions: 31,
  structs: 310,
  records: 310,
  closures: 62,
  views: 62,
  inputs: 16,
  outputs: 16,
  /** Operands of a `call`, besides the callee. */
  operands: 16,
  instructions: 65_535,
  /** Commands of a finalize, a constructor or a view. */
  commands: 65_535,
  /** `set` and `remove` of one finalize or constructor: 16 up to V13, this since V14. */
  writes: 32,
  /** `call` of views in one finalize. */
  finalizeCalls: 32,
  /** `position` of one finalize, constructor or view. */
  positions: 255,
  structMembers: 32,
  /** Entries of a record besides `owner`. */
  recordEntries: 32,
  /** Elements of an array: 32 up to V10, 512 up to V13, this since V14. */
  arrayElements: 2_048,
  /** Nested arrays, and accesses behind one register. */
  depth: 32,
  /** Additional seeds of `rand.chacha`. */
  randomSeeds: 2,
  stringBytes: 255,
} as const;

export const literalTypes = [
  "address",
  "boolean",
  "field",
  "group",
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
  "scalar",
  "signature",
  "string",
  "identifier",
] as const;
export type LiteralTypeName = (typeof literalTypes)[number];

/** Names that no component, member or entry can have (`ProgramCore::KEYWORDS`). */
export const keywords: ReadonlySet<string> = new Set(
  (
    "const constant public private address boolean field group i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 scalar " +
    "signature string true false input output as into record owner transition import function struct closure " +
    "program aleo self storage mapping key value async finalize global block return break assert continue let if " +
    "else while for switch case default match enum union trait impl type future"
  ).split(" "),
);

/**
 * Names that the parser takes and the chain refuses in a deployment
 * (`ProgramCore::RESTRICTED_KEYWORDS`: since V6, V14, V14 and V15).
 */
export const restrictedKeywords: ReadonlySet<string> = new Set([
  "constructor",
  "dynamic",
  "identifier",
  "view",
]);
