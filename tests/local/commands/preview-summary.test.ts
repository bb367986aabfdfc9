import assert from "node:assert/strict";
import {
  type EngineEvents,
  parseEvents,
  type Step,
} from "../../../local/commands/engine-events.ts";
import {
  type Preview,
  payingAccount,
  previewSummary,
} from "../../../local/commands/preview-summary.ts";

type Properties = Readonly<Record<string, unknown>>;

const step = (
  operation: string,
  type: string,
  name: string,
  old?: Properties,
  next?: Properties,
): Step => ({
  operation,
  type,
  urn: `urn:pulumi:testnet::aleo-ops::${type}::${name}`,
  old: old && { inputs: old, outputs: { ...old, owner: "aleo1owner" } },
  new: next && { inputs: next, outputs: next },
});

const programType = "pulumi-nodejs:dynamic/aleops:AleoProgram";
const shown = (functions: Properties) => ({
  ...{ program: "token.aleo", checksum: "aa", size: 10, imports: [], constructor: "admin aleo1x" },
  ...{
    mappings: { balances: "address => u64" },
    structs: {},
    records: {},
    closures: {},
    views: {},
  },
  functions,
});
const program = (edition: number, functions: Properties): Properties => ({
  program: "token.aleo",
  edition,
  estimatedFee: "14036102",
  interface: shown(functions),
});

const preview = (steps: readonly Step[], more: Partial<Preview & EngineEvents> = {}): Preview => {
  const { errors = [], violations = [], counts = {}, ...rest } = more;
  return {
    stack: "testnet",
    succeeded: true,
    diff: "",
    events: { steps, errors, violations, counts },
    ...rest,
  };
};

