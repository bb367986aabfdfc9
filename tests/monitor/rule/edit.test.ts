import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { networks } from "../../../aleo/network.ts";
import { RuleFileError } from "../../../monitor/errors.ts";
import { emptyRuleFile, withProgram, withThresholds } from "../../../monitor/rule/edit.ts";
import { parseRuleFile } from "../../../monitor/rule/rule-file.ts";
import { textDiff } from "../../../operations/text-diff.ts";

const file = "testnet.yaml";
const text = `# What is watched.
rules:
  tx-failure-rate: # the share
    kind: failure-rate
    severity: high
    threshold: 0.1 # a tenth
    programs: [agent_registry_v2.aleo]

  # Half of the calls.
  tx-failure-burn:
    kind: failure-rate
    severity: high
    threshold: 0.5
  response-time:
    kind: response-time
    severity: medium
    thresholdMs: 3000
  solvency:
    kind: solvency
    severity: critical
    programs:
      # the first
      - agent_registry_v2.aleo
  other:
    kind: paused
    severity: low
    programs: [trust_verifier_v2.aleo]
`;

const registry = "agent_registry_v3.aleo";
const changesOf = (after: string) =>
  textDiff(text, after, file)
    .split("\n")
    .filter((line) => /^[+-][^+-]/.test(line));

describe("Editing a file of rules", () => {
  it("changes the lines that are concerned and no other: comments, order and style stay", () => {
    const after = withThresholds(text, file, registry, [registry], {
      failureRate: 0.2,
      responseTimeMs: 1500,
    });
    assert.deepEqual(changesOf(after), [
      "-    threshold: 0.1 # a tenth",
      "-    programs: [agent_registry_v2.aleo]",
      "+    threshold: 0.2 # a tenth",
      "+    programs: [agent_registry_v2.aleo, agent_registry_v3.aleo]",
      "-    thresholdMs: 3000",
      "+    thresholdMs: 1500",
      "+      - agent_registry_v3.aleo",
    ]);
  });

  it("changes nothing the second time, or where everything is so already", () => {
    const thresholds = { failureRate: 0.1, responseTimeMs: 3000 };
    const known = ["agent_registry_v2.aleo"];
    assert.equal(withThresholds(text, file, known[0] ?? "", known, thresholds), text);
    const once = withThresholds(text, file, registry, known, thresholds);
    assert.notEqual(once, text);
    assert.equal(withThresholds(once, file, registry, known, thresholds), once);
    // Even a style that the edit would not choose stays as it is.
    const odd = text.replace("threshold: 0.5", "threshold:    0.5");
    assert.equal(withThresholds(odd, file, known[0] ?? "", known, thresholds), odd);
  });

  it("watches a program that the stack does not have, also by the rules of its other versions", () => {
    const after = withProgram(text, file, registry, ["agent_registry_v2.aleo"]);
    assert.deepEqual(parseRuleFile(after, file).programs, [registry]);
    assert.deepEqual(changesOf(after).slice(1), [
      "+    programs: [agent_registry_v2.aleo, agent_registry_v3.aleo]",
      "+      - agent_registry_v3.aleo",
      "+# Watched besides the programs of the stack.",
      `+programs: [${registry}]`,
    ]);
    const more = withProgram(after, file, "notes.aleo", []);
    assert.match(more, /^programs: \[agent_registry_v3\.aleo, notes\.aleo\]$/m);
    assert.equal(more.replace(", notes.aleo", ""), after);
  });

  it("edits rules that are written in braces, and files without a last line break", () => {
    const brief =
      "rules:\n  tx-failure-rate: { kind: failure-rate, severity: high } # ours\n  response-time: { kind: response-time, severity: low }";
    assert.equal(
      withThresholds(brief, file, registry, [], { failureRate: 0.3, responseTimeMs: 9 }),
      `rules:
  tx-failure-rate: { kind: failure-rate, severity: high, threshold: 0.3 } # ours
  response-time: { kind: response-time, severity: low, thresholdMs: 9 }
# Watched besides the programs of the stack.
programs: [${registry}]
`,
    );
  });

  it("writes a file where there is none", () => {
    const after = withThresholds(emptyRuleFile("testnet"), file, registry, [], {
      failureRate: 0.2,
    });
    const { rules, programs } = parseRuleFile(after, file);
    assert.deepEqual(programs, [registry]);
    assert.deepEqual(
      rules.map(({ id, kind, severity, runbook }) => [id, kind, severity, runbook]),
      [
        [
          "tx-failure-rate",
          "failure-rate",
          "high",
          "runbooks/high-failure-rate.md#tx-failure-rate",
        ],
        [
          "response-time",
          "response-time",
          "medium",
          "runbooks/service-degradation.md#response-time",
        ],
      ],
    );
    assert.match(after, /^# What is watched on testnet.*\n#.*\nrules:\n {2}tx-failure-rate:\n/);
    assert.match(after, /threshold: 0\.2\n/);
  });

  it("keeps the files of this project as they are written but for what it sets", () => {
    for (const network of networks) {
      const path = join(import.meta.dirname, `../../../monitor/rules/${network}.yaml`);
      const before = readFileSync(path, "utf8");
      const after = withThresholds(before, path, "notes.aleo", [], { failureRate: 0.77 });
      const lines = textDiff(before, after, path).split("\n");
      assert.deepEqual(
        lines.filter((line) => /^[+-][^+-]/.test(line)),
        [
          "-    threshold: 0.1",
          "+    threshold: 0.77",
          "+# Watched besides the programs of the stack.",
          "+programs: [notes.aleo]",
        ],
      );
    }
  });

  it("refuses values that are not allowed, and files that it can't read", () => {
    const cases: [() => string, RegExp][] = [
      [() => withThresholds(text, file, registry, [], { failureRate: 1.5 }), /threshold is 1\.5/],
      [() => withThresholds(text, file, registry, [], { failureRate: 0 }), /threshold is 0/],
      [
        () => withThresholds(text, file, registry, [], { responseTimeMs: -1 }),
        /response-time\.thresholdMs is -1/,
      ],
      [() => withProgram("rules: [", file, registry, []), /^testnet\.yaml:1/],
      [() => withProgram("- 1\n", file, registry, []), /has not the form/],
      [
        () =>
          withThresholds(
            text.replace(
              "response-time:\n    kind: response-time\n    severity: medium\n    thresholdMs: 3000",
              "response-time:\n    kind: paused\n    severity: low",
            ),
            file,
            registry,
            [],
            {},
          ),
        /rules\.response-time is there, and is not of the kind response-time/,
      ],
    ];
    for (const [edit, message] of cases) {
      assert.throws(
        edit,
        (error: unknown) => error instanceof RuleFileError && message.test(error.message),
        String(message),
      );
    }
  });
});
