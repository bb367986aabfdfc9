import type { Statement } from "./statements.ts";
import type { PlaintextType, ValueType, Visibility } from "./types.ts";

/** Where something stands in the source, counted from 1. */
interface Placed {
  readonly line: number;
}

export interface Import extends Placed {
  readonly id: string;
}

export interface Mapping extends Placed {
  readonly kind: "mapping";
  readonly name: string;
  readonly key: PlaintextType;
  readonly value: PlaintextType;
}

export interface Member extends Placed {
  readonly name: string;
  readonly type: PlaintextType;
}

export interface Struct extends Placed {
  readonly kind: "struct";
  readonly name: string;
  readonly members: readonly Member[];
}

export interface Entry extends Placed {
  readonly name: string;
  readonly type: ValueType;
}

export interface RecordType extends Placed {
  readonly kind: "record";
  readonly name: string;
  readonly owner: Exclude<Visibility, "constant">;
  readonly entries: readonly Entry[];
}

/** `input` with its register, or `output` with its operand. */
export interface Port extends Placed {
  readonly operand: string;
  readonly type: ValueType;
}

export interface Closure extends Placed {
  readonly kind: "closure";
  readonly name: string;
  readonly inputs: readonly Port[];
  readonly statements: readonly Statement[];
  readonly outputs: readonly Port[];
}

export interface Finalize extends Placed {
  readonly name: string;
  readonly inputs: readonly Port[];
  readonly statements: readonly Statement[];
}

export interface Function extends Placed {
  readonly kind: "function";
  readonly name: string;
  readonly inputs: readonly Port[];
  readonly statements: readonly Statement[];
  readonly outputs: readonly Port[];
  readonly finalize: Finalize | undefined;
}

/** A read-only function that anybody can ask a node for (since consensus version 15). */
export interface View extends Placed {
  readonly kind: "view";
  readonly name: string;
  readonly inputs: readonly Port[];
  readonly statements: readonly Statement[];
  readonly outputs: readonly Port[];
}

export interface Constructor extends Placed {
  readonly kind: "constructor";
  readonly statements: readonly Statement[];
}

export type NamedComponent = Mapping | Struct | RecordType | Closure | Function | View;
export type Component = Constructor | NamedComponent;

/** A program of Aleo instructions as snarkVM reads it. */
export interface Program extends Placed {
  /** Such as `token.aleo`. */
  readonly id: string;
  readonly imports: readonly Import[];
  /** In the order of the source, which the canonical text keeps. */
  readonly components: readonly Component[];
}

/** The components of one kind, by name, in the order of the source. */
export function componentsOf<K extends NamedComponent["kind"]>(
  program: Program,
  kind: K,
): ReadonlyMap<string, Extract<NamedComponent, { kind: K }>> {
  const ofKind = program.components.filter(
    (component): component is Extract<NamedComponent, { kind: K }> => component.kind === kind,
  );
  return new Map(ofKind.map((component) => [component.name, component]));
}

export function constructorOf(program: Program): Constructor | undefined {
  return program.components.find((component) => component.kind === "constructor");
}
