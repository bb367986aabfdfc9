import type { Case } from "./instruction-table.ts";

/** As many as one finalize may set. */
const casesOfFunction = 32;
/** Few, as each call of a program takes the longer the longer its text is. */
const functionsOfProgram = 6;

export interface InstructionProgram {
  readonly id: string;
  readonly source: string;
  readonly functions: readonly string[];
}

/** Programs whose functions carry out the cases and keep each result under the case's number. */
export function instructionPrograms(cases: readonly Case[]): InstructionProgram[] {
  const bodies = chunks(cases, casesOfFunction);
  return chunks(bodies, functionsOfProgram).map((part, index) => {
    const id = `instructions_${index}.aleo`;
    const first = index * functionsOfProgram * casesOfFunction;
    const functions = part.map((_, position) => `run_${position}`);
    const texts = part.map((body, position) =>
      functionText(id, `run_${position}`, body, first + position * casesOfFunction),
    );
    const types = [...new Set(part.flat().map(({ type }) => type))].sort();
    return {
      id,
      functions,
      source: [
        `program ${id};`,
        "struct Point:\n    x as u64;\n    y as field;",
        ...types.map(
          (type) =>
            `mapping results_${type}:\n    key as u16.public;\n    value as ${type}.public;`,
        ),
        ...texts,
        "constructor:\n    assert.eq true true;",
      ].join("\n\n"),
    };
  });
}

function functionText(id: string, name: string, cases: readonly Case[], first: number): string {
  let register = 0;
  const statements = cases.flatMap(({ statements: lines, type }, index) => {
    const names = new Map<string, string>();
    const numbered = lines.map((line) =>
      line.replaceAll(/\$(\d*)/g, (place) => {
        let known = names.get(place);
        if (known === undefined) {
          known = `r${register}`;
          register += 1;
          names.set(place, known);
        }
        return known;
      }),
    );
    return [...numbered, `set ${names.get("$") ?? ""} into results_${type}[${first + index}u16]`];
  });
  return [
    `function ${name}:\n    async ${name} into r0;\n    output r0 as ${id}/${name}.future;`,
    `finalize ${name}:\n${statements.map((line) => `    ${line};`).join("\n")}`,
  ].join("\n\n");
}

/**
 * A program with one function that carries out the statements chosen by its input, each of which
 * stops it; with none chosen it goes through.
 */
export function stoppingProgram(id: string, cases: readonly (readonly string[])[]): string {
  let register = 1;
  const bodies = cases.map((lines, index) => {
    const first = register;
    const numbered = lines.map((line) =>
      line.replaceAll(/\$(\d)/g, (_, place: string) => {
        register = Math.max(register, first + Number(place));
        return `r${first + Number(place) - 1}`;
      }),
    );
    return [`branch.neq r0 ${index}u8 to next_${index}`, ...numbered, `position next_${index}`];
  });
  return `program ${id};

mapping entries:
    key as u8.public;
    value as u8.public;

function choose:
    input r0 as u8.public;
    async choose r0 into r1;
    output r1 as ${id}/choose.future;

finalize choose:
    input r0 as u8.public;
    set r0 into entries[r0];
${bodies
  .flat()
  .map((line) => `    ${line};`)
  .join("\n")}

constructor:
    assert.eq true true;
`;
}

function chunks<T>(list: readonly T[], size: number): T[][] {
  const parts: T[][] = [];
  for (let at = 0; at < list.length; at += size) parts.push(list.slice(at, at + size));
  return parts;
}
