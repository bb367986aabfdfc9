import { addressOfNumber } from "../../../aleo/bech32.ts";
import { integerTypes } from "../../../aleo/replay/values.ts";

/** One computation of a finalize: its last statement fills `$` with a result of the type. */
export interface Case {
  readonly name: string;
  /** Statements with `$1`, `$2` … for registers of their own, and `$` for the result's. */
  readonly statements: readonly string[];
  readonly type: string;
}

const signed = integerTypes.filter((type) => type.startsWith("i"));
const unsigned = integerTypes.filter((type) => type.startsWith("u"));
const bitsOf = (type: string): number => Number(type.slice(1));

/** A repeatable stream of numbers below a bound (a linear congruential generator). */
function numbers(seed: bigint): (bits: number) => bigint {
  let state = seed;
  return (bits) => {
    let value = 0n;
    for (let at = 0; at < bits; at += 32) {
      state = (state * 6364136223846793005n + 1442695040888963407n) % (1n << 64n);
      value = (value << 32n) | (state >> 32n);
    }
    return BigInt.asUintN(bits, value);
  };
}

const anyNumber = numbers(20250621n);

function anyInteger(type: string): string {
  const bits = bitsOf(type);
  const value = anyNumber(bits);
  return `${type.startsWith("i") ? BigInt.asIntN(bits, value) : value}${type}`;
}

const anyField = (): string => `${anyNumber(252)}field`;
const anyScalar = (): string => `${anyNumber(249)}scalar`;
const groups = [
  "2group",
  "0group",
  "18group",
  "1540945439182663264862696551825005342995406165131907382295858612069623286213group",
];

function one(statement: string, type: string, ...before: string[]): Case {
  return {
    name: statement,
    statements: [
      ...before,
      `${statement.replace(/ as .*$/, "")} into $${/ as .*$/.exec(statement)?.[0] ?? ""}`,
    ],
    type,
  };
}

function integers(): Case[] {
  const cases: Case[] = [];
  for (const type of integerTypes) {
    for (const opcode of ["add", "sub", "mul", "div", "rem"]) {
      cases.push(one(`${opcode} 11${type} 3${type}`, type));
      cases.push(one(`${opcode}.w ${anyInteger(type)} ${anyInteger(type)}`, type));
    }
    for (const opcode of ["and", "or", "xor"]) {
      cases.push(one(`${opcode} ${anyInteger(type)} ${anyInteger(type)}`, type));
    }
    for (const distance of ["u8", "u16", "u32"]) {
      cases.push(one(`pow 3${type} 3${distance}`, type));
      cases.push(one(`shl 5${type} 3${distance}`, type));
      cases.push(one(`shr ${anyInteger(type)} 2${distance}`, type));
      for (const opcode of ["pow.w", "shl.w", "shr.w"]) {
        cases.push(one(`${opcode} ${anyInteger(type)} ${anyInteger(distance)}`, type));
      }
    }
    cases.push(one(`not ${anyInteger(type)}`, type));
    cases.push(...comparisons(anyInteger(type), anyInteger(type)));
  }
  for (const type of signed) {
    const least = `-${1n << BigInt(bitsOf(type) - 1)}${type}`;
    cases.push(one(`abs -7${type}`, type));
    cases.push(one(`abs.w ${least}`, type));
    cases.push(one(`neg 7${type}`, type));
    cases.push(one(`div -7${type} 2${type}`, type));
    cases.push(one(`rem -7${type} 2${type}`, type));
    cases.push(one(`div.w ${least} -1${type}`, type));
    cases.push(one(`rem.w ${least} -1${type}`, type));
    cases.push(one(`shl -1${type} ${bitsOf(type) - 1}u8`, type));
    cases.push(one(`shr ${least} 1u8`, type));
  }
  for (const type of unsigned) cases.push(one(`mod ${anyInteger(type)} 7${type}`, type));
  return cases;
}

function comparisons(a: string, b: string): Case[] {
  return ["gt", "gte", "lt", "lte"].flatMap((opcode) => [
    one(`${opcode} ${a} ${b}`, "boolean"),
    one(`${opcode} ${a} ${a}`, "boolean"),
  ]);
}

function booleans(): Case[] {
  const pairs = ["true", "false"].flatMap((a) => ["true", "false"].map((b) => `${a} ${b}`));
  return [
    ...["and", "or", "xor", "nand", "nor", "is.eq", "is.neq"].flatMap((opcode) =>
      pairs.map((pair) => one(`${opcode} ${pair}`, "boolean")),
    ),
    one("not true", "boolean"),
  ];
}

