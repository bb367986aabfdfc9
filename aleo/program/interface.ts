import { createHash } from "node:crypto";
import { canonicalText, componentText } from "./canonical.ts";
import { programChecksum } from "./checksum.ts";
import { componentsOf, constructorOf } from "./program.ts";
import type { Closure, Constructor, Port, Program } from "./program.ts";
import type { Statement } from "./statements.ts";

/** By name of the component. */
type Lines = Readonly<Record<string, string>>;

/**
 * What a program shows to its callers and to an upgrade: plain JSON, with keys in a stable order.
 * Each component is one line of text, so that a diff shows what changed and nothing else.
 */
export interface ProgramInterface {
  readonly program: string;
  /** SHA3-256 of the canonical text, in hexadecimal: the chain's own checksum. */
  readonly checksum: string;
  /** Bytes of the canonical text. */
  readonly size: number;
  readonly imports: readonly string[];
  /** Who can upgrade: `none`, `noupgrade`, `admin aleo1…`, `checksum …`, or `custom` with a hash. */
  readonly constructor: string;
  /** `key => value` */
  readonly mappings: Lines;
  /** `{ member: type, … }`, in the order of declaration. */
  readonly structs: Lines;
  readonly records: Lines;
  /** `(inputs) -> (outputs)`, and for functions with a finalize `; finalize (inputs)`. */
  readonly closures: Lines;
  readonly functions: Lines;
  readonly views: Lines;
}

/** The interface of a program. Names are sorted, members keep their order, as it is part of the type. */
export function interfaceOf(program: Program): ProgramInterface {
  return {
    program: program.id,
    checksum: programChecksum(program),
    size: Buffer.byteLength(canonicalText(program)),
    imports: program.imports.map(({ id }) => id).sort(),
    constructor: describeConstructor(constructorOf(program)),
    mappings: sorted(
      componentsOf(program, "mapping"),
      ({ key, value }) => `${key.text} => ${value.text}`,
    ),
    structs: sorted(componentsOf(program, "struct"), ({ members }) => fields(members)),
    records: sorted(componentsOf(program, "record"), ({ owner, entries }) =>
      fields([{ name: "owner", type: { text: `address.${owner}` } }, ...entries]),
    ),
    closures: sorted(componentsOf(program, "closure"), signature),
    functions: sorted(
      componentsOf(program, "function"),
      ({ finalize, ...rest }) =>
        signature(rest) + (finalize === undefined ? "" : `; finalize ${types(finalize.inputs)}`),
    ),
    views: sorted(componentsOf(program, "view"), signature),
  };
}

function sorted<T>(
  components: ReadonlyMap<string, T>,
  describe: (component: T) => string,
): Record<string, string> {
  const names = [...components].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(names.map(([name, component]) => [name, describe(component)]));
}

function fields(list: readonly { name: string; type: { text: string } }[]): string {
  return `{ ${list.map(({ name, type }) => `${name}: ${type.text}`).join(", ")} }`;
}

function types(ports: readonly Port[]): string {
  return `(${ports.map(({ type }) => type.text).join(", ")})`;
}

function signature({ inputs, outputs }: Pick<Closure, "inputs" | "outputs">): string {
  return `${types(inputs)} -> ${types(outputs)}`;
}

function describeConstructor(constructor: Constructor | undefined): string {
  if (constructor === undefined) return "none";
  const hash = createHash("sha256").update(componentText(constructor)).digest("hex").slice(0, 16);
  return knownConstructor(constructor.statements) ?? `custom sha256:${hash}`;
}

/** What Leo compiles `@noupgrade`, `@admin` and `@checksum` to. */
function knownConstructor(statements: readonly Statement[]): string | undefined {
  const texts = statements.map(({ text }) => text);
  const [first = ""] = texts;
  if (texts.length === 1 && first === "assert.eq edition 0u16;") return "noupgrade";
  const admin = /^assert\.eq program_owner (aleo1[a-z0-9]+);$/.exec(first);
  if (texts.length === 1 && admin?.[1] !== undefined) return `admin ${admin[1]}`;
  const last = /^assert\.eq checksum (r[0-9]+);$/.exec(texts.at(-2) ?? "");
  const mapping = /^branch\.eq edition 0u16 to end;$/.test(first)
    ? /^get ([^[]+)\[(.+)\] into (r[0-9]+);$/.exec(texts[1] ?? "")
    : null;
  if (texts.length === 4 && last !== null && mapping?.[3] === last[1]) {
    return `checksum ${mapping?.[1] ?? ""}[${mapping?.[2] ?? ""}]`;
  }
  return undefined;
}