describe("the summary of a preview", () => {
  it("begins with the mark by which its comment is found again", () => {
    assert.match(previewSummary(preview([])), /^<!-- aleo-ops: preview of testnet -->\n/);
  });

  it("says that nothing would change", () => {
    const text = previewSummary(preview([step("same", "a:b:C", "x")], { counts: { same: 1 } }));
    assert.match(text, /### Nothing would change on testnet/);
    assert.match(text, /Resources: 1 unchanged\./);
  });

  it("names what is deleted or replaced before all else", () => {
    const text = previewSummary(
      preview(
        [
          step("update", programType, "contracts-token.aleo", program(0, {}), program(1, {})),
          step("delete", "aws:s3/bucket:Bucket", "backups", {}),
          step("delete-replaced", "a:b:C", "volume", {}),
          step("replace", "a:b:C", "volume", {}, {}),
          step("create-replacement", "a:b:C", "volume", {}, {}),
          step("delete", programType, "contracts-old.aleo", {}),
        ],
        { counts: { update: 1, delete: 2, replace: 1, same: 7 } },
      ),
    );
    assert.match(text, /### 4 changes on testnet/);
    assert.match(text, /- `backups` \(`aws:s3\/bucket:Bucket`\) is \*\*deleted\*\*/);
    assert.equal(text.split("`volume`").length, 2);
    assert.match(
      text,
      /`contracts-old\.aleo` .* is \*\*deleted\*\* from the stack; it stays on chain/,
    );
    assert.ok(text.indexOf("is **replaced**") < text.indexOf("| Program |"));
    assert.match(text, /Everything else: 1 to replace, 2 to delete, 7 unchanged\./);
  });

  it("says that the monitor and the jobs go on with the programs of the image that they have", () => {
    const monitor = (image: string): Properties => ({
      spec: { template: { spec: { containers: [{ name: "monitor", image }] } } },
    });
    const type = "kubernetes:apps/v1:StatefulSet";
    const image = (operation: string, before: string | undefined, after: string) =>
      step(
        operation,
        type,
        "monitor",
        before === undefined ? undefined : monitor(before),
        monitor(after),
      );
    const deployed = step("create", programType, "contracts-new.aleo", undefined, program(0, {}));
    const tells = (...steps: readonly Step[]) =>
      previewSummary(preview(steps)).includes("**The image stays as it is**");
    assert.ok(tells(deployed, image("same", "ops@sha256:1", "ops@sha256:1")));
    assert.match(
      previewSummary(preview([deployed, image("update", "ops@sha256:1", "ops@sha256:1")])),
      /put the image that `image\.yml` prints into `Pulumi\.testnet\.yaml`/,
    );
    assert.ok(!tells(deployed, image("update", "ops@sha256:1", "ops@sha256:2")));
    assert.ok(!tells(deployed, image("create", undefined, "ops@sha256:1")));
    assert.ok(!tells(deployed));
    const upgraded = step(
      "update",
      programType,
      "contracts-a.aleo",
      program(0, {}),
      program(1, {}),
    );
    assert.ok(!tells(upgraded, image("same", "ops@sha256:1", "ops@sha256:1")));
    assert.ok(!tells(image("same", "ops@sha256:1", "ops@sha256:1")));
  });

  it("shows a program's edition, cost and interface, as it is and as it will be", () => {
    const steps = [
      step(
        "update",
        programType,
        "contracts-token.aleo",
        program(0, { mint: "() -> ()", burn: "()" }),
        program(1, { mint: "(u8.public) -> ()", burn: "()", pause: "()" }),
      ),
      step("create", programType, "contracts-new.aleo", undefined, {
        ...program(0, {}),
        program: "new.aleo",
        estimatedFee: "1",
      }),
    ];
    const text = previewSummary(preview(steps, { counts: { create: 1, update: 1 } }));
    assert.match(text, /\| `token\.aleo` \| 0 → 1 \| 14\.036102 \|/);
    assert.match(text, /\| `new\.aleo` \| new → 0 \| 0\.000001 \|/);
    assert.match(text, /Together: 14\.036103 credits/);
    assert.ok(
      text.includes(
        "```diff\n- functions: mint () -> ()\n+ functions: mint (u8.public) -> ()\n+ functions: pause ()\n```",
      ),
      text,
    );
    assert.doesNotMatch(text, /burn|balances|checksum/);
    assert.equal(payingAccount(preview(steps).events), "aleo1owner");
  });

  it("says that an interface stays, and no account where nothing is to be paid", () => {
    const free = { ...program(1, {}), estimatedFee: "0" };
    const steps = [step("update", programType, "contracts-token.aleo", program(0, {}), free)];
    assert.match(previewSummary(preview(steps)), /The interface of `token\.aleo` stays as it is\./);
    assert.equal(payingAccount(preview(steps).events), undefined);
  });

  for (const [microcredits, expected] of [
    [20_000_000n, /`aleo1owner` holds 20\.000000, then 5\.963898\./],
    [14_036_101n, /\*\*`aleo1owner` holds 14\.036101, which is not enough\.\*\*/],
  ] as const) {
    it(`says what the account holds after, of ${microcredits} microcredits`, () => {
      const steps = [step("update", programType, "t", program(0, {}), program(1, {}))];
      const balance = { address: "aleo1owner", microcredits };
      assert.match(previewSummary(preview(steps, { balance })), expected);
    });
  }

  it("shows what is set on chain", () => {
    const setting = { program: "token.aleo", mapping: "paused", key: "0u8", value: "true" };
    const type = "pulumi-nodejs:dynamic/aleops:ProgramSetting";
    const text = previewSummary(
      preview([step("update", type, "paused", { ...setting, value: "false" }, setting)]),
    );
    assert.match(text, /- `token\.aleo\/paused\[0u8\]`: `"false"` → `"true"`/);
  });

  it("shows why a preview failed, and which policies it breaks", () => {
    const text = previewSummary(
      preview([], {
        succeeded: false,
        errors: ["The chain would refuse this upgrade of token.aleo:\n  line 3"],
        violations: [
          {
            rule: "images-are-pinned",
            urn: "urn:pulumi:t::p::a:b:C::job",
            message: "latest",
            isMandatory: true,
          },
          { rule: "advice", urn: undefined, message: "softly", isMandatory: false },
        ],
        counts: { same: 1 },
      }),
    );
    assert.match(text, /### The preview of testnet failed/);
    assert.match(text, /```\nimages-are-pinned \(job\)\nlatest\n```/);
    assert.match(text, /The chain would refuse this upgrade of token\.aleo:\n {2}line 3/);
    assert.match(text, /Resources until it failed: 1 unchanged\./);
    assert.doesNotMatch(text, /softly/);
  });

  it("folds the diff, with its signs where GitHub colours them", () => {
    const diff =
      "  ~ a:b:C: (update)\n      - f: 1\n      + g: 2\n    +-a:b:D: (replace)\n        same: x\n";
    const text = previewSummary(preview([], { diff }));
    assert.ok(text.includes("<details><summary>Diff</summary>"));
    assert.match(text, /^! {3}a:b:C/m);
    assert.match(text, /^- {6} f: 1$/m);
    assert.match(text, /^\+ {6} g: 2$/m);
    assert.match(text, /^ {8}same: x$/m);
  });

  it("fits into a comment of GitHub's, whatever the diff", () => {
    for (const diff of [
      "line of a diff\n".repeat(20_000),
      "`".repeat(200_000) + "y".repeat(100_000),
      "x".repeat(100_000),
    ]) {
      const text = previewSummary(preview([], { diff }));
      assert.ok(text.length <= 65_536, String(text.length));
      assert.match(text, /\(cut here: the log of the run has the rest\)/);
    }
    const text = previewSummary(
      preview([], { succeeded: false, errors: ["e".repeat(100_000)], diff: "d" }),
    );
    assert.ok(text.length <= 65_536);
  });

  it("keeps a diff in its fence", () => {
    const text = previewSummary(preview([], { diff: "a\n```\n</details> @everyone\n````\nb" }));
    assert.match(text, /\n`````diff\na\n/);
  });

  it("blots out keys, wherever they come from", () => {
    const key = `APrivateKey1${"z".repeat(47)}`;
    const text = previewSummary(
      preview([step("delete", "a:b:C", key, {})], {
        succeeded: false,
        errors: [key],
        diff: `- x: ${key}`,
      }),
    );
    assert.doesNotMatch(text, /APrivateKey1/);
    assert.equal(text.split("[key]").length, 4);
  });
});

describe("the event log of the CLI", () => {
  it("is read for steps, errors, violations and counts, and for nothing else", () => {
    const events = parseEvents(
      [
        { preludeEvent: { config: {} } },
        { diagnosticEvent: { severity: "debug", message: "hush" } },
        { diagnosticEvent: { severity: "error", message: "no node answers\n" } },
        { resourcePreEvent: { metadata: { op: "update", urn: "u::a", type: "a:b:C" } } },
        {
          resOutputsEvent: {
            metadata: {
              op: "update",
              urn: "u::a",
              type: "a:b:C",
              old: null,
              new: { inputs: { x: 1 } },
            },
          },
        },
        { resOutputsEvent: { metadata: { op: "same", urn: "u::s", type: "pulumi:pulumi:Stack" } } },
        {
          policyEvent: {
            policyName: "rule",
            resourceUrn: "u::a",
            message: "no\n",
            enforcementLevel: "mandatory",
          },
        },
        { summaryEvent: { resourceChanges: { update: 1 } } },
      ]
        .map((event) => JSON.stringify(event))
        .join("\n") + '\n{"half',
    );
    assert.deepEqual(events, {
      steps: [
        {
          operation: "update",
          urn: "u::a",
          type: "a:b:C",
          old: undefined,
          new: { inputs: { x: 1 }, outputs: {} },
        },
      ],
      errors: ["no node answers"],
      violations: [{ rule: "rule", urn: "u::a", message: "no", isMandatory: true }],
      counts: { update: 1 },
    });
  });
});
