import assert from "node:assert/strict";
import { parseProgram } from "../../../aleo/program/parse.ts";
import { upgradeViolations } from "../../../aleo/program/upgrade.ts";
import { chainText, sample } from "./oracle.ts";
import { changed, deployedSource, upgradeCases } from "./upgrades.ts";

function violations(before: string, after: string): ReturnType<typeof upgradeViolations> {
  return upgradeViolations(parseProgram(before), parseProgram(after));
}

describe("upgradeViolations", () => {
  for (const upgrade of upgradeCases) {
    const verdict = upgrade.rules.length === 0 ? "allows" : "refuses";
    it(`${verdict} ${upgrade.what}`, () => {
      const source = changed(upgrade);
      assert.notEqual(chainText(source), undefined, "the chain's parser refuses the new source");
      const found = violations(deployedSource, source);
      assert.deepEqual(
        found.map(({ rule }) => rule),
        upgrade.rules,
      );
    });
  }

  it("names the component, the types and the line of the new source", () => {
    const source = deployedSource.replace("input r1 as u64.private;", "input r1 as u64.public;");
    assert.deepEqual(violations(deployedSource, source), [
      {
        rule: "function-inputs-changed",
        reason:
          "The inputs of function mint were (address.private, u64.private) and would be (address.private, u64.public).",
        component: "function mint",
        line: source.split("\n").indexOf("    input r1 as u64.public;") + 1,
        source: "new",
      },
    ]);
  });

  it("gives the line of the deployed source for what is gone", () => {
    const source = deployedSource.replace("function mint:", "function create:");
    const [violation] = violations(deployedSource, source);
    assert.equal(violation?.source, "deployed");
    const line = deployedSource.split("\n").indexOf("function mint:") + 1;
    assert.equal(violation.line, line);
  });

  it("refuses every upgrade of a program that says @noupgrade", () => {
    const text = sample("token.aleo");
    assert.deepEqual(
      violations(text, text).map(({ rule }) => rule),
      ["not-upgradable"],
    );
  });

  it("does not take an assertion for @noupgrade that a branch may skip", () => {
    const text = sample("token.aleo").replace(
      "    assert.eq edition 0u16;",
      "    branch.eq program_owner self.caller to end;\n    assert.eq edition 0u16;\n    position end;",
    );
    assert.deepEqual(violations(text, text), []);
  });

  it("refuses every upgrade of a program without a constructor", () => {
    const text = sample("spelling.aleo");
    assert.deepEqual(
      violations(text, text).map(({ rule }) => rule),
      ["not-upgradable"],
    );
  });

  it("refuses another program id", () => {
    const renamed = deployedSource.replaceAll("upgrade_rules.aleo", "upgrade_rule.aleo");
    assert.deepEqual(
      violations(deployedSource, renamed).map(({ rule }) => rule),
      ["program-renamed"],
    );
  });

  it("refuses to upgrade credits.aleo", () => {
    const credits = "program credits.aleo;\nview v:\n";
    assert.deepEqual(
      violations(credits, credits).map(({ rule }) => rule),
      ["program-fixed"],
    );
  });
});