function elements(): Case[] {
  const [a, b] = [anyField(), anyField()];
  const [s, t] = [anyScalar(), anyScalar()];
  return [
    ...["add", "sub", "mul", "div", "pow"].map((opcode) => one(`${opcode} ${a} ${b}`, "field")),
    ...["neg", "double", "square", "inv"].map((opcode) => one(`${opcode} ${a}`, "field")),
    one("sqrt $1", "field", `square ${b} into $1`),
    one("sqrt 0field", "field"),
    one("pow 0field 0field", "field"),
    ...comparisons(a, b),
    one(`add ${s} ${t}`, "scalar"),
    one(`add $1 ${t}`, "scalar", `cast -1i8 into $1 as scalar`),
    ...comparisons(s, t),
    one(`add ${groups[0] ?? ""} ${groups[2] ?? ""}`, "group"),
    one(`add ${groups[0] ?? ""} ${groups[0] ?? ""}`, "group"),
    one(`sub ${groups[0] ?? ""} ${groups[2] ?? ""}`, "group"),
    one(`sub ${groups[0] ?? ""} ${groups[0] ?? ""}`, "group"),
    one(`add $1 0group`, "group", `neg ${groups[0] ?? ""} into $1`),
    one(`neg ${groups[2] ?? ""}`, "group"),
    one(`double ${groups[2] ?? ""}`, "group"),
    one(`mul ${groups[2] ?? ""} ${s}`, "group"),
    one(`mul ${t} group::GEN`, "group"),
    one("add aleo::GENERATOR group::GEN", "group"),
    one("add aleo::GENERATOR_POWERS[5u32] 0group", "group"),
    one(`cast ${groups[2] ?? ""} as group.x`, "field"),
    one(`cast ${groups[2] ?? ""} as group.y`, "field"),
  ];
}

/** One value of each type, and one that fits into every type that it may be cast to. */
const samples: Readonly<Record<string, string>> = {
  address: "aleo1rhgdu77hgyqd3xjj8ucu3jj9r2krwz6mnzyd80gncr5fxcwlh5rsvzp9px",
  boolean: "true",
  field: "4444561749428370424248824938781546531375899335154063827935233455917409239041field",
  group: groups[3] ?? "",
  scalar: "1111115437357092606062206234695386632838870926408408195193685246394721360383scalar",
  i8: "-100i8",
  i16: "-30000i16",
  i32: "-2000000000i32",
  i64: "-9000000000000000000i64",
  i128: "-170141183460469231731687303715884105728i128",
  u8: "200u8",
  u16: "60000u16",
  u32: "4000000000u32",
  u64: "18000000000000000000u64",
  u128: "340282366920938463463374607431768211455u128",
};
const castable = Object.keys(samples);

function smallValue(type: string, value: number): string {
  if (type === "boolean") return value === 0 ? "false" : "true";
  return type === "address" ? addressOfNumber(BigInt(value)) : `${value}${type}`;
}

function casts(): Case[] {
  return castable.flatMap((from) =>
    castable.flatMap((to) => {
      const isPoint = (type: string) => type === "group" || type === "address";
      const exact =
        from === "boolean" ? 1 : to === "boolean" ? 0 : isPoint(to) || isPoint(from) ? 2 : 5;
      const sample = samples[from] ?? "";
      return [
        one(`cast ${smallValue(from, exact)} as ${to}`, to),
        one(`cast.lossy ${sample} as ${to}`, to),
        one(`cast.lossy ${smallValue(from, 1 + (isPoint(from) ? 1 : 0))} as ${to}`, to),
      ];
    }),
  );
}

function choices(): Case[] {
  return castable.flatMap((type) => {
    const [a, b] = [samples[type] ?? "", smallValue(type, 2)];
    return [
      one(`ternary true ${a} ${b}`, type),
      one(`ternary false ${a} ${b}`, type),
      one(`is.eq ${a} ${a}`, "boolean"),
      one(`is.neq ${a} ${b}`, "boolean"),
    ];
  });
}

/** Each hash answers in some of the types; that every type can be made of a group element is among the casts. */
const hashTypes = ["field", "group", "address", "scalar", "i64", "u8"];
const bitHashes = ["bhp256", "bhp512", "bhp768", "bhp1024"];
const poseidons = ["psd2", "psd4", "psd8"];
const digests = ["keccak256", "keccak384", "keccak512", "sha3_256", "sha3_384", "sha3_512"];

