import type { Statement } from "../program/statements.ts";
import type { Crypto } from "./crypto.ts";
import type { DynamicFuture, FutureValue, Plaintext, Unknown, Value } from "./values.ts";

/** What a finalize can ask about the block that it is in. */
export interface BlockFacts {
  readonly height: number;
  /** Seconds since 1970. */
  readonly timestamp: number;
  /** 0 for mainnet, 1 for testnet. */
  readonly networkId: number;
}

/** A program as its code sees it while it runs. */
export interface RunningProgram {
  readonly id: string;
  readonly edition: number;
  readonly owner: string | undefined;
  readonly checksum: string;
  componentChecksum(name: string): string | undefined;
  finalize(name: string): Code | undefined;
  view(name: string): Code | undefined;
  /** Members of a struct, in order; undefined where there is no such struct. */
  struct(name: string): readonly string[] | undefined;
}

/** A finalize, a constructor or a view, ready to run. */
export interface Code {
  readonly name: string;
  /** The registers that its arguments fill. */
  readonly inputs: readonly number[];
  readonly statements: readonly CompiledStatement[];
  readonly outputs: readonly Load[];
  /** Other programs that have to be at hand to run it. */
  readonly references: readonly string[];
}

export interface CompiledStatement {
  readonly source: Statement;
  readonly operands: readonly Load[];
  readonly step: Step;
}

/** Gives an operand its value in a frame. */
export type Load = (frame: Frame) => Value;

/** Carries out a statement; answers the index of the next one where that is not the one behind it. */
export type Step = (frame: Frame) => number | undefined;

/** One run of a code. */
export interface Frame {
  readonly machine: MachineView;
  readonly program: RunningProgram;
  readonly registers: Value[];
  /** Registers of the futures that have been awaited. */
  readonly awaited: Set<number>;
}

export type Lookup =
  | { readonly known: true; readonly value: Plaintext | undefined }
  | { readonly known: false; readonly from: Unknown };

/** What a statement can do besides computing. */
export interface MachineView {
  readonly crypto: Crypto;
  readonly block: BlockFacts;
  programAt(id: string): RunningProgram;
  read(program: string, mapping: string, key: Plaintext | Unknown): Lookup;
  write(mapping: string, key: Plaintext | Unknown, value: Plaintext | Unknown, frame: Frame): void;
  remove(mapping: string, key: Plaintext | Unknown, frame: Frame): void;
  runFuture(future: FutureValue | DynamicFuture): void;
  runView(program: RunningProgram, name: string, inputs: readonly Value[]): readonly Value[];
  /** Goes on as if an assert on unknown state holds: in an accepted transaction it did. */
  assume(from: Unknown): void;
  /** The result of an instruction that can't be carried out here, where that is let pass. */
  unreplayable(why: string): Unknown;
}
