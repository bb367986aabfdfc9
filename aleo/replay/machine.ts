import type {
  BlockFacts,
  Code,
  CompiledStatement,
  Frame,
  Lookup,
  MachineView,
  RunningProgram,
} from "./code.ts";
import type { Crypto } from "./crypto.ts";
import { NotReplayableError, UnfollowedStateError, type Place } from "./errors.ts";
import { futureChecksum } from "./future-checksum.ts";
import { Halt, halt, Unfollowed, Unreplayable } from "./halt.ts";
import type { State } from "./state.ts";
import { plaintextText } from "./text.ts";
import {
  isPlaintext,
  type DynamicFuture,
  type FutureValue,
  type Plaintext,
  type Unknown,
  type Value,
} from "./values.ts";

/** A change of the ledger, as a block names it by its ids. */
export type Operation =
  | { readonly kind: "initialize"; readonly program: string; readonly mapping: string }
  | {
      readonly kind: "update";
      readonly program: string;
      readonly mapping: string;
      readonly key: Plaintext | Unknown;
      readonly value: Plaintext | Unknown;
    }
  | {
      readonly kind: "remove";
      readonly program: string;
      readonly mapping: string;
      readonly key: Plaintext | Unknown;
      /** False where it can't be known whether there was an entry: without one there is no operation. */
      readonly isCertain: boolean;
    };

/** The statement at which a finalize stopped, and why. */
export interface Failure {
  readonly place: Place;
  readonly reason: string;
  /** What its operands were, as the chain prints them; `unknown` for what is not followed. */
  readonly operands: readonly string[];
}

/** A finalize that stopped: on the chain its transaction is rejected. */
export class FinalizeFailed extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.reason);
    this.failure = failure;
  }
}

export interface MachineOptions {
  readonly crypto: Crypto;
  readonly block: BlockFacts;
  readonly state: State;
  readonly programs: ReadonlyMap<string, RunningProgram>;
  /** The futures of all transitions of the transaction. */
  readonly futures: readonly FutureValue[];
  /** Goes on with an unknown value where an instruction or a write would need a known one. */
  readonly isLenient: boolean;
}

/** Runs the finalizes of one transaction on a state, and records what they change. */
export class Machine implements MachineView {
  readonly crypto: Crypto;
  readonly block: BlockFacts;
  readonly operations: Operation[] = [];
  /** Writes of followed mappings under keys that can't be known; 0 unless `isLenient`. */
  lostWrites = 0;
  /** Accounts taken to be empty whose balance was read. */
  readonly assumedReads: string[] = [];
  /** Unknown state on which an assert was taken to hold. */
  readonly assumed: Unknown[] = [];
  readonly #options: MachineOptions;

  constructor(options: MachineOptions) {
    this.#options = options;
    this.crypto = options.crypto;
    this.block = options.block;
  }

  /**
   * @throws {FinalizeFailed}
   * @throws {NotReplayableError}
   * @throws {UnfollowedStateError}
   */
  runFuture(future: FutureValue | DynamicFuture): void {
    const { program: id, function: name, arguments: given } = this.#resolved(future);
    const program = this.programAt(id);
    const code = program.finalize(name) ?? halt(`${id}/${name} has no finalize`);
    const frame = this.#run(program, code, given);
    const pending = given.findIndex(
      ({ kind }, index) =>
        (kind === "future" || kind === "dynamic-future") &&
        !frame.awaited.has(code.inputs[index] ?? -1),
    );
    if (pending >= 0) halt(`${id}/${name} never awaits r${code.inputs[pending] ?? pending}`);
  }

  /** Runs the constructor of a program that is deployed or upgraded; throws as `runFuture` does. */
  runConstructor(program: RunningProgram, code: Code): void {
    this.#run(program, code, []);
  }

  initialize(program: string, mapping: string): void {
    this.#options.state.initialize(program, mapping);
    this.operations.push({ kind: "initialize", program, mapping });
  }

  programAt(id: string): RunningProgram {
    return this.#options.programs.get(id) ?? halt(`${id} is not deployed`);
  }

  read(program: string, mapping: string, key: Plaintext | Unknown): Lookup {
    if (key.kind === "unknown") return { known: false, from: key };
    const { state } = this.#options;
    const text = plaintextText(key);
    if (state.isBalance(program, mapping, text) && state.isAssumed(text)) {
      this.assumedReads.push(text);
    }
    return state.read(program, mapping, text);
  }

