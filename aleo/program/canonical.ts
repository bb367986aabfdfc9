import type { Component, Finalize, Port, Program } from "./program.ts";
import type { Statement } from "./statements.ts";

/**
 * The text as the chain keeps and hashes it: comments gone, blanks and literals normalised
 * (snarkVM synthesizer/program/src/parse.rs and its components, `Display`).
 */
export function canonicalText(program: Program): string {
  const imports = program.imports.map(({ id }) => `import ${id};\n`).join("");
  const head = `${imports === "" ? "" : `${imports}\n`}program ${program.id};\n\n`;
  return head + program.components.map((component) => `${componentText(component)}\n`).join("\n");
}

/** One component as it stands in the canonical text, without the line break behind it. */
export function componentText(component: Component): string {
  switch (component.kind) {
    case "constructor":
      return block("constructor:", texts(component.statements));
    case "mapping":
      return block(`mapping ${component.name}:`, [
        `key as ${component.key.text}.public;`,
        `value as ${component.value.text}.public;`,
      ]);
    case "struct":
      return block(
        `struct ${component.name}:`,
        component.members.map(({ name, type }) => `${name} as ${type.text};`),
      );
    case "record":
      return block(`record ${component.name}:`, [
        `owner as address.${component.owner};`,
        ...component.entries.map(({ name, type }) => `${name} as ${type.text};`),
      ]);
    case "closure":
    case "function":
    case "view": {
      const text = block(`${component.kind} ${component.name}:`, [
        ...ports("input", component.inputs),
        ...texts(component.statements),
        ...ports("output", component.outputs),
      ]);
      const finalize = component.kind === "function" ? component.finalize : undefined;
      return finalize === undefined ? text : `${text}\n\n${finalizeText(finalize)}`;
    }
  }
}

function finalizeText(finalize: Finalize): string {
  return block(`finalize ${finalize.name}:`, [
    ...ports("input", finalize.inputs),
    ...texts(finalize.statements),
  ]);
}

function block(head: string, lines: readonly string[]): string {
  return [head, ...lines].join("\n    ");
}

function texts(statements: readonly Statement[]): string[] {
  return statements.map(({ text }) => text);
}

function ports(word: "input" | "output", list: readonly Port[]): string[] {
  return list.map(({ operand, type }) => `${word} ${operand} as ${type.text};`);
}
