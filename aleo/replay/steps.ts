import type { Statement } from "../program/statements.ts";
import { arithmetic, isTrue } from "./arithmetic.ts";
import { rawBitsOf, bitsOf } from "./bits.ts";
import { castLiteral, castLossy, isLiteralType } from "./casts.ts";
import type { Frame, Load, RunningProgram, Step } from "./code.ts";
import { equal } from "./equal.ts";
import { fromBits } from "./from-bits.ts";
import { halt, Unfollowed } from "./halt.ts";
import { bitArray, hashes } from "./hashes.ts";
import { literalText, nameOfField, plaintextText } from "./text.ts";
import { registerIndex, splitTarget, typeOf } from "./types.ts";
import { yCoordinate } from "../program/curve.ts";
import {
  boolean,
  isLiteral,
  isPlaintext,
  number,
  type Plaintext,
  type Unknown,
  type Value,
} from "./values.ts";

/** The index of the statement behind a position, which has to stand further down. */
type Target = (position: string) => number;

/** What a statement does, given how its operands get their values. */
export function stepOf(statement: Statement, operands: readonly Load[], target: Target): Step {
  const { opcode } = statement;
  const command = commands[opcode];
  if (command !== undefined) return command(statement, operands, target);
  const compute = computation(statement);
  const destination = registerIndex(statement.destinations[0] ?? "");
  return (frame) => {
    const given = operands.map((load) => load(frame));
    const unknown = opcode === "ternary" ? ternaryUnknown(given) : given.find(isUnknown);
    frame.registers[destination] = unknown ?? compute(given.map(plain), frame);
    return undefined;
  };
}

const isUnknown = (value: Value): value is Unknown => value.kind === "unknown";

/** With a known condition only the chosen operand counts. */
function ternaryUnknown([condition, a, b]: readonly Value[]): Unknown | undefined {
  if (condition === undefined || isUnknown(condition)) return condition;
  const chosen = isTrue(plain(condition)) ? a : b;
  return chosen !== undefined && isUnknown(chosen) ? chosen : undefined;
}

/** The operand that was not chosen by a ternary may be unknown: any value stands for it. */
function plain(value: Value): Plaintext {
  if (isPlaintext(value)) return value;
  return isUnknown(value) ? boolean(false) : halt(`a ${value.kind} stands where a value belongs`);
}

type Computation = (operands: readonly Plaintext[], frame: Frame) => Value;

/** The instructions that only compute. */
function computation(statement: Statement): Computation {
  const { opcode, type = "" } = statement;
  const operation = arithmetic.get(opcode);
  if (operation !== undefined)
    return (operands, { machine }) => operation(operands, machine.crypto);
  const hash = hashes.get(opcode);
  if (hash !== undefined) return (operands, { machine }) => hash(operands, type, machine.crypto);
  switch (opcode) {
    case "cast":
      return castTo(type);
    case "cast.lossy":
      return ([value], { machine }) =>
        value !== undefined && isLiteral(value) && isLiteralType(type)
          ? castLossy(value, type, machine.crypto)
          : halt(`cast.lossy makes no ${type}`);
    case "serialize.bits":
      return ([value]) => bitArray(bitsOf(present(value)));
    case "serialize.bits.raw":
      return ([value]) => bitArray(rawBitsOf(present(value)));
    case "deserialize.bits":
    case "deserialize.bits.raw": {
      const wanted = typeOf(type);
      return ([value]) => fromBits(bitsIn(present(value)), wanted, opcode.endsWith(".raw"));
    }
    case "sign.verify":
      return ([signature, address, message], { machine }) =>
        signature?.kind === "text" && address?.kind === "text"
          ? boolean(
              machine.crypto.verifySignature(
                signature.value,
                address.value,
                plaintextText(present(message)),
              ),
            )
          : halt("sign.verify takes a signature and an address");
    case "rand.chacha":
      return (_operands, { machine }) => machine.unreplayable("its result is drawn by lot");
    default:
      return (_operands, { machine }) =>
        machine.unreplayable(`this version does not carry out ${opcode}`);
  }
}

