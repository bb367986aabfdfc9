import { parseLiteral } from "./text.ts";
import { halt } from "./halt.ts";
import type { Load } from "./code.ts";
import { number, text, type Plaintext, type Value } from "./values.ts";

const registerPattern = /^r(\d+)(.*)$/;
const accessPattern = /\.([A-Za-z][A-Za-z0-9_]*)|\[(\d+)u32\]/g;
const factPattern = /^(?:([a-z0-9_]+\.aleo)\/)?(edition|program_owner|checksum)$/;
const componentChecksumPattern = /^(?:([a-z0-9_]+\.aleo)\/)?([A-Za-z][A-Za-z0-9_]*)\/checksum$/;
const programPattern = /^[a-z][a-z0-9_]*\.aleo$/;

export interface Operand {
  readonly load: Load;
  /** A program other than its own that has to be at hand. */
  readonly reference?: string | undefined;
}

/** Reads an operand in its canonical text. */
export function operandOf(source: string): Operand {
  const register = registerPattern.exec(source);
  if (register !== null) return { load: registerLoad(Number(register[1]), register[2] ?? "") };
  const special = specials[source];
  if (special !== undefined) return { load: special };
  const [, program, fact] = factPattern.exec(source) ?? [];
  if (fact !== undefined) return { load: factLoad(program, fact), reference: program };
  const [, owner, component] = componentChecksumPattern.exec(source) ?? [];
  if (component !== undefined) {
    return { load: componentChecksumLoad(owner, component), reference: owner };
  }
  const power = generatorPowerPattern.exec(source);
  if (power !== null) return { load: generatorPowers(power[1]) };
  if (programPattern.test(source)) {
    return { load: ({ machine }) => text("address", machine.crypto.programAddress(source)) };
  }
  const literal = parseLiteral(source);
  return { load: () => literal };
}

function registerLoad(index: number, accesses: string): Load {
  const path = [...accesses.matchAll(accessPattern)].map(
    ([, member, position]) => member ?? Number(position),
  );
  return ({ registers }) => {
    let value = registers[index] ?? halt(`register r${index} is empty`);
    for (const step of path) value = access(value, step);
    return value;
  };
}

function access(value: Value, step: string | number): Value {
  if (value.kind === "unknown") return value;
  const part =
    typeof step === "string"
      ? value.kind === "struct"
        ? value.members.get(step)
        : undefined
      : partAt(value, step);
  return part ?? halt(`a ${value.kind} has no part ${step}`);
}

function partAt(value: Value, index: number): Value | undefined {
  if (value.kind === "array") return value.elements[index];
  return value.kind === "future" ? value.arguments[index] : undefined;
}

/** `aleo::GENERATOR`: what keys and encryption use (console/network/src/testnet_v0.rs, `g_powers`). */
const aleoGenerator = 522678458525321116977504528531602186870683848189190546523208313015552693483n;
const generatorPowerCount = 251;
const generatorPowerPattern = /^aleo::GENERATOR_POWERS(?:\[(\d+)u32\])?$/;

function generatorPowers(index: string | undefined): Load {
  return ({ machine }) => {
    const count = index === undefined ? generatorPowerCount : Number(index) + 1;
    if (count > generatorPowerCount) return halt(`there are ${generatorPowerCount} powers`);
    const powers = [aleoGenerator];
    while (powers.length < count) {
      powers.push(machine.crypto.doubleGroup(powers.at(-1) ?? aleoGenerator));
    }
    const elements = powers.map((x) => number("group", x));
    return index === undefined
      ? { kind: "array", elements }
      : (elements.at(-1) ?? number("group", aleoGenerator));
  };
}

const specials: Readonly<Record<string, Load>> = {
  "block.height": ({ machine }) => number("u32", BigInt(machine.block.height)),
  "block.timestamp": ({ machine }) => number("i64", BigInt(machine.block.timestamp)),
  "network.id": ({ machine }) => number("u16", BigInt(machine.block.networkId)),
  "self.signer": () => halt("a finalize has no self.signer"),
  "self.caller": () => halt("a finalize has no self.caller"),
  "aleo::GENERATOR": () => number("group", aleoGenerator),
};

function factLoad(id: string | undefined, fact: string): Load {
  return ({ program, machine }) => {
    const subject = id === undefined ? program : machine.programAt(id);
    switch (fact) {
      case "edition":
        return number("u16", BigInt(subject.edition));
      case "checksum":
        return byteArray(subject.checksum);
      default:
        return subject.owner === undefined
          ? halt(`${subject.id} has no owner`)
          : text("address", subject.owner);
    }
  };
}

function componentChecksumLoad(id: string | undefined, component: string): Load {
  return ({ program, machine }) => {
    const subject = id === undefined ? program : machine.programAt(id);
    const checksum = subject.componentChecksum(component);
    return checksum === undefined ? halt(`${subject.id} has no ${component}`) : byteArray(checksum);
  };
}

function byteArray(hexadecimal: string): Plaintext {
  return {
    kind: "array",
    elements: [...Buffer.from(hexadecimal, "hex")].map((byte) => number("u8", BigInt(byte))),
  };
}