function hashesAndCommitments(): Case[] {
  const inputs = ["7u32", "7field", samples.address ?? "", "$1", "$2"];
  const before = ["cast 1u8 2u8 3u8 into $1 as [u8; 3u32]", "cast 3u64 5field into $2 as Point"];
  const cases: Case[] = [];
  const add = (opcode: string, type: string, input: string, rest = "") =>
    cases.push(one(`${opcode} ${input}${rest} as ${type}`, type, ...before));
  let turn = 0;
  const next = <T>(list: readonly T[]): T | undefined => list[turn++ % list.length];
  for (const name of [...bitHashes, ...poseidons, ...digests]) {
    for (const type of hashTypes) add(`hash.${name}`, type, next(inputs) ?? "");
  }
  for (const name of [...bitHashes, ...poseidons]) {
    for (const type of hashTypes) add(`hash.${name}.raw`, type, next(inputs) ?? "");
  }
  for (const name of digests) for (const type of hashTypes) add(`hash.${name}.raw`, type, "7u32");
  for (const [name, input] of [
    ["ped64", "7u32"],
    ["ped128", "7u64"],
  ] as const) {
    for (const type of hashTypes) {
      add(`hash.${name}`, type, input);
      add(`hash.${name}.raw`, type, input);
    }
    for (const type of ["field", "group", "address"]) {
      add(`commit.${name}`, type, input, " 5scalar");
      add(`commit.${name}.raw`, type, input, " 5scalar");
    }
  }
  for (const name of bitHashes) {
    for (const type of ["field", "group", "address"]) {
      add(`commit.${name}`, type, next(inputs) ?? "", ` ${anyScalar()}`);
      add(`commit.${name}.raw`, type, next(inputs) ?? "", ` ${anyScalar()}`);
    }
  }
  return cases;
}

/** Values that stand in no mapping of their own are hashed, which tells them apart as well. */
function hashed(name: string, ...statements: string[]): Case {
  return { name, statements: [...statements, "hash.bhp1024 $9 into $ as field"], type: "field" };
}

const sizes: Readonly<Record<string, number>> = {
  ...Object.fromEntries(integerTypes.map((type) => [type, bitsOf(type)])),
  address: 253,
  boolean: 1,
  field: 253,
  group: 253,
  scalar: 251,
};

function bits(): Case[] {
  return [
    ...digests.flatMap((name) => {
      const type = `[boolean; ${/\d+$/.exec(name)?.[0] ?? ""}u32]`;
      return [
        // Of a value whose bits, with its types, are whole bytes.
        hashed(
          `${name}.native`,
          "cast 7u8 7u8 into $1 as [u8; 2u32]",
          `hash.${name}.native $1 into $9 as ${type}`,
        ),
        hashed(`${name}.native.raw`, `hash.${name}.native.raw 7u32 into $9 as ${type}`),
      ];
    }),
    ...castable.flatMap((type) => [
      ...serialized("", type, (sizes[type] ?? 0) + 26),
      ...serialized(".raw", type, sizes[type] ?? 0),
    ]),
  ];
}

/** A value to bits, and back from them. */
function serialized(suffix: ".raw" | "", type: string, size: number): Case[] {
  const bitType = `[boolean; ${size}u32]`;
  const serialize = `serialize.bits${suffix} ${samples[type] ?? ""} (${type})`;
  return [
    hashed(serialize, `${serialize} into $9 (${bitType})`),
    {
      name: `deserialize.bits${suffix} ${type}`,
      statements: [
        `${serialize} into $1 (${bitType})`,
        `deserialize.bits${suffix} $1 (${bitType}) into $ (${type})`,
      ],
      type,
    },
  ];
}

function specialCasts(): Case[] {
  return [
    one("cast 255field as i8", "i8"),
    one("cast -1i8 as field", "field"),
    one("cast -1i16 as scalar", "scalar"),
    one("cast 255scalar as i8", "i8"),
    one("cast.lossy -1i128 as u8", "u8"),
    one("cast 'abc_1' as field", "field"),
    one("cast $1 as identifier", "identifier", "cast 'abc_1' into $1 as field"),
    one("is.eq 'abc' 'abd'", "boolean"),
  ];
}

/** Structs, arrays and what is taken out of them. */
function parts(): Case[] {
  const point = "cast 3u64 5field into $1 as Point";
  const nested = "cast $1 $1 into $2 as [Point; 2u32]";
  return [
    one("add $1.x 1u64", "u64", point),
    one("add $2[1u32].y 1field", "field", point, nested),
    one("is.eq $1 $2[0u32]", "boolean", point, nested),
    one("is.neq $1 $2[0u32]", "boolean", point, nested),
    hashed("an array of structs", point, nested, "cast $2 $2 into $9 as [[Point; 2u32]; 2u32]"),
  ];
}

/** Facts about the block, the network and the program. */
function facts(): Case[] {
  return [
    one("add block.height 0u32", "u32"),
    one("add block.timestamp 0i64", "i64"),
    one("add network.id 0u16", "u16"),
    one("add edition 0u16", "u16"),
    one("ternary true program_owner instructions_0.aleo", "address"),
    one("ternary false program_owner instructions_0.aleo", "address"),
    one("hash.bhp1024 checksum as field", "field"),
    one("hash.bhp1024 run_0/checksum as field", "field"),
    one("hash.bhp1024 aleo::GENERATOR_POWERS as field", "field"),
  ];
}

/** Every computation that a finalize can do and a replay can repeat. */
export function everyCase(): readonly Case[] {
  return [
    ...integers(),
    ...booleans(),
    ...elements(),
    ...casts(),
    ...choices(),
    ...hashesAndCommitments(),
    ...bits(),
    ...specialCasts(),
    ...parts(),
    ...facts(),
  ];
}
