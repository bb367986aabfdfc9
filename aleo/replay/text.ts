import { readLiteral } from "../program/literals.ts";
import { Reader } from "../program/reader.ts";
import { readIdentifier, readProgramId } from "../program/types.ts";
import { ValueSyntaxError } from "./errors.ts";
import {
  boolean,
  number,
  text,
  type ArrayValue,
  type DynamicFuture,
  type FutureValue,
  type Literal,
  type NumberLiteral,
  type Plaintext,
  type StructValue,
} from "./values.ts";

/**
 * Plain data as the chain prints it, which is the one text that it has in a listing
 * (snarkVM console/program/src/data/plaintext/parse.rs, `fmt_internal`).
 */
export function plaintextText(value: Plaintext, depth = 0): string {
  switch (value.kind) {
    case "struct":
      return between(
        "{}",
        [...value.members].map(([name, member]) => `${name}: ${plaintextText(member, depth + 1)}`),
        depth,
      );
    case "array":
      return between(
        "[]",
        value.elements.map((element) => plaintextText(element, depth + 1)),
        depth,
      );
    default:
      return literalText(value);
  }
}

function between(brackets: "{}" | "[]", lines: readonly string[], depth: number): string {
  const [open = "", close = ""] = brackets;
  const indent = "  ".repeat(depth);
  return `${open}\n${lines.map((line) => `${indent}  ${line}`).join(",\n")}\n${indent}${close}`;
}

export function literalText(value: Literal): string {
  switch (value.kind) {
    case "number":
      return `${value.value}${value.type}`;
    case "boolean":
      return String(value.value);
    case "text":
      if (value.type === "string") return `"${value.value}"`;
      return value.type === "identifier" ? `'${value.value}'` : value.value;
  }
}

/**
 * Reads plain data, whatever its blanks.
 * @throws ValueSyntaxError
 */
export function parsePlaintext(source: string): Plaintext {
  return parse(source, "a value", readPlaintext);
}

/**
 * Reads a future as a block holds it.
 * @throws ValueSyntaxError
 */
export function parseFuture(source: string): FutureValue {
  return parse(source, "a future", readFuture);
}

/** The literal in a canonical text, such as an operand of a program. */
export function parseLiteral(source: string): Literal {
  return parse(source, "a literal", readLiteralValue);
}

function parse<T>(source: string, what: string, read: (reader: Reader) => T | null): T {
  const reader = new Reader(source);
  reader.blanks();
  const value = read(reader);
  reader.blanks();
  if (value === null || !reader.atEnd) {
    throw new ValueSyntaxError(what, source, reader.failure().reason);
  }
  return value;
}

function readPlaintext(reader: Reader): Plaintext | null {
  if (reader.startsWith("{")) return readStruct(reader);
  if (reader.startsWith("[")) return readArray(reader);
  return readLiteralValue(reader);
}

function readLiteralValue(reader: Reader): Literal | null {
  const canonical = readLiteral(reader);
  return canonical === null ? null : literalOf(canonical);
}

const typedNumber = /^(-?\d+)([a-z]+\d*)$/;

function literalOf(canonical: string): Literal {
  if (canonical === "true" || canonical === "false") return boolean(canonical === "true");
  if (canonical.startsWith('"')) return text("string", canonical.slice(1, -1));
  if (canonical.startsWith("'")) return text("identifier", canonical.slice(1, -1));
  if (canonical.startsWith("aleo1")) return text("address", canonical);
  const [, digits, type] = typedNumber.exec(canonical) ?? [];
  if (digits === undefined || type === undefined) return text("signature", canonical);
  return number(type as NumberLiteral["type"], BigInt(digits));
}

/** What stands between two brackets, with commas between. */
function readList<T>(
  reader: Reader,
  brackets: "{}" | "[]",
  read: () => T | null,
): readonly T[] | null {
  const [open = "", close = ""] = brackets;
  if (reader.tag(open) === null) return null;
  const list: T[] = [];
  reader.blanks();
  if (reader.take(close)) return list;
  do {
    reader.blanks();
    const item = read();
    if (item === null) return null;
    list.push(item);
    reader.blanks();
  } while (reader.take(","));
  return reader.tag(close) && list;
}

function readStruct(reader: Reader): StructValue | null {
  const members = readList(reader, "{}", () => {
    const name = readIdentifier(reader);
    if (name === null || reader.word(":") === null) return null;
    const value = readPlaintext(reader);
    return value && ([name, value] as const);
  });
  return members && { kind: "struct", members: new Map(members) };
}

function readArray(reader: Reader): ArrayValue | null {
  const elements = readList(reader, "[]", () => readPlaintext(reader));
  return elements && { kind: "array", elements };
}

/** `{ program_id: …, function_name: …, arguments: [ … ] }` (console/program/src/data/future/parse.rs). */
function readFuture(reader: Reader): FutureValue | null {
  return reader.attempt(() => {
    if (reader.tag("{") === null || reader.word("program_id") === null) return null;
    if (reader.word(":") === null) return null;
    const program = readProgramId(reader);
    if (program === null || reader.word(",") === null) return null;
    if (reader.word("function_name") === null || reader.word(":") === null) return null;
    const name = readIdentifier(reader);
    if (name === null || reader.word(",") === null) return null;
    if (reader.word("arguments") === null || reader.word(":") === null) return null;
    const given = readList(reader, "[]", () => readArgument(reader));
    if (given === null) return null;
    reader.blanks();
    return reader.tag("}") && { kind: "future", program, function: name, arguments: given };
  });
}

function readArgument(reader: Reader): FutureValue["arguments"][number] | null {
  return readFuture(reader) ?? readDynamicFuture(reader) ?? readPlaintext(reader);
}

/** `{ _program_id: …, _function_name: …, _checksum: … }` (console/program/src/data/dynamic/future/parse.rs). */
function readDynamicFuture(reader: Reader): DynamicFuture | null {
  return reader.attempt(() => {
    if (reader.tag("{") === null || reader.word("_program_id") === null) return null;
    if (reader.word(":") === null) return null;
    const program = readProgramId(reader);
    if (program === null || reader.word(",") === null) return null;
    if (reader.word("_function_name") === null || reader.word(":") === null) return null;
    const name = readIdentifier(reader);
    if (name === null || reader.word(",") === null) return null;
    if (reader.word("_checksum") === null || reader.word(":") === null) return null;
    const checksum = readLiteralValue(reader);
    reader.blanks();
    return checksum?.kind === "number" && reader.tag("}") !== null
      ? { kind: "dynamic-future", program, function: name, checksum: checksum.value }
      : null;
  });
}

/** The name whose characters, the first one lowest, are the bytes of a field element. */
export function nameOfField(value: bigint): string {
  const bytes: number[] = [];
  for (let rest = value; rest > 0n; rest >>= 8n) bytes.push(Number(rest & 0xffn));
  return String.fromCharCode(...bytes);
}
