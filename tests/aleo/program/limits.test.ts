import assert from "node:assert/strict";
import { limitViolations } from "../../../aleo/program/limits.ts";
import { parseProgram } from "../../../aleo/program/parse.ts";
import { sample } from "./oracle.ts";

const constructor = "constructor:\n    assert.eq edition 0u16;\n";

function rules(body: string, head = "program sample.aleo;\n"): [string, number][] {
  const found = limitViolations(parseProgram(`${head}${constructor}${body}`));
  return found.map(({ rule, line }) => [rule, line]);
}

describe("limitViolations", () => {
  it("finds nothing in programs that the chain takes", () => {
    for (const name of ["token.aleo", "statements.aleo", "dynamic.aleo", "many_imports.aleo"]) {
      assert.deepEqual(limitViolations(parseProgram(sample(name))), []);
    }
  });

  it("asks for a constructor", () => {
    const [violation] = limitViolations(parseProgram("\nprogram sample.aleo;\nview v:\n"));
    assert.equal(violation?.rule, "constructor-missing");
    assert.equal(violation.line, 2);
  });

  it("measures the canonical text, not the source", () => {
    const source = (count: number) =>
      `program sample.aleo;\n${constructor}function f:\n${"neg r0 into r1000000000000000;".repeat(count)}`;
    assert.deepEqual(limitViolations(parseProgram(source(58_000))), []);
    const [violation] = limitViolations(parseProgram(source(60_000)));
    assert.equal(violation?.rule, "program-too-large");
    assert.match(violation.reason, /has 2\d{6} bytes, the chain takes at most 2048000/);
  });

  const cases: readonly (readonly [string, string, readonly [string, number][]])[] = [
    ["a component named as a keyword", "view dynamic:\n", [["name-reserved", 4]]],
    ["a member named as a keyword", "struct s:\n    view as u8;\n", [["name-reserved", 5]]],
    [
      "a position named as a keyword",
      "function f:\nfinalize f:\n    position constructor;\n",
      [["name-reserved", 6]],
    ],
    [
      "a record named with aleo",
      "record my_aleo:\n    owner as address.private;\n",
      [["name-reserved", 4]],
    ],
    [
      "an entry named with aleo",
      "record t:\n    owner as address.private;\n    aleos as u8.private;\n",
      [["name-reserved", 6]],
    ],
    [
      "a record whose name starts with that of another",
      "record token_a:\n    owner as address.private;\nrecord token:\n    owner as address.private;\n",
      [["record-name-prefix", 4]],
    ],
    [
      "a program that is not imported, in a call",
      "function f:\n    call other.aleo/g;\n",
      [["import-missing", 5]],
    ],
    [
      "a program that is not imported, in a type",
      "function f:\n    input r0 as other.aleo/token.record;\n",
      [["import-missing", 5]],
    ],
    [
      "a program that is not imported, in a finalize",
      "function f:\nfinalize f:\n    get other.aleo/m[r0] into r1;\n    assert.eq other.aleo/edition 1u16;\n",
      [
        ["import-missing", 6],
        ["import-missing", 7],
      ],
    ],
    [
      "a closure that outputs a record",
      "closure c:\n    input r0 as u8;\n    neg r0 into r1;\n    output r0 as dynamic.record;\n",
      [["closure-outputs-record", 7]],
    ],
    ["a text", 'function f:\n    assert.eq "a" "a";\n', [["string-type", 5]]],
    ["the type string", "struct s:\n    a as [string; 2u32];\n", [["string-type", 5]]],
  ];
  for (const [what, body, expected] of cases) {
    it(`finds ${what}`, () => {
      assert.deepEqual(rules(body), expected);
    });
  }

  it("lets closures take the type string, as the chain does", () => {
    assert.deepEqual(rules("closure c:\n    input r0 as string;\n    neg 1i8 into r1;\n"), []);
  });

  it("finds a program named with aleo, one that imports itself, and a call of credits.aleo/upgrade", () => {
    assert.deepEqual(rules("view v:\n", "program my_aleo.aleo;\n"), [["name-reserved", 1]]);
    assert.deepEqual(rules("view v:\n", "import a.aleo;\nprogram a.aleo;\n"), [
      ["import-of-itself", 1],
    ]);
    assert.deepEqual(
      rules(
        "function f:\n    call credits.aleo/upgrade r0 into r1 r2;\n",
        "import credits.aleo;\nprogram a.aleo;\n",
      ),
      [["call-restricted", 6]],
    );
    assert.deepEqual(rules("view v:\n", "program credits.aleo;\n"), [["program-fixed", 1]]);
  });
});
