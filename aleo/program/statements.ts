import { bounds } from "./constants.ts";
import { readLiteral, readNumber } from "./literals.ts";
import {
  deserializeOpcodes,
  fixedShapes,
  isSerializable,
  readBitArray,
  serializeOpcodes,
} from "./opcodes.ts";
import type { FixedShape } from "./opcodes.ts";
import { clip } from "./reader.ts";
import type { Reader } from "./reader.ts";
import {
  baseOf,
  readCastType,
  readIdentifier,
  readLiteralType,
  readLocator,
  readOptionalVisibility,
  readPlaintextType,
  readProgramId,
  readValueType,
} from "./types.ts";
import type { PlaintextType, ValueType } from "./types.ts";

/** An instruction or a command of a finalize. `text` is its canonical text with the semicolon. */
export interface Statement {
  readonly opcode: string;
  readonly text: string;
  readonly line: number;
  readonly operands: readonly string[];
  readonly destinations: readonly string[];
  /** The function, closure, view or mapping that it names: `f` or `other.aleo/f`. */
  readonly target?: string;
  /** The position of `branch.eq`, `branch.neq` and `position`. */
  readonly position?: string;
  /** What `cast` makes. */
  readonly castKind?: ValueType["kind"];
  /** The type of the destination, where the statement names it: `field`, `Point`, `group.x`. */
  readonly type?: string;
}

type Body = Omit<Statement, "opcode" | "line">;

const registerPattern = /r[0-9]+/y;
const maxRegister = 2n ** 64n - 1n;
/** The x coordinate of `group::GEN`. */
const groupGenerator =
  "1540945439182663264862696551825005342995406165131907382295858612069623286213group";
const specialOperands = [
  "self.signer",
  "self.caller",
  "block.height",
  "block.timestamp",
  "network.id",
] as const;

/** snarkVM console/program/src/data/register/parse.rs. */
export function readRegister(reader: Reader): string | null {
  const start = reader.position;
  return reader.attempt(() => {
    const text = reader.match(registerPattern);
    if (text === null) return reader.expect("a register");
    const number = BigInt(text.slice(1));
    if (number > maxRegister)
      return reader.refuse(`the register ${clip(text)} is too large`, start);
    const accesses = reader.many(() => readAccess(reader));
    return accesses.length <= bounds.depth
      ? `r${number}${accesses.join("")}`
      : reader.refuse(`a register has at most ${bounds.depth} accesses`, start);
  });
}

function readAccess(reader: Reader): string | null {
  if (reader.take("[")) {
    const index = readNumber(reader, "u32");
    return index !== null && reader.take("]") ? `[${index}]` : null;
  }
  if (!reader.take(".")) return null;
  const member = readIdentifier(reader);
  return member === null ? null : `.${member}`;
}

/** snarkVM synthesizer/program/src/logic/instruction/operand/parse.rs; the order matters. */
export function readOperand(reader: Reader): string | null {
  if (reader.take("group::GEN")) return groupGenerator;
  const special = specialOperands.find((word) => reader.take(word));
  if (special !== undefined) return special;
  if (reader.take("aleo::GENERATOR_POWERS")) return readGeneratorPower(reader);
  if (reader.take("aleo::GENERATOR")) return "aleo::GENERATOR";
  return (
    readProgramFact(reader) ??
    readProgramId(reader) ??
    readLiteral(reader) ??
    readRegister(reader) ??
    reader.expect("a value")
  );
}

function readGeneratorPower(reader: Reader): string {
  const index = reader.attempt(() => {
    if (!reader.take("[")) return null;
    const number = readNumber(reader, "u32");
    return number !== null && reader.take("]") ? `[${number}]` : null;
  });
  return `aleo::GENERATOR_POWERS${index ?? ""}`;
}

/** `f/checksum`, `checksum`, `edition` and `program_owner`, each also of another program. */
function readProgramFact(reader: Reader): string | null {
  const component = reader.attempt(() => {
    const program = readProgramPrefix(reader);
    const name = readIdentifier(reader);
    return name !== null && reader.take("/checksum") ? `${program}${name}/checksum` : null;
  });
  if (component !== null) return component;
  return reader.attempt(() => {
    const program = readProgramPrefix(reader);
    const fact = ["checksum", "edition", "program_owner"].find((word) => reader.take(word));
    return fact === undefined ? null : `${program}${fact}`;
  });
}

