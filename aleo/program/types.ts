import { bounds, literalTypes } from "./constants.ts";
import type { LiteralTypeName } from "./constants.ts";
import { readNumber } from "./literals.ts";
import { clip } from "./reader.ts";
import type { Reader } from "./reader.ts";

/** A type of plain data. `text` is its canonical text. */
export type PlaintextType =
  | { readonly kind: "literal"; readonly text: LiteralTypeName }
  | { readonly kind: "struct"; readonly text: string }
  | { readonly kind: "external-struct"; readonly text: string; readonly program: string }
  | {
      readonly kind: "array";
      readonly text: string;
      readonly element: PlaintextType;
      readonly length: number;
    };

export type Visibility = "constant" | "public" | "private";

/** The type of an input or an output. `text` is its canonical text, such as `u64.public`. */
export interface ValueType {
  readonly kind:
    "plaintext" | "record" | "external-record" | "future" | "dynamic-record" | "dynamic-future";
  readonly text: string;
  readonly plaintext?: PlaintextType;
  readonly visibility?: Visibility;
}

const literalTypePattern = new RegExp(literalTypes.join("|"), "y");
const literalTypeNames: ReadonlySet<string> = new Set(literalTypes);
const visibilities = ["constant", "public", "private"] as const;

/** snarkVM console/program/src/data/identifier/parse.rs. */
export function readIdentifier(reader: Reader): string | null {
  const start = reader.position;
  return reader.attempt(() => {
    const name = reader.identifierText();
    if (name === null) return reader.expect("a name");
    if (name.length > bounds.nameBytes) {
      return reader.refuse(
        `the name ${clip(name)} has more than ${bounds.nameBytes} characters`,
        start,
      );
    }
    return literalTypeNames.has(name)
      ? reader.refuse(`${name} is a type, and can be no name`, start)
      : name;
  });
}

/** snarkVM console/program/src/id/mod.rs. */
export function readProgramId(reader: Reader): string | null {
  const start = reader.position;
  return reader.attempt(() => {
    const name = readIdentifier(reader);
    if (name === null || !reader.take(".")) return null;
    if (readIdentifier(reader) !== "aleo") return null;
    return /^[0-9a-z_]+$/.test(name)
      ? `${name}.aleo`
      : reader.refuse(`the program name ${name} has other than a-z, 0-9 and _`, start);
  });
}

export interface Locator {
  readonly program: string;
  readonly text: string;
}

export function readLocator(reader: Reader): Locator | null {
  return reader.attempt(() => {
    const program = readProgramId(reader);
    if (program === null || !reader.take("/")) return null;
    const name = readIdentifier(reader);
    return name === null ? null : { program, text: `${program}/${name}` };
  });
}

export function readLiteralType(reader: Reader): LiteralTypeName | null {
  const name = reader.match(literalTypePattern);
  return name === null ? reader.expect("a type") : (name as LiteralTypeName);
}

function literal(text: LiteralTypeName): PlaintextType {
  return { kind: "literal", text };
}

function readExternalStruct(reader: Reader): PlaintextType | null {
  const locator = readLocator(reader);
  return locator && { kind: "external-struct", ...locator };
}

function readStruct(reader: Reader): PlaintextType | null {
  const name = readIdentifier(reader);
  return name === null ? null : { kind: "struct", text: name };
}

function readLiteralPlaintext(reader: Reader): PlaintextType | null {
  const name = readLiteralType(reader);
  return name === null ? null : literal(name);
}

/** snarkVM console/program/src/data_types/array_type/parse.rs. */
export function readArrayType(reader: Reader): PlaintextType | null {
  return reader.attempt(() => {
    const start = reader.position;
    let dimensions = 0;
    while (reader.take("[")) {
      reader.blanks();
      dimensions += 1;
    }
    if (dimensions === 0) return reader.expect("an array type");
    if (dimensions > bounds.depth) {
      return reader.refuse(`an array is nested at most ${bounds.depth} deep`, start);
    }
    const element =
      readExternalStruct(reader) ?? readLiteralPlaintext(reader) ?? readStruct(reader);
    if (element === null) return null;
    let type = element;
    for (; dimensions > 0; dimensions -= 1) {
      const length = readLength(reader);
      if (length === null) return null;
      type = { kind: "array", text: `[${type.text}; ${length}u32]`, element: type, length };
    }
    return type;
  });
}

