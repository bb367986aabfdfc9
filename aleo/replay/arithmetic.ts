import { fieldOrder, modulo, power, scalarOrder, squareRoot } from "../program/curve.ts";
import type { Crypto } from "./crypto.ts";
import { halt } from "./halt.ts";
import { integerOperations, integerShifts, integerUnaries } from "./integers.ts";
import { equal } from "./equal.ts";
import {
  boolean,
  isIntegerType,
  isLiteral,
  number,
  type IntegerType,
  type Literal,
  type NumberLiteral,
  type Plaintext,
} from "./values.ts";

/** Computes an instruction from its operands, which are all known. */
export type Operation = (operands: readonly Plaintext[], crypto: Crypto) => Plaintext;

/** The instructions on literals that need no type to be named (snarkVM `crate::operation!`). */
export const arithmetic: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ...["add", "sub", "mul", "div"].map((opcode) => [opcode, dyadic(opcode)] as const),
  ...["add.w", "sub.w", "mul.w", "div.w", "rem", "rem.w", "mod", "and", "or", "xor"].map(
    (opcode) => [opcode, dyadic(opcode)] as const,
  ),
  ...Object.keys(integerShifts).map((opcode) => [opcode, shift(opcode)] as const),
  ...["abs", "abs.w", "neg", "not"].map((opcode) => [opcode, monadic(opcode)] as const),
  ["double", monadic("double")],
  ["square", monadic("square")],
  ["inv", monadic("inv")],
  ["sqrt", monadic("sqrt")],
  ["nand", logic((a, b) => !(a && b))],
  ["nor", logic((a, b) => !(a || b))],
  ["gt", comparison((a, b) => a > b)],
  ["gte", comparison((a, b) => a >= b)],
  ["lt", comparison((a, b) => a < b)],
  ["lte", comparison((a, b) => a <= b)],
  ["is.eq", ([a, b]) => boolean(equal(given(a), given(b)))],
  ["is.neq", ([a, b]) => boolean(!equal(given(a), given(b)))],
  ["ternary", ([condition, a, b]) => (isTrue(condition) ? given(a) : given(b))],
]);

function given(operand: Plaintext | undefined): Plaintext {
  return operand ?? halt("an operand is missing");
}

function literal(operand: Plaintext | undefined): Literal {
  const value = given(operand);
  return isLiteral(value) ? value : halt(`a ${value.kind} stands where a literal belongs`);
}

function numeric(operand: Plaintext | undefined): NumberLiteral {
  const value = literal(operand);
  return value.kind === "number" ? value : halt(`a ${value.type} stands where a number belongs`);
}

export function isTrue(operand: Plaintext | undefined): boolean {
  const value = literal(operand);
  return value.kind === "boolean" ? value.value : halt(`a ${value.type} is no condition`);
}

function integer(value: NumberLiteral): IntegerType | undefined {
  return isIntegerType(value.type) ? value.type : undefined;
}

function dyadic(opcode: string): Operation {
  return ([first, second], crypto) => {
    const a = literal(first);
    const b = literal(second);
    if (a.kind === "boolean" && b.kind === "boolean") return ofBooleans(opcode, a.value, b.value);
    if (a.kind !== "number" || b.kind !== "number") return unsupported(opcode, a, b);
    const type = integer(a);
    const operation = type === b.type ? integerOperations[opcode] : undefined;
    if (type !== undefined && operation !== undefined) {
      return number(type, operation(type, a.value, b.value));
    }
    return ofElements(opcode, a, b, crypto);
  };
}

function ofBooleans(opcode: string, a: boolean, b: boolean): Plaintext {
  switch (opcode) {
    case "and":
      return boolean(a && b);
    case "or":
      return boolean(a || b);
    case "xor":
      return boolean(a !== b);
    default:
      return halt(`${opcode} takes no booleans`);
  }
}

function unsupported(opcode: string, a: Literal, b: Literal): never {
  return halt(`${opcode} takes no ${a.type} with a ${b.type}`);
}

/** Of field elements, group elements and scalars. */
function ofElements(opcode: string, a: NumberLiteral, b: NumberLiteral, crypto: Crypto): Plaintext {
  switch (`${opcode} ${a.type} ${b.type}`) {
    case "add field field":
      return number("field", modulo(a.value + b.value));
    case "sub field field":
      return number("field", modulo(a.value - b.value));
    case "mul field field":
      return number("field", modulo(a.value * b.value));
    case "div field field":
      return number("field", modulo(a.value * inverse(b.value)));
    case "add scalar scalar":
      return number("scalar", (a.value + b.value) % scalarOrder);
    case "add group group":
      return number("group", crypto.addGroups(a.value, b.value));
    case "sub group group":
      return number("group", crypto.addGroups(a.value, modulo(-b.value)));
    case "mul group scalar":
      return number("group", crypto.multiplyGroup(a.value, b.value));
    case "mul scalar group":
      return number("group", crypto.multiplyGroup(b.value, a.value));
    default:
      return unsupported(opcode, a, b);
  }
}

function inverse(value: bigint): bigint {
  return value === 0n ? halt("0field has no inverse") : power(value, fieldOrder - 2n);
}

function shift(opcode: string): Operation {
  return ([first, second]) => {
    const a = numeric(first);
    const b = numeric(second);
    if (opcode === "pow" && a.type === "field" && b.type === "field") {
      return number("field", power(a.value, b.value));
    }
    const type = integer(a);
    const operation = integerShifts[opcode];
    return type === undefined || operation === undefined
      ? unsupported(opcode, a, b)
      : number(type, operation(type, a.value, b.value));
  };
}

function monadic(opcode: string): Operation {
  return ([operand], crypto) => {
    const a = literal(operand);
    if (a.kind === "boolean" && opcode === "not") return boolean(!a.value);
    if (a.kind !== "number") return halt(`${opcode} takes no ${a.type}`);
    const type = integer(a);
    const operation = integerUnaries[opcode];
    if (type !== undefined && operation !== undefined) {
      return number(type, operation(type, a.value));
    }
    return ofElement(opcode, a, crypto);
  };
}

function ofElement(opcode: string, a: NumberLiteral, crypto: Crypto): Plaintext {
  switch (`${opcode} ${a.type}`) {
    case "neg field":
      return number("field", modulo(-a.value));
    // The negative of the point (x, y) is (-x, y).
    case "neg group":
      return number("group", modulo(-a.value));
    case "double field":
      return number("field", modulo(2n * a.value));
    case "double group":
      return number("group", crypto.doubleGroup(a.value));
    case "square field":
      return number("field", modulo(a.value * a.value));
    case "inv field":
      return number("field", inverse(a.value));
    case "sqrt field":
      return number("field", smallerRoot(a.value));
    default:
      return halt(`${opcode} takes no ${a.type}`);
  }
}

function smallerRoot(value: bigint): bigint {
  const root = squareRoot(value) ?? halt(`${value}field has no square root`);
  const other = modulo(-root);
  return root <= other ? root : other;
}

function logic(compute: (a: boolean, b: boolean) => boolean): Operation {
  return ([a, b]) => boolean(compute(isTrue(a), isTrue(b)));
}

function comparison(compare: (a: bigint, b: bigint) => boolean): Operation {
  return ([a, b]) => boolean(compare(numeric(a).value, numeric(b).value));
}
