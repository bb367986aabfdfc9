import { bounds, keywords } from "./constants.ts";
import { reservedOpcodes } from "./opcodes.ts";
import type {
  Closure,
  Component,
  Constructor,
  Entry,
  Finalize,
  Function,
  Import,
  Mapping,
  Member,
  NamedComponent,
  Port,
  Program,
  RecordType,
  Struct,
  View,
} from "./program.ts";
import { ProgramSyntaxError, Reader } from "./reader.ts";
import { readCommand, readInstruction, readOperand, readRegister } from "./statements.ts";
import type { Statement } from "./statements.ts";
import {
  baseOf,
  readEntryType,
  readFinalizeType,
  readIdentifier,
  readPlaintextType,
  readProgramId,
  readRegisterType,
  readValueType,
} from "./types.ts";
import type { PlaintextType, ValueType } from "./types.ts";

export { ProgramSyntaxError };

/**
 * Reads a program of Aleo instructions, and refuses what snarkVM's parser refuses. Types are not
 * checked: a program that parses may still be refused when it is deployed.
 * Source: snarkVM 4.9.1 synthesizer/program/src/parse.rs and lib.rs (`add_*`).
 * @throws ProgramSyntaxError with the line and the column
 */
export function parseProgram(source: string): Program {
  const reader = new Reader(source.toWellFormed());
  const bytes = Buffer.byteLength(reader.text);
  if (bytes > bounds.programBytes) {
    throw reader.errorAt(
      0,
      `the program has ${bytes} bytes, the chain takes at most ${bounds.programBytes}`,
    );
  }
  const imports = reader.many(() => readImport(reader));
  reader.gap();
  const head = readHead(reader);
  if (head === null) throw reader.failure();
  const components = reader.many(() => readComponent(reader));
  reader.gap();
  if (components.length === 0 || !reader.atEnd) {
    reader.expect("a component (function, mapping, …)");
    throw reader.failure();
  }
  const program: Program = { ...head, imports, components };
  const broken = brokenRule(program);
  if (broken !== null) {
    throw reader.errorOnLine(broken.line, broken.reason);
  }
  return program;
}

function readHead(reader: Reader): { id: string; line: number } | null {
  const line = reader.lineAt(reader.position);
  if (reader.tag("program") === null) return null;
  reader.blanks();
  const id = readProgramId(reader);
  if (id === null) return reader.expect("a program id such as token.aleo");
  reader.blanks();
  return reader.tag(";") && { id, line };
}

function readImport(reader: Reader): Import | null {
  reader.gap();
  const line = reader.lineAt(reader.position);
  if (reader.tag("import") === null) return null;
  reader.blanks();
  const id = readProgramId(reader);
  if (id === null) return reader.expect("a program id such as token.aleo");
  reader.blanks();
  return reader.tag(";") && { id, line };
}

function readComponent(reader: Reader): Component | null {
  reader.gap();
  const line = reader.lineAt(reader.position);
  if (reader.take("constructor")) return readConstructor(reader, line);
  if (reader.take("mapping")) return readMapping(reader, line);
  if (reader.take("struct")) return readStruct(reader, line);
  if (reader.take("record")) return readRecord(reader, line);
  if (reader.take("closure")) return readClosure(reader, line);
  if (reader.take("function")) return readFunction(reader, line);
  if (reader.take("view")) return readView(reader, line);
  return null;
}

/** The name of a component and the colon behind it. */
function readName(reader: Reader): string | null {
  reader.blanks();
  const name = readIdentifier(reader);
  reader.blanks();
  return name === null || reader.tag(":") === null ? null : name;
}

function readConstructor(reader: Reader, line: number): Constructor | null {
  reader.blanks();
  if (reader.tag(":") === null) return null;
  const statements = reader.many(() => readCommand(reader));
  if (statements.length === 0) return null;
  checkCommands(reader, statements, "constructor");
  return { kind: "constructor", line, statements };
}

function readMapping(reader: Reader, line: number): Mapping | null {
  const name = readName(reader);
  if (name === null) return null;
  const key = readMappingType(reader, "key");
  if (key === null) return null;
  const value = readMappingType(reader, "value");
  return value && { kind: "mapping", line, name, key, value };
}

