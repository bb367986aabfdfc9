import { createHash } from "node:crypto";
import { bitsNumber, bitsOf, fieldBits, nameBits, numberBits } from "./bits.ts";
import { bitsOfBytes, bytesOf } from "./bytes.ts";
import type { DynamicFuture, FutureValue } from "./values.ts";

/**
 * The number by which a dynamic future names the arguments of the future that it stands for
 * (snarkVM console/program/src/data/dynamic/future/mod.rs, `from_future`).
 */
export function futureChecksum({ arguments: given }: FutureValue): bigint {
  const bits = [...numberBits(BigInt(given.length), 8), ...given.flatMap(argumentBits)];
  const digest = createHash("sha3-256").update(bytesOf(bits)).digest();
  return bitsNumber(bitsOfBytes(digest).slice(0, fieldBits - 1));
}

/** console/program/src/data/future/argument.rs */
function argumentBits(argument: FutureValue["arguments"][number]): boolean[] {
  switch (argument.kind) {
    case "future":
      return [true, ...futureBits(argument)];
    case "dynamic-future":
      return [true, ...Array<boolean>(12).fill(false), ...dynamicBits(argument)];
    default:
      return [false, ...bitsOf(argument)];
  }
}

/** console/program/src/data/future/to_bits.rs */
function futureBits({ program, function: name, arguments: given }: FutureValue): boolean[] {
  return [
    ...sized(program.split(".").flatMap(nameBits)),
    ...sized(nameBits(name)),
    ...numberBits(BigInt(given.length), 8),
    ...given.flatMap((argument) => sized(argumentBits(argument))),
  ];
}

function dynamicBits({ program, function: name, checksum }: DynamicFuture): boolean[] {
  const names = [...program.split("."), name].map((part) => bitsNumber(nameBits(part)));
  return [...names, checksum].flatMap((field) => numberBits(field, fieldBits));
}

function sized(bits: readonly boolean[]): boolean[] {
  return [...numberBits(BigInt(bits.length), bits.length < 0x10000 ? 16 : 32), ...bits];
}