function present(value: Plaintext | undefined): Plaintext {
  return value ?? halt("an operand is missing");
}

function bitsIn(value: Plaintext): boolean[] {
  return value.kind === "array"
    ? value.elements.map(isTrue)
    : halt("bits are an array of booleans");
}

function castTo(type: string): Computation {
  if (type === "group.x" || type === "group.y") {
    return ([value]) => coordinate(present(value), type);
  }
  const wanted = typeOf(type);
  switch (wanted.kind) {
    case "literal":
      return ([value]) =>
        value !== undefined && isLiteral(value)
          ? castLiteral(value, wanted.text)
          : halt(`only a literal can be cast to a ${type}`);
    case "array":
      return (elements) =>
        elements.length === wanted.length
          ? { kind: "array", elements }
          : halt(`${elements.length} values make no ${type}`);
    default: {
      const [other, name] = splitTarget(type);
      return (values, frame) => structOf(programOf(frame, other), name, values);
    }
  }
}

function coordinate(value: Plaintext, which: "group.x" | "group.y"): Plaintext {
  if (value.kind !== "number" || value.type !== "group") {
    return halt(`only a group element has ${which}`);
  }
  const found = which === "group.x" ? value.value : yCoordinate(value.value);
  return number("field", found ?? halt(`${value.value} is no group element`));
}

function programOf(frame: Frame, other: string | undefined): RunningProgram {
  return other === undefined || other === frame.program.id
    ? frame.program
    : frame.machine.programAt(other);
}

function structOf(program: RunningProgram, name: string, values: readonly Plaintext[]): Plaintext {
  const members = program.struct(name) ?? halt(`${program.id} has no struct ${name}`);
  if (members.length !== values.length) return halt(`${values.length} values make no ${name}`);
  return {
    kind: "struct",
    members: new Map(members.map((member, index) => [member, present(values[index])])),
  };
}

type Command = (statement: Statement, operands: readonly Load[], target: Target) => Step;

const commands: Readonly<Record<string, Command>> = {
  "assert.eq": assertion(true),
  "assert.neq": assertion(false),
  "branch.eq": branch(true),
  "branch.neq": branch(false),
  position: () => () => undefined,
  get: (statement, [key]) => lookup(statement, named(statement), key, undefined),
  "get.or_use": (statement, [key, fallback]) => lookup(statement, named(statement), key, fallback),
  contains: (statement, [key]) => containment(statement, named(statement), key),
  "get.dynamic": (statement, [name, network, mapping, key]) =>
    lookup(statement, chosen(name, network, mapping), key, undefined),
  "get.or_use.dynamic": (statement, [name, network, mapping, key, fallback]) =>
    lookup(statement, chosen(name, network, mapping), key, fallback),
  "contains.dynamic": (statement, [name, network, mapping, key]) =>
    containment(statement, chosen(name, network, mapping), key),
  set: ({ target = "" }, [key, value]) => {
    return (frame) => {
      frame.machine.write(target, storable(key, frame), storable(value, frame), frame);
      return undefined;
    };
  },
  remove: ({ target = "" }, [key]) => {
    return (frame) => {
      frame.machine.remove(target, storable(key, frame), frame);
      return undefined;
    };
  },
  await: (statement, [future]) => {
    const index = registerIndex(statement.operands[0] ?? "");
    return (frame) => {
      const value = loaded(future, frame);
      if (value.kind !== "future" && value.kind !== "dynamic-future") {
        return halt("only a future can be awaited");
      }
      if (frame.awaited.has(index)) return halt(`r${index} was awaited before`);
      frame.awaited.add(index);
      frame.machine.runFuture(value);
      return undefined;
    };
  },
  call: ({ target = "", destinations }, operands) => {
    const [other, name] = splitTarget(target);
    return (frame) => {
      const inputs = operands.map((load) => load(frame));
      const outputs = frame.machine.runView(programOf(frame, other), name, inputs);
      destinations.forEach((destination, index) => {
        frame.registers[registerIndex(destination)] =
          outputs[index] ?? halt(`the view ${name} gives too little`);
      });
      return undefined;
    };
  },
};

