import assert from "node:assert/strict";
import fc from "fast-check";
import {
  deploymentOrder,
  DuplicateProgramError,
  ImportCycleError,
  MissingImportError,
} from "../../../aleo/program/order.ts";
import { parseProgram } from "../../../aleo/program/parse.ts";
import type { Program } from "../../../aleo/program/program.ts";

function program(id: string, ...imports: string[]): Program {
  return parseProgram(
    `${imports.map((name) => `import ${name};\n`).join("")}program ${id};\nview v:\n`,
  );
}

function ids(programs: readonly Program[]): string[] {
  return programs.map(({ id }) => id);
}

describe("deploymentOrder", () => {
  it("puts imports first and otherwise keeps the order", () => {
    const programs = [
      program("app.aleo", "token.aleo", "credits.aleo"),
      program("other.aleo"),
      program("token.aleo", "math.aleo"),
      program("math.aleo"),
    ];
    assert.deepEqual(ids(deploymentOrder(programs)), [
      "math.aleo",
      "token.aleo",
      "app.aleo",
      "other.aleo",
    ]);
  });

  it("puts every program behind its imports, however they are given", () => {
    const graph = fc.array(fc.array(fc.nat(1_000), { maxLength: 4 }), { maxLength: 12 });
    fc.assert(
      fc.property(graph, fc.nat(), (edges, seed) => {
        const programs = edges.map((targets, index) => {
          const imports = new Set(index === 0 ? [] : targets.map((target) => target % index));
          return program(`p${index}.aleo`, ...[...imports].map((target) => `p${target}.aleo`));
        });
        const shuffled = programs.toSorted(
          (a, b) =>
            ((a.id.length * seed) % 7) - ((b.id.length * seed) % 7) || (a.id < b.id ? 1 : -1),
        );
        const order = ids(deploymentOrder(shuffled));
        assert.deepEqual(order.toSorted(), ids(programs).toSorted());
        for (const { id, imports } of programs) {
          for (const imported of imports) {
            assert.ok(order.indexOf(imported.id) < order.indexOf(id));
          }
        }
      }),
    );
  });

  it("names the whole cycle", () => {
    const programs = [
      program("start.aleo", "a.aleo"),
      program("a.aleo", "b.aleo"),
      program("b.aleo", "c.aleo"),
      program("c.aleo", "a.aleo"),
    ];
    assert.throws(
      () => deploymentOrder(programs),
      (error) => {
        assert.ok(error instanceof ImportCycleError);
        assert.deepEqual(error.cycle, ["a.aleo", "b.aleo", "c.aleo", "a.aleo"]);
        assert.match(error.message, /a\.aleo → b\.aleo → c\.aleo → a\.aleo/);
        return true;
      },
    );
  });

  it("names a missing import, its importer and the line, and what may be meant", () => {
    const programs = [program("token.aleo"), program("app.aleo", "credits.aleo", "tokne.aleo")];
    assert.throws(
      () => deploymentOrder(programs),
      (error) => {
        assert.ok(error instanceof MissingImportError);
        assert.deepEqual(
          [error.importer, error.missing, error.line],
          ["app.aleo", "tokne.aleo", 2],
        );
        assert.match(error.remedy, /Did you mean token\.aleo\?/);
        return true;
      },
    );
  });

  it("takes an import that is deployed already", () => {
    const programs = [program("app.aleo", "token.aleo")];
    assert.deepEqual(ids(deploymentOrder(programs, (id) => id === "token.aleo")), ["app.aleo"]);
  });

  it("refuses one program id twice", () => {
    assert.throws(
      () => deploymentOrder([program("a.aleo"), program("a.aleo")]),
      (error) => error instanceof DuplicateProgramError && error.program === "a.aleo",
    );
  });
});