function readMappingType(reader: Reader, word: "key" | "value"): PlaintextType | null {
  reader.gap();
  if (reader.tag(word) === null || reader.word("as") === null) return null;
  const type = readPlaintextType(reader);
  if (type === null || reader.tag(".public") === null) return null;
  reader.blanks();
  return reader.tag(";") && type;
}

function readStruct(reader: Reader, line: number): Struct | null {
  const name = readName(reader);
  if (name === null) return null;
  const members = reader.many(() => readField(reader, readPlaintextType));
  if (members.length === 0) return null;
  checkFields(reader, `struct ${name}`, members, bounds.structMembers, []);
  return { kind: "struct", line, name, members };
}

function readRecord(reader: Reader, line: number): RecordType | null {
  const name = readName(reader);
  if (name === null) return null;
  reader.gap();
  if (reader.tag("owner") === null || reader.word("as") === null) return null;
  const owner = (["public", "private"] as const).find((mode) => reader.take(`address.${mode}`));
  if (owner === undefined) return reader.expect('"address.private" or "address.public"');
  reader.blanks();
  if (reader.tag(";") === null) return null;
  const entries: Entry[] = reader.many(() => readField(reader, readEntryType));
  checkFields(reader, `record ${name}`, entries, bounds.recordEntries, ["owner"]);
  return { kind: "record", line, name, owner, entries };
}

function readField<T>(
  reader: Reader,
  readType: (reader: Reader) => T | null,
): { name: string; type: T; line: number } | null {
  reader.gap();
  const line = reader.lineAt(reader.position);
  const name = readIdentifier(reader);
  if (name === null || reader.word("as") === null) return null;
  const type = readType(reader);
  if (type === null) return null;
  reader.blanks();
  return reader.tag(";") && { name, type, line };
}

function checkFields(
  reader: Reader,
  owner: string,
  fields: readonly { name: string; line: number }[],
  most: number,
  taken: readonly string[],
): void {
  const names = new Set(taken);
  for (const [index, { name, line }] of fields.entries()) {
    if (names.has(name)) throw reader.errorOnLine(line, `${owner} has ${name} twice`);
    if (index >= most) {
      throw reader.errorOnLine(line, `${owner} has more than ${most} members`);
    }
    names.add(name);
  }
}

function readPort(
  reader: Reader,
  word: "input" | "output",
  readType: (reader: Reader) => ValueType | null,
): Port | null {
  reader.gap();
  const line = reader.lineAt(reader.position);
  if (reader.tag(word) === null) return null;
  reader.blanks();
  const start = reader.position;
  const operand = word === "input" ? readRegister(reader) : readOperand(reader);
  if (operand === null) return null;
  if (word === "input" && !isWhole(operand)) {
    return reader.refuse(`an input fills a whole register, not ${operand}`, start);
  }
  if (reader.word("as") === null) return null;
  const type = readType(reader);
  if (type === null) return null;
  reader.blanks();
  return reader.tag(";") && { operand, type, line };
}

function isWhole(register: string): boolean {
  return /^r[0-9]+$/.test(register);
}

function readClosure(reader: Reader, line: number): Closure | null {
  const name = readName(reader);
  if (name === null) return null;
  const inputs = reader.many(() => readPort(reader, "input", readRegisterType));
  if (inputs.length === 0) return null;
  const statements = reader.many(() => readInstruction(reader));
  if (statements.length === 0) return null;
  const outputs = reader.many(() => readPort(reader, "output", readRegisterType));
  checkPorts(reader, inputs, "inputs");
  checkPlain(reader, statements);
  checkCount(reader, outputs, bounds.outputs, "outputs");
  const record = outputs.find(({ type }) => type.kind === "record");
  if (record) throw reader.errorOnLine(record.line, "a closure cannot output a record");
  return { kind: "closure", line, name, inputs, statements, outputs: distinct(outputs) };
}

