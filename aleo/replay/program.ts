import { componentText } from "../program/canonical.ts";
import { programChecksum } from "../program/checksum.ts";
import { parseProgram } from "../program/parse.ts";
import { componentsOf, constructorOf, type Program, type View } from "../program/program.ts";
import { createHash } from "node:crypto";
import type { Code, RunningProgram } from "./code.ts";
import { compile } from "./compile.ts";

/** What is known of a program's edition, as it stands on the chain. */
export interface EditionSource {
  readonly program: string;
  readonly edition: number;
  readonly source: string;
  /** Undefined for programs from before consensus version 9. */
  readonly owner: string | undefined;
}

/** A program as it is in force at some height, ready to run. */
export class LiveProgram implements RunningProgram {
  readonly id: string;
  readonly edition: number;
  readonly source: string;
  readonly owner: string | undefined;
  readonly program: Program;
  readonly #finalizes: ReadonlyMap<string, Code>;
  readonly #views: ReadonlyMap<string, Code>;
  readonly constructorCode: Code | undefined;
  #checksum: string | undefined;

  constructor({ program, edition, source, owner }: EditionSource) {
    this.id = program;
    this.edition = edition;
    this.source = source;
    this.owner = owner;
    this.program = parseProgram(source);
    const ports = (list: View["inputs"]) => list.map(({ operand }) => operand);
    this.#finalizes = new Map(
      [...componentsOf(this.program, "function").values()].flatMap(({ finalize }) =>
        finalize === undefined
          ? []
          : [
              [
                finalize.name,
                compile(finalize.name, ports(finalize.inputs), finalize.statements, []),
              ] as const,
            ],
      ),
    );
    this.#views = new Map(
      [...componentsOf(this.program, "view").values()].map((view) => [
        view.name,
        compile(view.name, ports(view.inputs), view.statements, ports(view.outputs)),
      ]),
    );
    const constructor = constructorOf(this.program);
    this.constructorCode = constructor && compile("constructor", [], constructor.statements, []);
  }

  finalize(name: string): Code | undefined {
    return this.#finalizes.get(name);
  }

  view(name: string): Code | undefined {
    return this.#views.get(name);
  }

  get mappings(): readonly string[] {
    return [...componentsOf(this.program, "mapping").keys()];
  }

  /** Members of a struct, in order; undefined where there is no such struct. */
  struct(name: string): readonly string[] | undefined {
    return componentsOf(this.program, "struct")
      .get(name)
      ?.members.map((member) => member.name);
  }

  /** SHA3-256 of the canonical text, in hexadecimal. */
  get checksum(): string {
    this.#checksum ??= programChecksum(this.program);
    return this.#checksum;
  }

  /** The same of one function, closure or view; undefined where there is none of this name. */
  componentChecksum(name: string): string | undefined {
    const component = this.program.components.find(
      (candidate) => candidate.kind !== "constructor" && candidate.name === name,
    );
    return component && createHash("sha3-256").update(componentText(component)).digest("hex");
  }

  /** Programs that its code reads more of than mappings: their edition, views or structs. */
  get references(): readonly string[] {
    const codes = [...this.#finalizes.values(), ...this.#views.values(), this.constructorCode];
    return [...new Set(codes.flatMap((code) => code?.references ?? []))];
  }
}
