import assert from "node:assert/strict";
import fc from "fast-check";
import { Program as SdkProgram } from "@provablehq/sdk/testnet.js";
import { canonicalText } from "../../../aleo/program/canonical.ts";
import { programChecksum } from "../../../aleo/program/checksum.ts";
import { parseProgram, ProgramSyntaxError } from "../../../aleo/program/parse.ts";
import { componentsOf } from "../../../aleo/program/program.ts";
import { programText } from "./generator.ts";
import { chainText, ourText, sample, samples } from "./oracle.ts";

const wordPattern = /[A-Za-z_][A-Za-z0-9_]*|[0-9_]+[a-z0-9]*|\s+|./gs;
const oddWords = (
  "// /* */ \\\n ; : . , r0 r18446744073709551616 u8 300u8 -1u8 -0i8 007u8 1_0u8 07field -1field as into public " +
  "\u0007 \u202e é [ ] [u8;0u32] [u8;2049u32] [u8;2048u32] checksum edition program_owner self.caller record future " +
  "dynamic.record call.dynamic view constructor identifier field string true falsex inputr0 ( ) { 'abc' \"abc\" " +
  "sign1qq aleo1qq program import struct add lte group.x group::GEN aleo::GENERATOR_POWERS[3u32]"
).split(" ");
const poolOfWords = [
  ...oddWords,
  ...[...samples.values()].flatMap((text) => text.match(wordPattern) ?? []),
];

type Mutation = readonly ["drop" | "insert" | "replace" | "swap" | "cut", number, number];

const mutation: fc.Arbitrary<Mutation> = fc.tuple(
  fc.constantFrom("drop", "insert", "replace", "swap", "cut"),
  fc.nat(1_000_000),
  fc.nat(1_000_000),
);

function mutated(text: string, mutations: readonly Mutation[]): string {
  const words = text.match(wordPattern) ?? [];
  for (const [how, where, what] of mutations) {
    const at = where % words.length;
    const word = poolOfWords[what % poolOfWords.length] ?? "";
    if (how === "drop") words.splice(at, 1);
    else if (how === "insert") words.splice(at, 0, word);
    else if (how === "replace") words[at] = word;
    else if (how === "cut") words.splice(at, 1 + (what % 12));
    else words.splice(at, 0, ...words.splice(what % words.length, 1));
  }
  return words.join("");
}

/** A member, an entry or an input as the SDK describes it. */
interface SdkMember {
  readonly name: string;
  readonly type: string;
  readonly visibility?: string;
  readonly register?: string;
  readonly struct_id?: string;
  readonly record?: string;
  readonly locator?: string;
  readonly element_type?: SdkMember;
  readonly length?: number;
}

function shape({ type, struct_id, element_type, length }: SdkMember): string {
  if (element_type !== undefined) return `[${shape(element_type)}; ${length ?? 0}u32]`;
  return struct_id ?? type;
}

function inputShape(member: SdkMember): string {
  if (member.type === "dynamic.record") return member.type;
  const record = member.record ?? member.locator;
  return record === undefined ? `${shape(member)}.${member.visibility ?? ""}` : `${record}.record`;
}

function refusal(source: string): ProgramSyntaxError {
  try {
    parseProgram(source);
  } catch (error) {
    assert.ok(error instanceof ProgramSyntaxError);
    return error;
  }
  throw new Error(`This program was taken:\n${source}`);
}

function inFunction(...lines: string[]): string {
  const body = lines.map((line) => `    ${line}\n`).join("");
  return `program sample.aleo;\n\nfunction f:\n    input r0 as u8.public;\n${body}`;
}

