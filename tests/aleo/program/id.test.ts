import assert from "node:assert/strict";
import { nearest, ProgramIdError, programName } from "../../../aleo/program/id.ts";
import { ourText } from "./oracle.ts";

describe("programName", () => {
  it("gives the name of a program id", () => {
    assert.equal(programName("agent_registry_v2.aleo"), "agent_registry_v2");
  });

  const wrong: readonly (readonly [string, RegExp])[] = [
    ["token", /does not end in \.aleo/],
    ["Token.aleo", /lower-case letter/],
    ["1token.aleo", /lower-case letter/],
    ["token-2.aleo", /a-z, 0-9 and _/],
    [`${"a".repeat(32)}.aleo`, /has 32 characters, at most 31/],
    ["record.aleo", /reserved word/],
    [".aleo", /lower-case letter/],
  ];
  for (const [id, reason] of wrong) {
    it(`refuses ${id}`, () => {
      assert.equal(ourText(`program ${id};\nview v:\n`), undefined);
      assert.throws(
        () => programName(id),
        (error) => error instanceof ProgramIdError && reason.test(error.message),
      );
    });
  }
});

describe("nearest", () => {
  const deployed = ["agent_registry_v2.aleo", "trust_verifier_v2.aleo", "credits.aleo"];

  it("finds the id that is meant", () => {
    assert.equal(nearest("agent_regsitry_v2.aleo", deployed), "agent_registry_v2.aleo");
    assert.equal(nearest("credit.aleo", deployed), "credits.aleo");
  });

  it("prefers what differs least", () => {
    assert.equal(nearest("tokens.aleo", ["token.aleo", "token22.aleo"]), "token.aleo");
  });

  it("finds none for something else", () => {
    assert.equal(nearest("lottery.aleo", deployed), undefined);
  });
});