  write(
    mapping: string,
    key: Plaintext | Unknown,
    value: Plaintext | Unknown,
    { program }: Frame,
  ): void {
    const { state } = this.#options;
    this.#needKnownKey(program.id, mapping, key);
    if (key.kind !== "unknown") {
      const text = plaintextText(key);
      if (state.keeps(program.id, mapping, text)) {
        const mayBeUnknown = this.#options.isLenient || state.isBalance(program.id, mapping, text);
        if (value.kind === "unknown" && !mayBeUnknown) {
          throw new Unfollowed(value.from, `what is set in ${mapping}`);
        }
        state.set(program.id, mapping, text, value);
      }
    }
    this.operations.push({ kind: "update", program: program.id, mapping, key, value });
  }

  remove(mapping: string, key: Plaintext | Unknown, { program }: Frame): void {
    const { state } = this.#options;
    this.#needKnownKey(program.id, mapping, key);
    const text = key.kind === "unknown" ? undefined : plaintextText(key);
    const isKept = text !== undefined && state.keeps(program.id, mapping, text);
    if (isKept && !state.remove(program.id, mapping, text)) return;
    const operation = { kind: "remove", program: program.id, mapping, key } as const;
    this.operations.push({ ...operation, isCertain: isKept });
  }

  runView(program: RunningProgram, name: string, inputs: readonly Value[]): readonly Value[] {
    const code = program.view(name) ?? halt(`${program.id} has no view ${name}`);
    const frame = this.#run(program, code, inputs);
    return code.outputs.map((load) => load(frame));
  }

  assume(from: Unknown): void {
    this.assumed.push(from);
  }

  unreplayable(why: string): Unknown {
    if (!this.#options.isLenient) throw new Unreplayable(why);
    return { kind: "unknown", from: "an instruction that can't be replayed" };
  }

  #needKnownKey(program: string, mapping: string, key: Plaintext | Unknown): void {
    if (key.kind !== "unknown" || !this.#options.state.follows(program)) return;
    if (!this.#options.isLenient) throw new Unfollowed(key.from, `the key in ${mapping}`);
    this.lostWrites += 1;
  }

  /** A dynamic future names its function only; the arguments are in the transition that made it. */
  #resolved(future: FutureValue | DynamicFuture): FutureValue {
    if (future.kind === "future") return future;
    const { program, function: name, checksum } = future;
    return (
      this.#options.futures.find(
        (candidate) =>
          candidate.program === program &&
          candidate.function === name &&
          futureChecksum(candidate) === checksum,
      ) ?? halt(`no transition made the future of ${program}/${name}`)
    );
  }

  #run(program: RunningProgram, code: Code, given: readonly Value[]): Frame {
    const frame: Frame = { machine: this, program, registers: [], awaited: new Set() };
    code.inputs.forEach((register, index) => {
      frame.registers[register] = given[index] ?? halt(`${code.name} misses an argument`);
    });
    for (let index = 0; index < code.statements.length;) {
      const statement = code.statements[index];
      if (statement === undefined) break;
      index = this.#step(frame, code, statement) ?? index + 1;
    }
    return frame;
  }

  #step(frame: Frame, code: Code, statement: CompiledStatement): number | undefined {
    try {
      return statement.step(frame);
    } catch (error) {
      if (error instanceof Halt) {
        throw new FinalizeFailed({
          place: placeOf(frame, code, statement),
          reason: error.message,
          operands: statement.operands.map((load) => shown(() => load(frame))),
        });
      }
      if (error instanceof Unfollowed) {
        throw new UnfollowedStateError(placeOf(frame, code, statement), error.from, error.message);
      }
      if (error instanceof Unreplayable) {
        throw new NotReplayableError(placeOf(frame, code, statement), error.message);
      }
      throw error;
    }
  }
}

function placeOf({ program }: Frame, code: Code, { source }: CompiledStatement): Place {
  return {
    program: program.id,
    edition: program.edition,
    function: code.name,
    line: source.line,
    statement: source.text,
  };
}

function shown(load: () => Value): string {
  try {
    const value = load();
    if (isPlaintext(value)) return plaintextText(value);
    return value.kind === "unknown" ? "unknown" : `${value.program}/${value.function}.future`;
  } catch {
    return "unknown";
  }
}