function readFunction(reader: Reader, line: number): Function | null {
  const name = readName(reader);
  if (name === null) return null;
  const inputs = reader.many(() => readPort(reader, "input", readValueType));
  const statements = reader.many(() => readInstruction(reader));
  const outputs = reader.many(() => readPort(reader, "output", readValueType));
  const finalize = reader.attempt(() => readFinalize(reader)) ?? undefined;
  checkPorts(reader, inputs, "inputs");
  checkPlain(reader, statements);
  checkPorts(reader, outputs, "outputs");
  if (finalize !== undefined && finalize.name !== name) {
    throw reader.errorOnLine(
      finalize.line,
      `the finalize behind function ${name} is named ${finalize.name}`,
    );
  }
  return { kind: "function", line, name, inputs, statements, outputs, finalize };
}

function readFinalize(reader: Reader): Finalize | null {
  reader.gap();
  const line = reader.lineAt(reader.position);
  if (reader.tag("finalize") === null) return null;
  const name = readName(reader);
  if (name === null) return null;
  const inputs = reader.many(() => readPort(reader, "input", readFinalizeType));
  const statements = reader.many(() => readCommand(reader));
  if (statements.length === 0) return null;
  checkPorts(reader, inputs, "inputs");
  checkCommands(reader, statements, "finalize");
  return { line, name, inputs, statements };
}

function readView(reader: Reader, line: number): View | null {
  const name = readName(reader);
  if (name === null) return null;
  const inputs = reader.many(() => readPort(reader, "input", readFinalizeType));
  const statements = reader.many(() => readCommand(reader));
  const outputs = reader.many(() => readPort(reader, "output", readFinalizeType));
  checkPorts(reader, inputs, "inputs");
  checkCommands(reader, statements, "view");
  checkCount(reader, outputs, bounds.outputs, "outputs");
  const future = [...inputs, ...outputs].find(({ type }) => type.kind !== "plaintext");
  if (future) throw reader.errorOnLine(future.line, "a view takes and gives plain data only");
  return { kind: "view", line, name, inputs, statements, outputs: distinct(outputs) };
}

function portKey({ operand, type }: Port): string {
  return `${operand} as ${type.text}`;
}

/** A closure and a view may repeat an output; the chain keeps the first. */
function distinct(ports: readonly Port[]): Port[] {
  return [...Map.groupBy(ports, portKey).values()].flatMap(([first]) => first ?? []);
}

function checkPorts(reader: Reader, ports: readonly Port[], word: "inputs" | "outputs"): void {
  checkCount(reader, ports, word === "inputs" ? bounds.inputs : bounds.outputs, word);
  const seen = new Set<string>();
  for (const port of ports) {
    const key = portKey(port);
    if (seen.has(key)) throw reader.errorOnLine(port.line, `${key} is there twice`);
    seen.add(key);
  }
}

function checkCount(
  reader: Reader,
  list: readonly { line: number }[],
  most: number,
  what: string,
): void {
  const surplus = list[most];
  if (surplus) throw reader.errorOnLine(surplus.line, `there are more than ${most} ${what}`);
}

function checkPlain(reader: Reader, statements: readonly Statement[]): void {
  checkCount(reader, statements, bounds.instructions, "instructions");
  for (const statement of statements) checkDestinations(reader, statement);
}

function checkDestinations(reader: Reader, { destinations, line }: Statement): void {
  const part = destinations.find((register) => !isWhole(register));
  if (part !== undefined) {
    throw reader.errorOnLine(line, `${part} is part of a register, and cannot be written`);
  }
}

const writes: ReadonlySet<string> = new Set(["set", "remove"]);
const calls: ReadonlySet<string> = new Set(["call", "call.dynamic"]);

const forbidden: Readonly<Record<"finalize" | "constructor" | "view", ReadonlySet<string>>> = {
  finalize: new Set(["async", "call.dynamic", "get.record.dynamic"]),
  constructor: new Set(["async", ...calls, "get.record.dynamic", "await"]),
  view: new Set([...writes, "async", "await", ...calls, "get.record.dynamic", "rand.chacha"]),
};