function readProgramPrefix(reader: Reader): string {
  const program = reader.attempt(() => {
    const id = readProgramId(reader);
    return id !== null && reader.take("/") ? id : null;
  });
  return program === null ? "" : `${program}/`;
}

function readSpacedOperand(reader: Reader): string | null {
  reader.blanks();
  return readOperand(reader);
}

/** A function or mapping, of this program or of another one. */
function readTarget(reader: Reader): string | null {
  return readLocator(reader)?.text ?? readIdentifier(reader);
}

function readDestination(reader: Reader): string | null {
  return reader.word("into") && readRegister(reader);
}

function readFixed(reader: Reader, opcode: string, shape: FixedShape): Body | null {
  const operands: string[] = [];
  for (let count = 0; count < shape.operands; count += 1) {
    const operand = readSpacedOperand(reader);
    if (operand === null) return null;
    operands.push(operand);
  }
  const start = `${opcode} ${operands.join(" ")}`;
  if (shape.result === "none") return { text: start, operands, destinations: [] };
  const destination = readDestination(reader);
  if (destination === null) return null;
  const plain = { text: `${start} into ${destination}`, operands, destinations: [destination] };
  if (shape.readType === undefined) return plain;
  const type = reader.word("as") && shape.readType(reader);
  return type === null ? null : { ...plain, text: `${plain.text} as ${type}`, type };
}

/** synthesizer/program/src/logic/instruction/operation/call/standard.rs. */
function readCall(reader: Reader): Body | null {
  const start = reader.position;
  reader.blanks();
  const target = readTarget(reader);
  if (target === null) return null;
  const operands = reader.many(() => readSpacedOperand(reader));
  reader.blanks();
  const destinations = readDestinations(reader);
  if (destinations === null) return null;
  if (operands.length > bounds.operands || destinations.length > bounds.operands) {
    return reader.refuse(
      `a call has at most ${bounds.operands} operands and ${bounds.operands} destinations`,
      start,
    );
  }
  const results = destinations.length === 0 ? "" : ` into ${destinations.join(" ")}`;
  const text = ["call", target, ...operands].join(" ") + results;
  return { text, operands, destinations, target };
}

/** The registers behind `into`; none where there is no `into`. */
function readDestinations(reader: Reader): string[] | null {
  if (reader.tag("into") === null) return [];
  const destinations = reader.many(() => {
    reader.blanks();
    return readRegister(reader);
  });
  return destinations.length === 0 ? null : destinations;
}

/** synthesizer/program/src/logic/instruction/operation/call/dynamic.rs. */
function readDynamicCall(reader: Reader): Body | null {
  const start = reader.position;
  const callee: string[] = [];
  for (let count = 0; count < 3; count += 1) {
    const operand = readSpacedOperand(reader);
    if (operand === null) return null;
    callee.push(operand);
  }
  reader.blanks();
  const given = readTyped(reader, "with", () => readSpacedOperand(reader));
  if (given === null) return null;
  reader.blanks();
  const taken = readTyped(reader, "into", () => {
    reader.blanks();
    return readRegister(reader);
  });
  if (taken === null) return null;
  const problem = dynamicCallProblem(given, taken);
  if (problem !== null) return reader.refuse(problem, start);
  const text = `call.dynamic ${callee.join(" ")}${typedText("with", given)}${typedText("into", taken)}`;
  return { text, operands: [...callee, ...given.names], destinations: taken.names };
}

interface Typed {
  readonly names: string[];
  readonly types: ValueType[];
}

function typedText(word: string, { names, types }: Typed): string {
  if (names.length === 0) return "";
  return ` ${word} ${names.join(" ")} (as ${types.map((type) => type.text).join(" ")})`;
}

