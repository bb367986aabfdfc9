import { literalTypes, type LiteralTypeName } from "../program/constants.ts";
import { scalarOrder, yCoordinate } from "../program/curve.ts";
import { addressNumber, addressOfNumber } from "../bech32.ts";
import { bitsNumber, nameBits } from "./bits.ts";
import type { Crypto } from "./crypto.ts";
import { halt } from "./halt.ts";
import { bitSize, fits, wrapped } from "./integers.ts";
import { nameOfField } from "./text.ts";
import {
  boolean,
  isIntegerType,
  number,
  text,
  type IntegerType,
  type Literal,
  type NumberLiteral,
} from "./values.ts";

const generator = 1540945439182663264862696551825005342995406165131907382295858612069623286213n;
/** Bits of a scalar that any value can have: one less than its order has. */
const scalarDataBits = 250;

const literalNames: ReadonlySet<string> = new Set(literalTypes);

export function isLiteralType(type: string): type is LiteralTypeName {
  return literalNames.has(type);
}

/**
 * `cast`: the same value in another type; one that has no room for it halts.
 * Source: snarkVM console/program/src/data/literal/cast.
 */
export function castLiteral(value: Literal, type: LiteralTypeName): Literal {
  if (value.type === "signature" || value.type === "string") return cannot(value.type, type);
  if (value.type === type) return value;
  if (value.kind === "boolean") return fromBoolean(value.value, type);
  if (isGroup(value.type) && isGroup(type)) return fromGroup(fieldOf(value), type);
  if (value.kind === "number" && isInteger(value.type)) {
    if (isIntegerType(type)) return exact(type, value.value);
    if (type === "boolean") return toBoolean(value.value);
  }
  return fromField(fieldOf(value), type);
}

/**
 * `cast.lossy`: what does not fit is cut off, and a field that is no group element becomes one.
 * Source: snarkVM console/program/src/data/literal/cast_lossy.
 */
export function castLossy(value: Literal, type: LiteralTypeName, crypto: Crypto): Literal {
  if (value.kind === "text" && value.type !== "address") return cannot(value.type, type);
  if (value.type === type) return value;
  if (value.kind === "boolean") return fromBoolean(value.value, type);
  if (isGroup(value.type) && isGroup(type)) return fromGroup(fieldOf(value), type);
  if (value.kind === "number" && isInteger(value.type) && isIntegerType(type)) {
    return number(type, wrapped(type, value.value));
  }
  const field = fieldOf(value);
  if (isIntegerType(type)) return number(type, wrapped(type, field));
  switch (type) {
    case "boolean":
      return boolean((field & 1n) === 1n);
    case "field":
      return number("field", field);
    case "scalar":
      // A whole scalar comes from an integer; a field element loses what exceeds 250 bits.
      return number("scalar", BigInt.asUintN(scalarDataBits, field));
    case "group":
    case "address":
      return fromGroup(crypto.groupOfField(field), type);
    default:
      return cannot(value.type, type);
  }
}

const isInteger = (type: NumberLiteral["type"]): type is IntegerType => isIntegerType(type);

const isGroup = (type: LiteralTypeName): type is "group" | "address" =>
  type === "group" || type === "address";

function cannot(from: LiteralTypeName, to: LiteralTypeName): never {
  return halt(`a ${from} can't be cast to a ${to}`);
}

function fromGroup(x: bigint, type: "group" | "address"): Literal {
  return type === "group" ? number("group", x) : text("address", addressOfNumber(x));
}

/** The field element that stands for a value between two casts; a negative integer by its bits. */
function fieldOf(value: Literal): bigint {
  if (value.kind === "boolean") return value.value ? 1n : 0n;
  if (value.kind === "number") {
    return isInteger(value.type) ? BigInt.asUintN(bitSize(value.type), value.value) : value.value;
  }
  if (value.type === "address") return addressNumber(value.value);
  if (value.type === "identifier") return bitsNumber(nameBits(value.value));
  return halt(`a ${value.type} can't be cast`);
}

function fromBoolean(value: boolean, type: LiteralTypeName): Literal {
  if (isGroup(type)) return fromGroup(value ? generator : 0n, type);
  if (type === "field" || type === "scalar" || isIntegerType(type)) {
    return number(type, value ? 1n : 0n);
  }
  return type === "boolean" ? boolean(value) : cannot("boolean", type);
}

function toBoolean(value: bigint): Literal {
  return value === 0n || value === 1n ? boolean(value === 1n) : halt(`${value} is no boolean`);
}

function exact(type: IntegerType, value: bigint): Literal {
  return fits(type, value) ? number(type, value) : halt(`${value} is no ${type}`);
}

function fromField(field: bigint, type: LiteralTypeName): Literal {
  if (isIntegerType(type)) {
    return field < 1n << BigInt(bitSize(type))
      ? number(type, wrapped(type, field))
      : halt(`${field} has more bits than ${type}`);
  }
  switch (type) {
    case "boolean":
      return toBoolean(field);
    case "field":
      return number("field", field);
    case "scalar":
      return field < scalarOrder ? number("scalar", field) : halt(`${field} is no scalar`);
    case "group":
    case "address":
      return yCoordinate(field) === undefined
        ? halt(`${field} is the x coordinate of no group element`)
        : fromGroup(field, type);
    case "identifier":
      return toIdentifier(field);
    default:
      return cannot("field", type);
  }
}

function toIdentifier(field: bigint): Literal {
  const name = nameOfField(field);
  const isName = /^[A-Za-z][A-Za-z0-9_]*$/.test(name) && name.length <= 31;
  return isName ? text("identifier", name) : halt(`${field} is no name`);
}