/** `FinalizeCore::add_command`, `ConstructorCore::add_command` and `ViewCore::add_command`. */
function checkCommands(
  reader: Reader,
  statements: readonly Statement[],
  where: "finalize" | "constructor" | "view",
): void {
  checkCount(reader, statements, bounds.commands, "commands");
  checkCount(
    reader,
    statements.filter(({ opcode }) => writes.has(opcode)),
    bounds.writes,
    "commands that set or remove",
  );
  checkCount(
    reader,
    statements.filter(({ opcode }) => calls.has(opcode)),
    bounds.finalizeCalls,
    "calls in one finalize",
  );
  checkCount(
    reader,
    statements.filter(({ opcode }) => opcode === "position"),
    bounds.positions,
    "positions",
  );
  const positions = new Set<string>();
  for (const statement of statements) {
    const { opcode, line, position } = statement;
    const makesRecord = opcode === "cast" && statement.castKind?.endsWith("record") === true;
    if (forbidden[where].has(opcode) || makesRecord) {
      const what = makesRecord ? "a cast to a record" : opcode;
      throw reader.errorOnLine(line, `a ${where} cannot hold ${what}`);
    }
    checkDestinations(reader, statement);
    if (position === undefined) continue;
    if (positions.has(position)) {
      const what = opcode === "position" ? "is there twice" : "comes before the branch to it";
      throw reader.errorOnLine(line, `position ${position} ${what}`);
    }
    if (opcode === "position") positions.add(position);
  }
}

interface Broken {
  readonly line: number;
  readonly reason: string;
}

/** The rules about a program as a whole, in the order in which snarkVM adds its parts. */
function brokenRule(program: Program): Broken | null {
  const name = program.id.slice(0, -".aleo".length);
  if (keywords.has(name)) {
    return { line: program.line, reason: `a program cannot be named ${name}, which is a keyword` };
  }
  return brokenImport(program.imports) ?? brokenComponent(program);
}

function brokenImport(imports: readonly Import[]): Broken | null {
  const seen = new Set<string>();
  for (const { id, line } of imports) {
    const name = id.slice(0, -".aleo".length);
    if (seen.size >= bounds.imports) {
      return { line, reason: `there are more than ${bounds.imports} imports` };
    }
    if (seen.has(id)) return { line, reason: `${id} is imported twice` };
    if (keywords.has(name) || reservedOpcodes.has(name)) {
      return { line, reason: `${name} is reserved, so that no program can have this name` };
    }
    seen.add(id);
  }
  return null;
}

const most: Readonly<Record<NamedComponent["kind"], number>> = {
  mapping: bounds.mappings,
  struct: bounds.structs,
  record: bounds.records,
  closure: bounds.closures,
  function: bounds.functions,
  view: bounds.views,
};

function brokenComponent(program: Program): Broken | null {
  const imports = new Set(program.imports.map(({ id }) => id));
  const names = new Map<string, Component["kind"]>();
  const counts = new Map<Component["kind"], number>();
  for (const component of program.components) {
    const { kind, line } = component;
    const count = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, count);
    if (kind === "constructor") {
      if (count > 1) return { line, reason: "there is more than one constructor" };
      continue;
    }
    const { name } = component;
    if (count > most[kind]) return { line, reason: `there are more than ${most[kind]} ${kind}s` };
    if (names.has(name)) return { line, reason: `the name ${name} is already in use` };
    if (keywords.has(name)) return { line, reason: `${name} is a keyword, and can be no name` };
    if (reservedOpcodes.has(name))
      return { line, reason: `${name} is an instruction, and can be no name` };
    const broken = brokenMember(component, names, imports);
    if (broken !== null) return broken;
    names.set(name, kind);
  }
  return null;
}

/** Members of structs and records can only have types that stand before them. */
function brokenMember(
  component: NamedComponent,
  names: ReadonlyMap<string, Component["kind"]>,
  imports: ReadonlySet<string>,
): Broken | null {
  for (const { name, line, type } of plainMembers(component)) {
    if (keywords.has(name)) return { line, reason: `${name} is a keyword, and can be no name` };
    const base = baseOf(type);
    if (base.kind === "struct" && names.get(base.text) !== "struct") {
      return { line, reason: `there is no struct ${base.text} before ${component.name}` };
    }
    if (base.kind === "external-struct" && !imports.has(base.program)) {
      return { line, reason: `${base.program} is not imported` };
    }
  }
  return null;
}

function plainMembers(component: NamedComponent): readonly Member[] {
  if (component.kind === "struct") return component.members;
  if (component.kind !== "record") return [];
  return component.entries.flatMap(({ name, line, type }) =>
    type.plaintext === undefined ? [] : { name, line, type: type.plaintext },
  );
}