function readTyped(reader: Reader, word: string, read: () => string | null): Typed | null {
  if (reader.tag(word) === null) return { names: [], types: [] };
  const names: string[] = [];
  while (names.length < bounds.operands) {
    const name = reader.attempt(read);
    if (name === null) break;
    names.push(name);
  }
  if (names.length === 0) return null;
  if (reader.word("(") === null || reader.tag("as") === null) return null;
  const types = reader.many(() => {
    reader.blanks();
    return readValueType(reader);
  });
  if (types.length === 0 || types.length > bounds.operands) return null;
  return reader.word(")") && { names, types };
}

function dynamicCallProblem(given: Typed, taken: Typed): string | null {
  for (const { names, types } of [given, taken]) {
    if (names.length !== types.length) {
      return `call.dynamic has ${names.length} registers and ${types.length} types`;
    }
  }
  const isPlain = (type: ValueType) =>
    (type.kind === "plaintext" && type.visibility !== "constant") || type.kind === "dynamic-record";
  const wrong =
    given.types.find((type) => !isPlain(type)) ??
    taken.types.find((type) => !isPlain(type) && type.kind !== "dynamic-future");
  return wrong === undefined ? null : `call.dynamic cannot pass a ${wrong.text}`;
}

/** synthesizer/program/src/logic/instruction/operation/cast.rs. */
function readCast(reader: Reader, opcode: string): Body | null {
  const start = reader.position;
  const operands = reader.many(() => readSpacedOperand(reader));
  if (operands.length === 0) return null;
  const destination = readDestination(reader);
  if (destination === null || reader.word("as") === null) return null;
  const type = readCastType(reader);
  if (type === null) return null;
  const most = mostCastOperands(type);
  if (operands.length > most) {
    return reader.refuse(`a cast to ${type.text} takes at most ${most} operands`, start);
  }
  const isWhole = (text: string) => /^r[0-9]+$/.test(text);
  if (type.kind === "dynamic-record" && !(isWhole(operands[0] ?? "") && isWhole(destination))) {
    return reader.refuse("a cast to dynamic.record goes from one register to another", start);
  }
  const text = `${opcode} ${operands.join(" ")} into ${destination} as ${type.text}`;
  return { text, operands, destinations: [destination], castKind: type.kind, type: type.text };
}

function mostCastOperands(type: ValueType): number {
  switch (type.kind) {
    case "record":
    case "external-record":
      return bounds.recordEntries + 1;
    case "plaintext":
      return mostMembers(type.plaintext);
    default:
      return 1;
  }
}

function mostMembers(type: PlaintextType | undefined): number {
  if (type === undefined || type.kind === "literal") return 1;
  return type.kind === "array" ? bounds.arrayElements : bounds.structMembers;
}

/** synthesizer/program/src/logic/instruction/operation/async_.rs. */
function readAsync(reader: Reader): Body | null {
  const start = reader.position;
  reader.blanks();
  const target = readIdentifier(reader);
  if (target === null) return null;
  const operands = reader.many(() => readSpacedOperand(reader));
  const destination = readDestination(reader);
  if (destination === null) return null;
  if (operands.length > bounds.inputs) {
    return reader.refuse(`async takes at most ${bounds.inputs} operands`, start);
  }
  const text = `${["async", target, ...operands].join(" ")} into ${destination}`;
  return { text, operands, destinations: [destination], target };
}

/** A type between parentheses. */
function readParenthesised(reader: Reader, read: (reader: Reader) => string | null): string | null {
  if (reader.word("(") === null) return null;
  const type = read(reader);
  return type === null ? null : reader.tag(")") && type;
}

function readSerializable(reader: Reader): string | null {
  const start = reader.position;
  const type = readPlaintextType(reader);
  if (type === null) return null;
  return isSerializable(type, baseOf(type))
    ? type.text
    : reader.refuse(`${type.text} has no bits to serialize`, start);
}

/** synthesizer/program/src/logic/instruction/operation/serialize.rs and deserialize.rs. */
function readBits(
  reader: Reader,
  opcode: string,
  from: (reader: Reader) => string | null,
  to: (reader: Reader) => string | null,
): Body | null {
  const operand = readSpacedOperand(reader);
  if (operand === null) return null;
  const operandType = readParenthesised(reader, from);
  if (operandType === null) return null;
  const destination = readDestination(reader);
  if (destination === null) return null;
  const type = readParenthesised(reader, to);
  if (type === null) return null;
  const text = `${opcode} ${operand}  (${operandType}) into ${destination} (${type})`;
  return { text, operands: [operand], destinations: [destination], type };
}

