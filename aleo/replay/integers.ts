import { halt } from "./halt.ts";
import type { IntegerType } from "./values.ts";

export function bitSize(type: IntegerType): number {
  return Number(type.slice(1));
}

function isSigned(type: IntegerType): boolean {
  return type.startsWith("i");
}

/** The value with as many bits as the type has, as a processor would keep it. */
export function wrapped(type: IntegerType, value: bigint): bigint {
  return isSigned(type)
    ? BigInt.asIntN(bitSize(type), value)
    : BigInt.asUintN(bitSize(type), value);
}

export function fits(type: IntegerType, value: bigint): boolean {
  return wrapped(type, value) === value;
}

function checked(type: IntegerType, value: bigint, what: string): bigint {
  return fits(type, value) ? value : halt(`${what} is no ${type}`);
}

type Binary = (type: IntegerType, a: bigint, b: bigint) => bigint;

const nonZero = (b: bigint, what: string): bigint =>
  b === 0n ? halt(`${what}: division by zero`) : b;

/** With the other operand of the same type; what does not fit halts, except for those with `.w`. */
export const integerOperations: Readonly<Record<string, Binary>> = {
  add: (type, a, b) => checked(type, a + b, `${a} + ${b}`),
  "add.w": (type, a, b) => wrapped(type, a + b),
  sub: (type, a, b) => checked(type, a - b, `${a} - ${b}`),
  "sub.w": (type, a, b) => wrapped(type, a - b),
  mul: (type, a, b) => checked(type, a * b, `${a} * ${b}`),
  "mul.w": (type, a, b) => wrapped(type, a * b),
  div: (type, a, b) => checked(type, a / nonZero(b, `${a} / ${b}`), `${a} / ${b}`),
  "div.w": (type, a, b) => wrapped(type, a / nonZero(b, `${a} / ${b}`)),
  // As the division: the smallest number by -1 halts, though the rest would be 0.
  rem: (type, a, b) =>
    fits(type, a / nonZero(b, `${a} % ${b}`)) ? a % b : halt(`${a} % ${b} overflows`),
  "rem.w": (_type, a, b) => a % nonZero(b, `${a} % ${b}`),
  mod: (_type, a, b) => a % nonZero(b, `${a} mod ${b}`),
  and: (_type, a, b) => a & b,
  or: (_type, a, b) => a | b,
  xor: (_type, a, b) => a ^ b,
};

/** With an exponent or a distance of type u8, u16 or u32. */
export const integerShifts: Readonly<Record<string, Binary>> = {
  pow: (type, base, exponent) => checkedPower(type, base, exponent),
  "pow.w": (type, base, exponent) => wrappedPower(type, base, exponent),
  shl: (type, value, distance) =>
    checked(type, value << within(type, value, distance), `${value} shl ${distance}`),
  "shl.w": (type, value, distance) => wrapped(type, value << modulo(type, distance)),
  shr: (type, value, distance) => value >> within(type, value, distance),
  "shr.w": (type, value, distance) => value >> modulo(type, distance),
};

function within(type: IntegerType, value: bigint, distance: bigint): bigint {
  return distance < BigInt(bitSize(type))
    ? distance
    : halt(`${value} can't be shifted by ${distance}, it has ${bitSize(type)} bits`);
}

function modulo(type: IntegerType, distance: bigint): bigint {
  return distance & BigInt(bitSize(type) - 1);
}

function checkedPower(type: IntegerType, base: bigint, exponent: bigint): bigint {
  if (base === 0n || base === 1n) return exponent === 0n ? 1n : base;
  if (base === -1n) return exponent % 2n === 0n ? 1n : -1n;
  const what = `${base} to the power of ${exponent}`;
  // A larger one overflows whatever the base, and would take long to compute.
  return exponent > 128n ? halt(`${what} is no ${type}`) : checked(type, base ** exponent, what);
}

function wrappedPower(type: IntegerType, base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = base;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = wrapped(type, result * square);
    square = wrapped(type, square * square);
  }
  return wrapped(type, result);
}

type Unary = (type: IntegerType, a: bigint) => bigint;

const magnitude = (a: bigint): bigint => (a < 0n ? -a : a);

export const integerUnaries: Readonly<Record<string, Unary>> = {
  abs: (type, a) => checked(type, magnitude(a), `the absolute value of ${a}`),
  "abs.w": (type, a) => wrapped(type, magnitude(a)),
  neg: (type, a) => checked(type, -a, `the negative of ${a}`),
  not: (type, a) => wrapped(type, ~a),
};
