import { hasBech32Checksum } from "../bech32.ts";
import { bounds } from "./constants.ts";
import { fieldOrder, isGroupCoordinate, scalarOrder } from "./curve.ts";
import { clip } from "./reader.ts";
import type { Reader } from "./reader.ts";

const addressPattern = /aleo1(?:[qpzry9x8gf2tvdw0s3jn54khce6mua7l]_*)+/y;
const signaturePattern = /sign1(?:[qpzry9x8gf2tvdw0s3jn54khce6mua7l]_*)+/y;
const numberPattern = /-?(?:[0-9]_*)+(?:field|group|scalar|[iu](?:8|16|32|64|128))/y;
const identifierLiteralPattern = /'[A-Za-z][A-Za-z0-9_]*'/y;

/** Characters of an address (32 bytes) and of a signature (128 bytes) behind prefix and `1`. */
const addressCharacters = 58;
const signatureCharacters = 211;

/**
 * Reads a literal and answers its canonical text. Of addresses and signatures only
 * the checksum is checked, not whether they lie on the curve.
 * Source: snarkVM console/program/src/data/literal/parse.rs and the types it names.
 */
export function readLiteral(reader: Reader): string | null {
  return (
    readBech32(reader, addressPattern, "address", addressCharacters) ??
    readBoolean(reader) ??
    readNumber(reader) ??
    readBech32(reader, signaturePattern, "signature", signatureCharacters) ??
    readIdentifierLiteral(reader) ??
    readString(reader)
  );
}

function readBoolean(reader: Reader): string | null {
  if (reader.take("true")) return "true";
  return reader.take("false") ? "false" : null;
}

/** Reads a number with its type; only one of type `wanted`, where that is given. */
export function readNumber(reader: Reader, wanted?: string): string | null {
  const start = reader.position;
  return reader.attempt(() => {
    const text = reader.match(numberPattern);
    if (text === null) return null;
    const plain = text.replaceAll("_", "");
    const digits = /^-?[0-9]+/.exec(plain)?.[0] ?? "";
    const type = plain.slice(digits.length);
    if (wanted !== undefined && type !== wanted) return null;
    const value = numberOf(digits, type);
    return value === null
      ? reader.refuse(`${clip(text)} is no value of type ${type}`, start)
      : `${value}${type}`;
  });
}

function numberOf(digits: string, type: string): bigint | null {
  const negative = digits.startsWith("-");
  const magnitude = negative ? digits.slice(1) : digits;
  if (type === "field" || type === "group" || type === "scalar") {
    if (magnitude.length > 1 && magnitude.startsWith("0")) return null;
    const order = type === "scalar" ? scalarOrder : fieldOrder;
    const value = BigInt(magnitude) % order;
    if (type === "group" && !isGroupCoordinate(value)) return null;
    return negative && value !== 0n ? order - value : value;
  }
  const bits = BigInt(type.slice(1));
  if (type.startsWith("u")) {
    return negative || BigInt(magnitude) >= 1n << bits ? null : BigInt(magnitude);
  }
  const value = negative ? -BigInt(magnitude) : BigInt(magnitude);
  const limit = 1n << (bits - 1n);
  return value < -limit || value >= limit ? null : value;
}

function readBech32(
  reader: Reader,
  pattern: RegExp,
  kind: string,
  characters: number,
): string | null {
  const start = reader.position;
  return reader.attempt(() => {
    const text = reader.match(pattern)?.replaceAll("_", "") ?? null;
    if (text === null) return null;
    return text.length === 5 + characters && hasBech32Checksum(text)
      ? text
      : reader.refuse(`${clip(text)} is no ${kind} (misspelt?)`, start);
  });
}

function readIdentifierLiteral(reader: Reader): string | null {
  const start = reader.position;
  return reader.attempt(() => {
    const text = reader.match(identifierLiteralPattern);
    if (text === null) return null;
    return text.length - 2 <= bounds.nameBytes
      ? text
      : reader.refuse(`${clip(text)} has more than ${bounds.nameBytes} characters`, start);
  });
}

const plainTextPattern = /[^"\\]+/y;
const escapedBlanksPattern = /\\[ \t\r\n]+/y;
const unicodeEscapePattern = /\\u\{[0-9A-Fa-f]{1,6}\}/y;
const escapes: Readonly<Record<string, string>> = {
  "\\n": "\n",
  "\\r": "\r",
  "\\t": "\t",
  "\\b": "\b",
  "\\f": "\f",
  "\\\\": "\\",
  "\\/": "/",
  '\\"': '"',
};

/** snarkVM prints a string as it is in memory: an escape in the source is gone in the canonical text. */
function readString(reader: Reader): string | null {
  if (!reader.startsWith('"')) return null;
  const start = reader.position;
  return reader.attempt(() => {
    reader.take('"');
    const value = reader.many(() => readStringPart(reader)).join("");
    if (reader.tag('"') === null) return null;
    return Buffer.byteLength(value) <= bounds.stringBytes
      ? `"${value}"`
      : reader.refuse(`a string has at most ${bounds.stringBytes} bytes`, start);
  });
}

function readStringPart(reader: Reader): string | null {
  if (!reader.startsWith("\\")) {
    return reader.restIsSupported
      ? reader.match(plainTextPattern)
      : reader.refuse(
          "a character that cannot be shown stands in or behind a string",
          reader.position,
        );
  }
  const unicode = reader.attempt(() => {
    const escape = reader.match(unicodeEscapePattern);
    if (escape === null) return null;
    const code = Number.parseInt(escape.slice(3, -1), 16);
    const isScalar = code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
    return isScalar ? String.fromCodePoint(code) : null;
  });
  if (unicode !== null) return unicode;
  const escaped = escapes[reader.text.slice(reader.position, reader.position + 2)];
  if (escaped !== undefined) {
    reader.position += 2;
    return escaped;
  }
  return reader.match(escapedBlanksPattern) === null ? null : "";
}
