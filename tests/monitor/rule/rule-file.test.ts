import assert from "node:assert/strict";
import { join } from "node:path";
import { networks } from "../../../aleo/network.ts";
import { RuleFileError } from "../../../monitor/errors.ts";
import { kinds } from "../../../monitor/rule/kinds.ts";
import { parseRuleFile, parseRules, readRules } from "../../../monitor/rule/rule-file.ts";

const file = "local.yaml";

function refusal(text: string): RuleFileError {
  try {
    parseRules(text, file);
  } catch (error) {
    assert.ok(error instanceof RuleFileError);
    return error;
  }
  throw new assert.AssertionError({ message: "these rules are taken" });
}

const good = `
rules:
  rate:
    kind: failure-rate
    severity: high
    window: 30m
  custom:
    kind: expression
    severity: low
    expression: staked > 5 && rejected < accepted
    values:
      staked: total_staked[0u8]
    summary: "{subject} on {network}: {value}"
`;

describe("A file of rules", () => {
  it("of this project is valid for every network, and knows each kind's runbook", () => {
    for (const network of networks) {
      const rules = readRules(join(import.meta.dirname, `../../../monitor/rules/${network}.yaml`));
      assert.ok(rules.length >= 12);
      for (const { id, runbook } of rules) assert.ok(runbook, `${id} has no runbook`);
    }
  });

  it("gives rules with their defaults", () => {
    const [rate, custom] = parseRules(good, file);
    assert.equal(rate?.id, "rate");
    assert.equal(rate.for, 0);
    assert.equal(rate.resolveAfter, 300_000);
    assert.equal(rate.cause, "blocks");
    assert.equal(custom?.severity, "low");
  });

  it("may name programs that are watched besides those of the stack", () => {
    const { programs, rules } = parseRuleFile(`${good}programs: [notes.aleo]\n`, file);
    assert.deepEqual([programs, rules.length], [["notes.aleo"], 2]);
    assert.deepEqual(parseRuleFile(good, file).programs, []);
  });

  const cases: [string, string, RegExp, RegExp][] = [
    [
      "an unknown kind",
      good.replace("failure-rate", "failure-rates"),
      /^local\.yaml:4: rules\.rate\.kind is "failure-rates"/,
      /Did you mean failure-rate\?.*solvency/,
    ],
    [
      "an unknown key",
      good.replace("window", "windwo"),
      /^local\.yaml:6: rules\.rate\.windwo is no setting/,
      /Did you mean window\?/,
    ],
    [
      "a wrong value",
      good.replace("30m", "half an hour"),
      /^local\.yaml:6: rules\.rate\.window is "half an hour"/,
      /a time span such as 30s/,
    ],
    [
      "an unknown severity",
      good.replace("high", "urgent"),
      /^local\.yaml:5: rules\.rate\.severity is "urgent"/,
      /critical, high, medium, low/,
    ],
    [
      "no severity",
      good.replace("    severity: high\n", ""),
      /^local\.yaml:4: rules\.rate\.severity is not set/,
      /critical, high/,
    ],
    [
      "a name that is none",
      good.replace("rate:", "Rate!:"),
      /^local\.yaml:4: Rate! is no name/,
      /small letters/,
    ],
    [
      "a number out of range",
      `${good}  more:\n    kind: failure-rate\n    severity: low\n    threshold: 7\n`,
      /^local\.yaml:17: rules\.more\.threshold is 7/,
      /over 0, up to 1/,
    ],
    [
      "an expression with an unknown name",
      good.replace("staked > 5", "stakd > 5"),
      /^local\.yaml:10: rules\.custom\.expression: .*stakd/s,
      /CEL over accepted/,
    ],
    [
      "an expression that is none",
      good.replace("staked > 5 &&", "staked >"),
      /^local\.yaml:10: rules\.custom\.expression/,
      /CEL/,
    ],
    [
      "an expression without a verdict",
      good.replace("staked > 5 && rejected < accepted", "accepted + 1"),
      /it gives int/,
      /CEL/,
    ],
    ["broken YAML", good.replace("rules:", "rules: ["), /^local\.yaml:\d+: /, /Correct the YAML/],
    [
      "something else",
      "- 1\n",
      /^local\.yaml:1: it has not the form/,
      /the key rules, .*may hold programs/,
    ],
    [
      "a program that is none",
      `${good}programs:\n  - notes.aleo\n  - notes\n`,
      /^local\.yaml:16: programs is no list of programs/,
      /a list of program ids/,
    ],
    ["the same rule twice", good.replace("custom:", "rate:"), /^local\.yaml:7: .*unique/, /YAML/],
  ];
  for (const [what, text, message, remedy] of cases) {
    it(`is refused for ${what}, with its line and what is allowed`, () => {
      const error = refusal(text);
      assert.match(error.message, message);
      assert.match(error.remedy, remedy);
    });
  }

  it("that is not there is named", () => {
    assert.throws(
      () => readRules("/nowhere/local.yaml"),
      (error: unknown) => {
        assert.ok(error instanceof RuleFileError);
        assert.match(error.message, /\/nowhere\/local\.yaml/);
        return true;
      },
    );
  });

  it("can be written for every kind with a severity alone, or says what else it must have", () => {
    const needs = [...kinds.keys()].flatMap((kind) => {
      try {
        parseRules(`rules:\n  one:\n    kind: ${kind}\n    severity: low\n`, file);
        return [];
      } catch (error) {
        return [`${kind} ${/rules\.one\.(\w+) is not set/.exec(String(error))?.[1] ?? ""}`];
      }
    });
    assert.deepEqual(needs, ["expression expression", "low-balance minimumCredits"]);
  });
});