describe("parseProgram", () => {
  it("reads credits.aleo and prints it as the chain does", () => {
    const text = SdkProgram.getCreditsProgram().toString();
    assert.equal(canonicalText(parseProgram(text)), text);
  });

  for (const [name, text] of samples) {
    it(`prints ${name} as the chain does, and again from its own print`, () => {
      const expected = chainText(text);
      assert.ok(expected !== undefined, "the chain refuses this sample");
      assert.equal(ourText(text), expected);
      assert.equal(ourText(expected), chainText(expected));
    });

    it(`finds in ${name} what the chain finds`, () => {
      const program = parseProgram(text);
      const sdk = SdkProgram.fromString(text);
      assert.equal(program.id, sdk.id());
      assert.deepEqual(
        program.imports.map(({ id }) => id),
        sdk.getImports(),
      );
      const functions = componentsOf(program, "function");
      assert.deepEqual([...functions.keys()], sdk.getFunctions());
      assert.deepEqual(
        [...componentsOf(program, "mapping").values()].map(({ name, key, value }) => ({
          name,
          key_type: key.text,
          value_type: value.text,
        })),
        (sdk.getMappings() as Record<string, string>[]).map(({ name, key_type, value_type }) => ({
          name,
          key_type,
          value_type,
        })),
      );
      // The SDK loses its way in structs of other programs and in arrays of arrays.
      const isBeyond = (text: string) =>
        (text.includes(".aleo/") && !text.endsWith(".record")) || text.startsWith("[[");
      for (const { name, members } of componentsOf(program, "struct").values()) {
        if (members.some(({ type }) => isBeyond(type.text))) continue;
        assert.deepEqual(
          (sdk.getStructMembers(name) as SdkMember[]).map((member) => [member.name, shape(member)]),
          members.map(({ name, type }) => [name, type.text]),
        );
      }
      if (text.includes("geometry.aleo")) return;
      for (const { name, entries } of componentsOf(program, "record").values()) {
        const { members } = sdk.getRecordMembers(name) as { members: SdkMember[] };
        assert.deepEqual(
          members.slice(0, -1).map((member) => [member.name, inputShape(member)]),
          entries.map(({ name, type }) => [name, type.text]),
        );
      }
      for (const { name, inputs } of functions.values()) {
        if (inputs.some(({ type }) => isBeyond(type.text))) continue;
        assert.deepEqual(
          (sdk.getFunctionInputs(name) as SdkMember[]).map((member) => [
            member.register,
            inputShape(member),
          ]),
          inputs.map(({ operand, type }) => [operand, type.text]),
        );
      }
    });

    it(`computes the chain's checksum of ${name}`, () => {
      const bytes = SdkProgram.fromString(text).toChecksum();
      const checksum = programChecksum(parseProgram(text));
      assert.equal(checksum, Buffer.from(bytes).toString("hex"));
    });
  }

  it("keeps the line of each component and statement", () => {
    const program = parseProgram(sample("token.aleo"));
    const lines = sample("token.aleo").split("\n");
    assert.equal(lines[program.line - 1], "program sample_token.aleo;");
    for (const component of program.components) {
      assert.ok(lines[component.line - 1]?.startsWith(component.kind));
      if (!("statements" in component)) continue;
      for (const { line, text } of component.statements) {
        assert.equal(lines[line - 1]?.trim(), text);
      }
    }
  });

  it("takes whatever the chain's parser takes of arbitrary programs, and prints it alike", () => {
    fc.assert(
      fc.property(programText, (text) => {
        const expected = chainText(text);
        assert.equal(ourText(text), expected);
        if (expected !== undefined) assert.equal(ourText(expected), chainText(expected));
      }),
      { numRuns: 400 },
    );
  });

  it("agrees with the chain's parser about damaged programs", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...samples.values()),
        fc.array(mutation, { minLength: 1, maxLength: 3 }),
        (text, mutations) => {
          const damaged = mutated(text, mutations);
          assert.equal(ourText(damaged), chainText(damaged));
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it("throws nothing but ProgramSyntaxError, whatever the text", () => {
    const anything = fc.oneof(
      fc.string({ unit: "binary", maxLength: 200 }),
      fc.array(fc.constantFrom(...poolOfWords), { maxLength: 60 }).map((words) => words.join("")),
    );
    fc.assert(
      fc.property(anything, fc.constantFrom("", "program a.aleo;\nfunction f:\n"), (text, head) => {
        ourText(head + text);
      }),
      { numRuns: 3_000 },
    );
  });

  it("reads a program of the largest size without delay for each of its lines", () => {
    const line = "    add r0 r0 into r1;\n";
    const count = 65_535;
    const text = inFunction() + line.repeat(count);
    assert.equal(componentsOf(parseProgram(text), "function").get("f")?.statements.length, count);
    assert.match(refusal(text + line).message, /more than 65535 instructions/);
  });

  it("takes no blank behind the type that bits are made of, as the chain does not", () => {
    const bits = "    serialize.bits r0 (field) into r1 ([boolean; 279u32]);\n";
    const text = `program a.aleo;\nfunction f:\n    input r0 as field.private;\n${bits}`;
    assert.notEqual(chainText(text), undefined);
    for (const [type, blank] of [
      ["(field)", "(field )"],
      ["279u32])", "279u32] )"],
    ] as const) {
      const other = text.replace(type, blank);
      assert.equal(chainText(other), undefined);
      assert.equal(ourText(other), undefined);
    }
  });

  it("drops an output that a closure repeats, as the chain does", () => {
    const text =
      "program a.aleo;\nclosure c:\n input r0 as u8;\n neg r0 into r1;\n output r1 as u8;\n output r1 as u8;";
    assert.equal(componentsOf(parseProgram(text), "closure").get("c")?.outputs.length, 1);
    assert.equal(ourText(text), chainText(text));
  });

  it("keeps its messages short, whatever the source holds", () => {
    const long = "1".repeat(1_000_000);
    for (const word of [
      `${long}u8`,
      `aleo1${"q".repeat(100_000)}`,
      "a".repeat(100_000),
      `r${long}`,
    ]) {
      assert.ok(refusal(inFunction(`neg ${word} into r1;`)).message.length < 300);
    }
  });

  const places: readonly (readonly [string, string, number, number, RegExp])[] = [
    ["a missing semicolon", inFunction("add r0 r0 into r1"), 6, 1, /expected ";"/],
    ["a missing operand", inFunction("add r0 into r1;"), 5, 12, /expected a register or a value/],
    ["a number out of range", inFunction("add r0 300u8 into r1;"), 5, 12, /300u8 is no value/],
    ["an unknown instruction", inFunction("ad r0 r0 into r1;"), 5, 5, /an instruction/],
    ["an open comment", inFunction("/* x"), 5, 5, /comment is never closed/],
    [
      "a hash of a wrong type",
      inFunction("hash.psd2 r0 into r1 as boolean;"),
      5,
      29,
      /hash cannot/,
    ],
    ["a written member", inFunction("neg r0 into r1.x;"), 5, 5, /r1\.x is part of a register/],
    [
      "a record from a closure",
      "program a.aleo;\nrecord t:\n owner as address.private;\nclosure c:\n input r0 as t.record;\n neg 1i8 into r1;\n output r0 as t.record;",
      7,
      2,
      /closure cannot output/,
    ],
    ["an unknown struct", "program a.aleo;\nstruct s:\n    a as b;\n", 3, 5, /no struct b/],
    ["a taken name", "program a.aleo;\nview a:\nview a:\n", 3, 1, /already in use/],
    ["a keyword as a name", "program a.aleo;\nview owner:\n", 2, 1, /keyword/],
    ["an instruction as a name", "program a.aleo;\nview add:\n", 2, 1, /instruction/],
    ["a double import", "import b.aleo;\nimport b.aleo;\nprogram a.aleo;\nview v:", 2, 1, /twice/],
    ["capitals in a program id", "program A.aleo;\nview v:", 1, 9, /a-z/],
    [
      "a finalize under another name",
      inFunction("finalize g:", "set r0 into m[r0];"),
      5,
      5,
      /named g/,
    ],
    [
      "a second constructor",
      "program a.aleo;\nconstructor: neg r0 into r1;\nconstructor: neg r0 into r1;",
      3,
      1,
      /more than one constructor/,
    ],
    ["no component", "program a.aleo;", 1, 16, /expected a component/],
    ["nothing", "", 1, 1, /expected "import" or "program"/],
    [
      "a misspelt address",
      inFunction(
        "is.eq aleo1rhgdu77hgyqd3xjj8ucu3jj9r2krwz6mnzyd80gncr5fxcwlh5rsvzp9py r0 into r1;",
      ),
      5,
      11,
      /is no address/,
    ],
    [
      "an import named as an instruction",
      "import add.aleo;\nprogram a.aleo;\nview v:",
      1,
      1,
      /reserved/,
    ],
  ];
  for (const [what, text, line, column, reason] of places) {
    it(`says where there is ${what}`, () => {
      assert.equal(chainText(text), undefined);
      const error = refusal(text);
      assert.match(error.message, reason);
      assert.deepEqual([error.line, error.column], [line, column]);
    });
  }

  const many = (count: number, text: (index: number) => string): string =>
    Array.from({ length: count }, (_, index) => text(index)).join("\n");
  const head = "program a.aleo;\n";
  const bounded: readonly (readonly [string, number, (count: number) => string])[] = [
    ["imports", 64, (n) => `${many(n, (i) => `import p${i}.aleo;`)}\n${head}view v:`],
    [
      "mappings",
      31,
      (n) => head + many(n, (i) => `mapping m${i}: key as u8.public; value as u8.public;`),
    ],
    ["structs", 310, (n) => head + many(n, (i) => `struct s${i}: a as u8;`)],
    ["records", 310, (n) => head + many(n, (i) => `record t${i}: owner as address.private;`)],
    [
      "closures",
      62,
      (n) => head + many(n, (i) => `closure c${i}: input r0 as u8; neg r0 into r1;`),
    ],
    ["functions", 31, (n) => head + many(n, (i) => `function f${i}:`)],
    ["views", 62, (n) => head + many(n, (i) => `view v${i}:`)],
    ["inputs", 16, (n) => `${head}function f:\n${many(n, (i) => `input r${i} as u8.public;`)}`],
    ["outputs", 16, (n) => `${head}function f:\n${many(n, (i) => `output r${i} as u8.public;`)}`],
    ["struct members", 32, (n) => `${head}struct s:\n${many(n, (i) => `a${i} as u8;`)}`],
    [
      "record entries",
      32,
      (n) =>
        `${head}record t: owner as address.private;\n${many(n, (i) => `a${i} as u8.private;`)}`,
    ],
    ["writes", 32, (n) => `${head}constructor:\n${many(n, () => "set r0 into m[r0];")}`],
    [
      "calls in a finalize",
      32,
      (n) => `${head}function f:\nfinalize f:\n${many(n, () => "call v;")}`,
    ],
    ["positions", 255, (n) => `${head}constructor:\n${many(n, (i) => `position p${i};`)}`],
    ["operands of a call", 16, (n) => `${head}function f:\ncall g ${many(n, () => "r0")};`],
    ["array elements", 2048, (n) => `${head}struct s: a as [u8; ${n}u32];`],
    ["nested arrays", 32, (n) => `${head}struct s: a as ${"[".repeat(n)}u8${"; 1u32]".repeat(n)};`],
    ["accesses", 32, (n) => `${head}function f:\nneg r0${".a".repeat(n)} into r1;`],
    ["characters of a name", 31, (n) => `${head}view ${"v".repeat(n)}:`],
    [
      "seeds of rand.chacha",
      2,
      (n) => `${head}constructor: rand.chacha ${many(n, () => "r0")} into r1 as u8;`,
    ],
    [
      "operands of a cast to an array",
      2048,
      (n) => `${head}function f: cast ${many(n, () => "r0")} into r1 as [u8; 2u32];`,
    ],
  ];
  for (const [what, most, build] of bounded) {
    it(`takes ${most} ${what} and refuses one more, as the chain does`, () => {
      assert.equal(ourText(build(most)), chainText(build(most)));
      assert.notEqual(ourText(build(most)), undefined);
      assert.equal(chainText(build(most + 1)), undefined);
      assert.equal(ourText(build(most + 1)), undefined);
    });
  }

  it("refuses a program that is larger than the chain's limit", () => {
    const filler = `${head}view v: // `;
    assert.notEqual(ourText(filler + "x".repeat(2_048_000 - filler.length)), undefined);
    assert.match(refusal(filler + "x".repeat(2_048_001 - filler.length)).message, /2048001 bytes/);
  });
});