function readLength(reader: Reader): number | null {
  if (reader.word(";") === null) return null;
  const start = reader.position;
  const text = readNumber(reader, "u32");
  if (text === null) return reader.expect("a length such as 4u32");
  const length = Number.parseInt(text, 10);
  if (length < 1 || length > bounds.arrayElements) {
    return reader.refuse(`an array has 1 to ${bounds.arrayElements} elements`, start);
  }
  reader.blanks();
  return reader.tag("]") && length;
}

/** snarkVM console/program/src/data_types/plaintext_type/parse.rs. */
export function readPlaintextType(reader: Reader): PlaintextType | null {
  if (reader.startsWith("[")) return readArrayType(reader);
  return readExternalStruct(reader) ?? readStruct(reader) ?? readLiteralPlaintext(reader);
}

function readVisibility(reader: Reader): Visibility | null {
  return visibilities.find((visibility) => reader.take(`.${visibility}`)) ?? null;
}

/** The type of an entry in a record: plain data with its visibility. */
export function readEntryType(reader: Reader): ValueType | null {
  return reader.attempt(() => {
    const plaintext = readPlaintextType(reader);
    if (plaintext === null) return null;
    const visibility = readVisibility(reader);
    return visibility === null
      ? reader.expect('".public", ".private" or ".constant"')
      : { kind: "plaintext", text: `${plaintext.text}.${visibility}`, plaintext, visibility };
  });
}

function readDynamic(reader: Reader, which: "record" | "future"): ValueType | null {
  return reader.take(`dynamic.${which}`)
    ? { kind: `dynamic-${which}`, text: `dynamic.${which}` }
    : null;
}

function readRecord(reader: Reader): ValueType | null {
  return reader.attempt(() => {
    const name = readIdentifier(reader);
    if (name === null) return null;
    return reader.tag(".record") && { kind: "record", text: `${name}.record` };
  });
}

function readExternal(reader: Reader, which: "record" | "future"): ValueType | null {
  return reader.attempt(() => {
    const locator = readLocator(reader);
    if (locator === null || reader.tag(`.${which}`) === null) return null;
    const kind = which === "record" ? "external-record" : "future";
    return { kind, text: `${locator.text}.${which}` };
  });
}

/** What a function takes and gives: console/program/src/data_types/value_type/parse.rs. */
export function readValueType(reader: Reader): ValueType | null {
  return (
    readDynamic(reader, "record") ??
    readDynamic(reader, "future") ??
    readEntryType(reader) ??
    readRecord(reader) ??
    readExternal(reader, "record") ??
    readExternal(reader, "future")
  );
}

/** What a closure takes and gives: console/program/src/data_types/register_type/parse.rs. */
export function readRegisterType(reader: Reader): ValueType | null {
  return (
    readDynamic(reader, "record") ??
    readDynamic(reader, "future") ??
    readExternal(reader, "future") ??
    readExternal(reader, "record") ??
    readRecord(reader) ??
    plain(readPlaintextType(reader))
  );
}

/** What a finalize or a view takes: console/program/src/data_types/finalize_type/parse.rs. */
export function readFinalizeType(reader: Reader): ValueType | null {
  return (
    readDynamic(reader, "future") ??
    readExternal(reader, "future") ??
    reader.attempt(() => {
      const plaintext = readPlaintextType(reader);
      if (plaintext === null || reader.tag(".public") === null) return null;
      const text = `${plaintext.text}.public`;
      return { kind: "plaintext", text, plaintext, visibility: "public" };
    })
  );
}

/** What `cast` makes: synthesizer/program/src/logic/instruction/operation/cast.rs. */
export function readCastType(reader: Reader): ValueType | null {
  for (const coordinate of ["group.x", "group.y"]) {
    if (reader.take(coordinate)) return { kind: "plaintext", text: coordinate };
  }
  return (
    readDynamic(reader, "record") ??
    readExternal(reader, "record") ??
    readRecord(reader) ??
    plain(readPlaintextType(reader))
  );
}

function plain(plaintext: PlaintextType | null): ValueType | null {
  return plaintext && { kind: "plaintext", text: plaintext.text, plaintext };
}

/** A type in an instruction, with the visibility that `get.record.dynamic` may add. */
export function readOptionalVisibility(reader: Reader): string {
  const visibility = readVisibility(reader);
  return visibility === null ? "" : `.${visibility}`;
}

/** The innermost element of an array, or the type itself. */
export function baseOf(type: PlaintextType): PlaintextType {
  let base = type;
  while (base.kind === "array") base = base.element;
  return base;
}
