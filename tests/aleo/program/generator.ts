import fc from "fast-check";
import { keywords, literalTypes } from "../../../aleo/program/constants.ts";
import { reservedOpcodes } from "../../../aleo/program/opcodes.ts";

/** Arbitrary programs that the chain's parser takes, as text with any spacing. */

const identifier = fc
  .stringMatching(/^[a-z][a-z0-9_]{0,12}$/)
  .filter(
    (name) =>
      !keywords.has(name) &&
      !reservedOpcodes.has(name) &&
      !(literalTypes as readonly string[]).includes(name),
  );

const plainType = fc.constantFrom("u8", "u64", "i128", "field", "boolean", "address", "scalar");
const arrayType = fc
  .tuple(plainType, fc.integer({ min: 1, max: 2048 }), fc.integer({ min: 1, max: 32 }))
  .map(([element, inner, outer]) => `[[${element}; ${inner}u32]; ${outer}u32]`);
const type = fc.oneof({ weight: 4, arbitrary: plainType }, { weight: 1, arbitrary: arrayType });
const visibility = fc.constantFrom("public", "private", "constant");

const gap = fc.constantFrom(" ", "\n    ", "\t", "  ", "\r\n", " \\\n ");
const comment = fc.constantFrom("", "", "// note\n", "/* note */", "// long \\\nnote\n");

const register = fc.integer({ min: 0, max: 40 }).map((index) => `r${index}`);
const number = fc.oneof(
  fc.integer({ min: 0, max: 255 }).map((value) => `${value}u8`),
  fc.bigInt({ min: -(2n ** 127n), max: 2n ** 127n - 1n }).map((value) => `${value}i128`),
  fc.bigInt({ min: -(2n ** 260n), max: 2n ** 260n }).map((value) => `${value}field`),
  fc.bigInt({ min: 0n, max: 2n ** 255n }).map((value) => `${value}scalar`),
  fc.integer({ min: 0, max: 999_999 }).map((value) => `00${value}_${value}u64`),
);
const operand = fc.oneof(
  register,
  number,
  fc.tuple(register, identifier).map(([base, member]) => `${base}.${member}`),
  fc.tuple(register, fc.nat(31)).map(([base, index]) => `${base}[${index}u32]`),
  fc.constantFrom("true", "false", "self.caller", "block.height", "edition", "group::GEN"),
  fc.constantFrom("checksum", "other.aleo/edition", "other.aleo", "'abc'", '"text \\" \\u{41}"'),
);

const words = (...parts: fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
  fc.tuple(fc.tuple(...parts), gap).map(([list, space]) => `${list.join(space)};`);
const word = (text: string): fc.Arbitrary<string> => fc.constant(text);

const binary = fc.constantFrom("add", "sub.w", "mul", "lt", "lte", "shl", "is.eq", "xor", "pow");
const unary = fc.constantFrom("neg", "not", "abs.w", "square", "sqrt", "double", "inv");
const instruction = fc.oneof(
  words(binary, operand, operand, word("into"), register),
  words(unary, operand, word("into"), register),
  words(word("assert.eq"), operand, operand),
  words(word("hash.psd4"), operand, word("into"), register, word("as"), word("field")),
  words(word("commit.bhp256.raw"), operand, operand, word("into"), register, word("as group")),
  words(word("cast"), operand, word("into"), register, word("as"), plainType),
  words(word("cast"), operand, operand, word("into"), register, word("as [u8; 2u32]")),
  words(word("ternary"), operand, operand, operand, word("into"), register),
  words(word("call other.aleo/f"), operand, word("into"), register, register),
);
const command = fc.oneof(
  instruction.filter((text) => !text.startsWith("call")),
  words(word("set"), operand, word("into m[r0]")),
  words(word("get"), word("m[r0]"), word("into"), register),
  words(word("get.or_use"), word("m[r0]"), operand, word("into"), register),
  words(word("contains"), word("other.aleo/m[r0]"), word("into"), register),
  words(word("remove"), word("m[r0]")),
  words(word("rand.chacha"), operand, word("into"), register, word("as"), word("u64")),
);

const body = <T>(arbitrary: fc.Arbitrary<T>, minLength = 0): fc.Arbitrary<T[]> =>
  fc.array(arbitrary, { minLength, maxLength: 5 });

const inputs = fc
  .array(fc.tuple(type, visibility), { maxLength: 5 })
  .map((list) => list.map(([of, mode], index) => `input r${index} as ${of}.${mode};`));
const finalizeInputs = fc
  .array(type, { maxLength: 5 })
  .map((list) => list.map((of, index) => `input r${index} as ${of}.public;`));
const outputs = fc
  .uniqueArray(fc.tuple(operand, type, visibility), {
    maxLength: 4,
    selector: ([of]) => of,
  })
  .filter((list) => list.every(([of]) => of.startsWith("r")))
  .map((list) => list.map(([of, as, mode]) => `output ${of} as ${as}.${mode};`));

type Build = (name: string) => string;

const struct: fc.Arbitrary<Build> = fc
  .uniqueArray(identifier, { minLength: 1, maxLength: 6 })
  .chain((names) =>
    fc
      .array(type, { minLength: names.length, maxLength: names.length })
      .map((types) => (name: string) => {
        const members = names.map((member, index) => `${member} as ${types[index] ?? "u8"};`);
        return `struct ${name}:\n${members.join("\n")}`;
      }),
  );
const record: fc.Arbitrary<Build> = fc
  .uniqueArray(identifier, { maxLength: 6 })
  .map(
    (names) => (name: string) =>
      [
        `record ${name}:`,
        "owner as address.private;",
        ...names.map((entry) => `${entry} as u64.private;`),
      ].join("\n"),
  );
const mapping: fc.Arbitrary<Build> = fc.tuple(type, type).map(
  ([key, value]) =>
    (name: string) =>
      `mapping ${name}:\nkey as ${key}.public;\nvalue as ${value}.public;`,
);
const closure: fc.Arbitrary<Build> = fc.tuple(type, body(instruction, 1)).map(
  ([of, statements]) =>
    (name: string) =>
      [`closure ${name}:`, `input r0 as ${of};`, ...statements, `output r0 as ${of};`].join("\n"),
);
const functionWithFinalize: fc.Arbitrary<Build> = fc
  .tuple(inputs, body(instruction), outputs, fc.option(fc.tuple(finalizeInputs, body(command, 1))))
  .map(([takes, statements, gives, finalize]) => (name: string) => {
    const lines = [`function ${name}:`, ...takes, ...statements, ...gives];
    if (finalize !== null) lines.push(`finalize ${name}:`, ...finalize[0], ...finalize[1]);
    return lines.join("\n");
  });

/** A program with components of every kind, and comments between them. */
export const programText: fc.Arbitrary<string> = fc
  .tuple(
    fc.uniqueArray(identifier, { maxLength: 3 }),
    identifier,
    fc.uniqueArray(identifier, { minLength: 1, maxLength: 8 }),
    fc.array(fc.oneof(struct, record, mapping, closure, functionWithFinalize), {
      minLength: 8,
      maxLength: 8,
    }),
    comment,
    fc.option(body(command, 1)),
  )
  .map(([imports, id, names, builds, note, constructor]) =>
    [
      ...imports.map((name) => `import ${name}.aleo;`),
      `program ${id}.aleo;`,
      ...names.map((name, index) => `${note}${builds[index]?.(name) ?? ""}`),
      ...(constructor === null ? [] : ["constructor:", ...constructor]),
    ].join("\n"),
  );
