import assert from "node:assert/strict";
import { programsAreProtected } from "../../policies/rules/programs-are-protected.ts";
import { broken, declare } from "./declare.ts";

const type = "pulumi-nodejs:dynamic/aleops:AleoProgram";

describe("a program without protection", () => {
  for (const [stack, network, isProtected, expected] of [
    ["local", "local", false, 0],
    ["testnet", "testnet", false, 0],
    ["mainnet", "mainnet", false, 1],
    ["mainnet", undefined, false, 1],
    ["production", "mainnet", false, 1],
    ["mainnet", "mainnet", true, 0],
  ] as const) {
    it(`on stack ${stack}, network ${network ?? "not said"}, protected ${isProtected}: ${expected} violations`, () => {
      const program = declare(type, "token.aleo", { network }, { stack, isProtected });
      assert.equal(broken(programsAreProtected, program).length, expected);
    });
  }

  it("is no matter for another kind of resource", () => {
    const setting = declare(
      "pulumi-nodejs:dynamic/aleops:ProgramSetting",
      "paused",
      {},
      { stack: "mainnet" },
    );
    assert.deepEqual(broken(programsAreProtected, setting), []);
  });
});