function loaded(load: Load | undefined, frame: Frame): Value {
  return load?.(frame) ?? halt("an operand is missing");
}

function storable(load: Load | undefined, frame: Frame): Plaintext | Unknown {
  const value = loaded(load, frame);
  return isPlaintext(value) || isUnknown(value)
    ? value
    : halt(`a ${value.kind} can't stand in a mapping`);
}

function assertion(wanted: boolean): Command {
  return (_statement, [first, second]) =>
    (frame) => {
      const [a, b] = [storable(first, frame), storable(second, frame)];
      if (isUnknown(a)) frame.machine.assume(a);
      else if (isUnknown(b)) frame.machine.assume(b);
      else if (equal(a, b) !== wanted) {
        const [left, right] = [plaintextText(a), plaintextText(b)];
        halt(wanted ? `${left} is not ${right}` : `both are ${left}`);
      }
      return undefined;
    };
}

function branch(wanted: boolean): Command {
  return ({ position = "" }, [first, second], target) =>
    (frame) => {
      const [a, b] = [storable(first, frame), storable(second, frame)];
      const unknown = [a, b].find(isUnknown);
      if (unknown !== undefined) throw new Unfollowed(unknown.from, "which way it goes");
      return equal(plain(a), plain(b)) === wanted ? target(position) : undefined;
    };
}

/** Which mapping a lookup reads, in a frame. */
type Source = (frame: Frame) => readonly [program: string, mapping: string] | Unknown;

function named({ target = "" }: Statement): Source {
  const [other, mapping] = splitTarget(target);
  return ({ program }) => [other ?? program.id, mapping];
}

function chosen(
  name: Load | undefined,
  network: Load | undefined,
  mapping: Load | undefined,
): Source {
  return (frame) => {
    const parts = [name, network, mapping].map((load) => storable(load, frame));
    const unknown = parts.find(isUnknown);
    if (unknown !== undefined) return unknown;
    const [first = "", second = "", third = ""] = parts.map(nameIn);
    return [`${first}.${second}`, third];
  };
}

function nameIn(value: Plaintext | Unknown): string {
  if (value.kind === "text" && value.type === "identifier") return value.value;
  if (value.kind === "number" && value.type === "field") return nameOfField(value.value);
  return halt(
    `${isPlaintext(value) && isLiteral(value) ? literalText(value) : value.kind} is no name`,
  );
}

function lookup(
  { destinations }: Statement,
  source: Source,
  key: Load | undefined,
  fallback: Load | undefined,
): Step {
  const destination = registerIndex(destinations[0] ?? "");
  return (frame) => {
    const from = source(frame);
    frame.registers[destination] =
      "kind" in from ? from : valueAt(frame, from, storable(key, frame), fallback);
    return undefined;
  };
}

function valueAt(
  frame: Frame,
  [program, mapping]: readonly [string, string],
  key: Plaintext | Unknown,
  fallback: Load | undefined,
): Value {
  const found = frame.machine.read(program, mapping, key);
  if (!found.known) return found.from;
  if (found.value !== undefined) return found.value;
  if (fallback !== undefined) return fallback(frame);
  const where = isUnknown(key) ? "an unknown key" : `key ${plaintextText(key)}`;
  return halt(`${program}/${mapping} has no ${where}`);
}

function containment({ destinations }: Statement, source: Source, key: Load | undefined): Step {
  const destination = registerIndex(destinations[0] ?? "");
  return (frame) => {
    const from = source(frame);
    if ("kind" in from) {
      frame.registers[destination] = from;
      return undefined;
    }
    const found = frame.machine.read(...from, storable(key, frame));
    frame.registers[destination] = found.known ? boolean(found.value !== undefined) : found.from;
    return undefined;
  };
}
