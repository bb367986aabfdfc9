import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { parseProgram } from "../../aleo/program/parse.ts";
import { compiledProgram } from "../../contracts/compiled-program.ts";
import { cleanSlate, CleanSlateError, notePathOf } from "../../operations/emergency/clean-slate.ts";
import { nextVersion, renamed } from "../../operations/emergency/rename-program.ts";
import { admin, alice, bob } from "../contracts/accounts.ts";
import { pausable } from "../dynamic-providers/program-sources.ts";
import { liveChain } from "./live-chain.ts";

describe("The next version's name", () => {
  for (const [id, next] of [
    ["agent_registry_v3.aleo", "agent_registry_v4.aleo"],
    ["token.aleo", "token_v2.aleo"],
    ["a_v9.aleo", "a_v10.aleo"],
    ["my_v3_token.aleo", "my_v3_token_v2.aleo"],
  ] as const) {
    it(`of ${id} is ${next}`, () => {
      assert.equal(nextVersion(id), next);
    });
  }
});

describe("A program under another name", () => {
  it("has it wherever it stood, and the names that only begin alike stay", () => {
    const names = new Map([["token.aleo", "token_v2.aleo"]]);
    const text = "import token.aleo;\nimport my_token.aleo;\ncall token.aleo/f into r0;\n";
    assert.equal(
      renamed(text, names),
      "import token_v2.aleo;\nimport my_token.aleo;\ncall token_v2.aleo/f into r0;\n",
    );
  });

  it("is otherwise the same, for each program of this project", () => {
    for (const id of ["agent_registry_v3.aleo", "trust_verifier_v3.aleo"]) {
      const text = renamed(compiledProgram(id), new Map([[id, nextVersion(id)]]));
      assert.equal(parseProgram(text).id, nextVersion(id));
      assert.equal(text.replaceAll(nextVersion(id), id), compiledProgram(id));
    }
  });
});

describe("A clean slate", function () {
  this.timeout(180_000);
  const chain = liveChain();
  const pauseOf = (program: string) => chain.node.mappingValue(program, "paused", "0u8");
  const declared = "trust_verifier_v3.aleo";
  const run = ["emergency", "clean-slate", declared, "--yes"];

  it("is deployed under the next free name and paused, once, by runs that are killed", async () => {
    // Somebody else has the first name.
    await chain.deploy(bob, "trust_verifier_v4.aleo", pausable("trust_verifier_v4"));
    await chain.killAt("answer:POST .*broadcast", alice, run);
    await chain.killAt("answer:POST .*broadcast", alice, run);
    const { code, stdout, stderr } = await chain.run(alice, run);
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /✔ trust_verifier_v5\.aleo, the clean trust_verifier_v3\.aleo/);
    assert.match(stdout, /Next: aleo-ops migrate .*trust_verifier_v5\.aleo/);
    assert.equal(await pauseOf("trust_verifier_v5.aleo"), "true");
    assert.equal(await chain.node.programEdition("trust_verifier_v6.aleo"), undefined);
    assert.equal(existsSync(notePathOf("local", chain.directory)), false);
    assert.equal(await chain.acceptedCalls("trust_verifier_v5.aleo", "pause"), 1);
  });

  it("of programs that import one another has their new names throughout", async () => {
    const importer = pausable("importer_v1").replace(
      "program importer_v1.aleo;",
      "import imported.aleo;\nprogram importer_v1.aleo;",
    );
    const sources: Record<string, string> = {
      "importer_v1.aleo": importer,
      "imported.aleo": pausable("imported"),
    };
    const { programs } = await cleanSlate(chain.payer(admin), {
      programs: Object.keys(sources),
      sourceOf: (id) => sources[id] ?? "",
      notePath: `${chain.directory}/note.json`,
      show: () => undefined,
    });
    assert.deepEqual(
      programs.map(({ to, paused }) => [to, paused]),
      [
        ["imported_v2.aleo", true],
        ["importer_v2.aleo", true],
      ],
    );
    const deployed = await chain.node.programSource("importer_v2.aleo");
    assert.match(deployed ?? "", /^import imported_v2\.aleo;/);
  });

  it("of a program without a pause is refused before anything is sent", async () => {
    const id = "agent_registry_v2.aleo";
    await assert.rejects(
      cleanSlate(chain.payer(admin), {
        programs: [id],
        sourceOf: compiledProgram,
        notePath: `${chain.directory}/refused.json`,
        show: () => undefined,
      }),
      (error: unknown) =>
        error instanceof CleanSlateError && error.remedy.includes("agent_registry_v3.aleo"),
    );
    assert.throws(() => readFileSync(`${chain.directory}/refused.json`));
  });
});