/** synthesizer/program/src/logic/instruction/operation/get_record_dynamic.rs. */
function readGetRecord(reader: Reader): Body | null {
  const start = reader.position;
  const operand = readSpacedOperand(reader);
  if (operand === null) return null;
  const destination = readDestination(reader);
  if (destination === null || reader.word("as") === null) return null;
  const type = readPlaintextType(reader);
  if (type === null) return null;
  const visibility = readOptionalVisibility(reader);
  if (!/^r[0-9]+\.[A-Za-z0-9_]+$/.test(operand) || !/^r[0-9]+$/.test(destination)) {
    return reader.refuse("get.record.dynamic reads one entry such as r0.amount", start);
  }
  const text = `get.record.dynamic ${operand} into ${destination} as ${type.text}${visibility}`;
  return { text, operands: [operand], destinations: [destination] };
}

type ReadBody = (reader: Reader) => Body | null;

const instructions: readonly (readonly [string, ReadBody])[] = [
  ...[...fixedShapes].map(([opcode, shape]): [string, ReadBody] => [
    opcode,
    (reader) => readFixed(reader, opcode, shape),
  ]),
  ["async", readAsync],
  ["call", readCall],
  ["call.dynamic", readDynamicCall],
  ["cast", (reader) => readCast(reader, "cast")],
  ["cast.lossy", (reader) => readCast(reader, "cast.lossy")],
  ["get.record.dynamic", readGetRecord],
  ...serializeOpcodes.map((opcode): [string, ReadBody] => [
    opcode,
    (reader) => readBits(reader, opcode, readSerializable, readBitArray),
  ]),
  ...deserializeOpcodes.map((opcode): [string, ReadBody] => [
    opcode,
    (reader) => readBits(reader, opcode, readBitArray, readSerializable),
  ]),
];

/** `[key]` behind a mapping. */
function readKey(reader: Reader): string | null {
  if (reader.tag("[") === null) return null;
  const key = readSpacedOperand(reader);
  if (key === null) return null;
  reader.blanks();
  return reader.tag("]") && key;
}

/** The mapping that a `get` or `contains` reads: named, or (dynamic) given in three operands. */
function readEntry(
  reader: Reader,
  isDynamic: boolean,
): { text: string; operands: string[]; target?: string } | null {
  if (isDynamic) {
    const names: string[] = [];
    for (let count = 0; count < 3; count += 1) {
      const operand = readSpacedOperand(reader);
      if (operand === null) return null;
      names.push(operand);
    }
    reader.blanks();
    const key = readKey(reader);
    return key === null ? null : { text: `${names.join(" ")}[${key}]`, operands: [...names, key] };
  }
  reader.blanks();
  const target = readTarget(reader);
  if (target === null) return null;
  const key = readKey(reader);
  return key === null ? null : { text: `${target}[${key}]`, operands: [key], target };
}

/** snarkVM synthesizer/program/src/logic/command: get, get_or_use and contains. */
function readLookup(reader: Reader, opcode: string): Body | null {
  const isDynamic = opcode.endsWith(".dynamic");
  const entry = readEntry(reader, isDynamic);
  if (entry === null) return null;
  let fallback: string | null = null;
  if (opcode.startsWith("get.or_use")) {
    fallback = readSpacedOperand(reader);
    if (fallback === null) return null;
  }
  const destination = readDestination(reader);
  if (destination === null) return null;
  const given = fallback === null ? [] : [fallback];
  const body = {
    ...entry,
    text: `${[opcode, entry.text, ...given].join(" ")} into ${destination}`,
    operands: [...entry.operands, ...given],
    destinations: [destination],
  };
  if (!isDynamic || opcode.startsWith("contains")) return body;
  const type = reader.word("as") && readPlaintextType(reader);
  return type && { ...body, text: `${body.text} as ${type.text}`, type: type.text };
}

function readAwait(reader: Reader): Body | null {
  reader.blanks();
  const register = readRegister(reader);
  return register === null
    ? null
    : { text: `await ${register}`, operands: [register], destinations: [] };
}

