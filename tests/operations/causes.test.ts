import assert from "node:assert/strict";
import { parseProgram } from "../../aleo/program/parse.ts";
import { componentsOf } from "../../aleo/program/program.ts";
import { compiledProgram } from "../../contracts/compiled-program.ts";
import { causeOf } from "../../operations/look/causes.ts";
import { traceOf } from "../../operations/look/trace.ts";

const programs = [
  "agent_registry_v2.aleo",
  "agent_registry_v3.aleo",
  "trust_verifier_v2.aleo",
  "trust_verifier_v3.aleo",
];

/** The causes of all statements of a function that may stop it, in their order, each once. */
function causesIn(id: string, functionName: string): (string | undefined)[] {
  const program = parseProgram(compiledProgram(id));
  const finalize = componentsOf(program, "function").get(functionName)?.finalize;
  const found = (finalize?.statements ?? [])
    .filter(({ opcode }) => /^(assert|get$|sub$|div$|rem$)/.test(opcode))
    .map(({ line }) => {
      const trace = traceOf(program, functionName, line);
      return trace && causeOf(trace, functionName)?.cause;
    });
  return [...new Set(found)];
}

describe("the likely cause of a rejection", () => {
  for (const id of programs) {
    it(`is known for every assert of ${id}`, () => {
      const program = parseProgram(compiledProgram(id));
      for (const [name, { finalize }] of componentsOf(program, "function")) {
        for (const { opcode, line, text } of finalize?.statements ?? []) {
          if (!opcode.startsWith("assert")) continue;
          const trace = traceOf(program, name, line);
          assert.ok(trace && causeOf(trace, name), `${name}, line ${line}: ${text}`);
        }
      }
    });
  }

  it("follows the registers back to what was read", () => {
    assert.deepEqual(causesIn("agent_registry_v3.aleo", "request_withdrawal").slice(0, 6), [
      "the program is paused",
      "there is no agent with this id",
      "the caller is not the agent's controller",
      "it asks for less than 0.1 credit, and that is not all that is left",
      "it asks for more than the agent's stake",
      "an active agent would be left with less than 1 credit of stake",
    ]);
    assert.deepEqual(causesIn("agent_registry_v3.aleo", "accept_admin"), [
      "no offer to take over as admin is open",
      "the offer to take over as admin is for another account",
    ]);
    assert.deepEqual(
      causesIn("agent_registry_v3.aleo", "unpause").at(-1),
      "the program holds less than it owes",
    );
    assert.deepEqual(
      causesIn("agent_registry_v2.aleo", "collect_fees")[0],
      "the caller is not the admin, who is the account that deployed the program",
    );
  });

  it("tells apart a pause that hinders and one that is missing", () => {
    assert.ok(
      causesIn("trust_verifier_v3.aleo", "verify_execution").includes("the program is paused"),
    );
    assert.ok(
      causesIn("trust_verifier_v3.aleo", "import_proofs").includes(
        "the program is not paused, and imports are only taken while it is",
      ),
    );
  });

  it("is not made up for a statement that is not there", () => {
    const program = parseProgram(compiledProgram("agent_registry_v3.aleo"));
    assert.equal(traceOf(program, "pause", 1), undefined);
    assert.equal(traceOf(program, "no_such_function", 435), undefined);
  });
});
