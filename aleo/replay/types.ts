import { Reader } from "../program/reader.ts";
import { readPlaintextType, type PlaintextType } from "../program/types.ts";
import { halt } from "./halt.ts";

/** Reads a type in its canonical text. */
export function typeOf(text: string): PlaintextType {
  return readPlaintextType(new Reader(text)) ?? halt(`${text} is no type`);
}

export function registerIndex(register: string): number {
  return Number(register.slice(1));
}

/** The program and the name in `other.aleo/name`, or the name alone. */
export function splitTarget(target: string): readonly [program: string | undefined, name: string] {
  const slash = target.indexOf("/");
  return slash < 0 ? [undefined, target] : [target.slice(0, slash), target.slice(slash + 1)];
}