/** snarkVM synthesizer/program/src/logic/command/rand_chacha.rs. */
function readRandom(reader: Reader): Body | null {
  const start = reader.position;
  const operands = reader.many(() => readSpacedOperand(reader));
  const destination = readDestination(reader);
  if (destination === null || reader.word("as") === null) return null;
  const type = readLiteralType(reader);
  if (type === null) return null;
  if (type === "string" || type === "identifier") {
    return reader.refuse(`rand.chacha makes no ${type}`, start);
  }
  if (operands.length > bounds.randomSeeds) {
    return reader.refuse(`rand.chacha takes at most ${bounds.randomSeeds} operands`, start);
  }
  const text = `${["rand.chacha", ...operands].join(" ")} into ${destination} as ${type}`;
  return { text, operands, destinations: [destination], type };
}

function readRemove(reader: Reader): Body | null {
  reader.blanks();
  const target = readIdentifier(reader);
  const key = target && readKey(reader);
  if (target === null || key === null) return null;
  return { text: `remove ${target}[${key}]`, operands: [key], destinations: [], target };
}

function readSet(reader: Reader): Body | null {
  const value = readSpacedOperand(reader);
  if (value === null || reader.word("into") === null) return null;
  const target = readIdentifier(reader);
  const key = target && readKey(reader);
  if (target === null || key === null) return null;
  const text = `set ${value} into ${target}[${key}]`;
  return { text, operands: [key, value], destinations: [], target };
}

function readBranch(reader: Reader, opcode: string): Body | null {
  const first = readSpacedOperand(reader);
  if (first === null) return null;
  const second = readSpacedOperand(reader);
  if (second === null || reader.word("to") === null) return null;
  const position = readIdentifier(reader);
  if (position === null) return null;
  const text = `${opcode} ${first} ${second} to ${position}`;
  return { text, operands: [first, second], destinations: [], position };
}

function readPosition(reader: Reader): Body | null {
  reader.blanks();
  const position = readIdentifier(reader);
  return position === null
    ? null
    : { text: `position ${position}`, operands: [], destinations: [], position };
}

const lookup = (opcode: string): readonly [string, ReadBody] => [
  opcode,
  (reader) => readLookup(reader, opcode),
];

/** In the order in which snarkVM tries them (`Command::parse`). */
const commands: readonly (readonly [string, ReadBody])[] = [
  ["await", readAwait],
  lookup("contains.dynamic"),
  lookup("contains"),
  lookup("get.or_use.dynamic"),
  lookup("get.or_use"),
  lookup("get.dynamic"),
  lookup("get"),
  ["rand.chacha", readRandom],
  ["remove", readRemove],
  ["set", readSet],
  ["branch.eq", (reader) => readBranch(reader, "branch.eq")],
  ["branch.neq", (reader) => readBranch(reader, "branch.neq")],
  ["position", readPosition],
];

function byFirstLetter(
  table: readonly (readonly [string, ReadBody])[],
): ReadonlyMap<string, readonly (readonly [string, ReadBody])[]> {
  return Map.groupBy(table, ([opcode]) => opcode.charAt(0));
}

const instructionTable = byFirstLetter(instructions);
const commandTable = byFirstLetter([...commands, ...instructions]);

function readStatement(reader: Reader, table: typeof commandTable): Statement | null {
  reader.gap();
  const start = reader.position;
  const candidates = table.get(reader.text.charAt(start)) ?? [];
  for (const [opcode, readBody] of candidates) {
    const statement = reader.attempt(() => {
      if (!reader.take(opcode)) return null;
      const body = readBody(reader);
      if (body === null) return null;
      reader.blanks();
      if (reader.tag(";") === null) return null;
      return { ...body, opcode, text: `${body.text};`, line: reader.lineAt(start) };
    });
    if (statement !== null) return statement;
  }
  return reader.expect("an instruction", start);
}

/** Reads one instruction of a function or a closure. */
export function readInstruction(reader: Reader): Statement | null {
  return readStatement(reader, instructionTable);
}

/** Reads one command of a finalize, a constructor or a view. */
export function readCommand(reader: Reader): Statement | null {
  return readStatement(reader, commandTable);
}
