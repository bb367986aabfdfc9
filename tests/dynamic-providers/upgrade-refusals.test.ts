import assert from "node:assert/strict";
import { changed, deployedSource, upgradeCases } from "../aleo/program/upgrades.ts";
import { scratchDevnode } from "../support/devnode.ts";
import { createPulumiProject, type PulumiProject } from "../support/pulumi-project.ts";
import { developmentKey, developmentAddress } from "../../local/development-account.ts";
import { ledgerAt } from "./ledger.ts";
import { adder } from "./program-sources.ts";
import { localConfig, startRun, type ProviderRun } from "./provider-run.ts";
import { declaring } from "./stack-programs.ts";

/** As Leo compiles `@noupgrade`. */
const frozen = adder("upgrade_never").replace("assert.eq true true;", "assert.eq edition 0u16;");
const stack = (source: string, never = frozen) =>
  declaring({ "upgrade-rules": source, "upgrade-never": never });

/** Several changes of the deployed source at once. */
const withChanges = (...whats: string[]) =>
  changed({
    what: whats.join(", "),
    changes: whats.flatMap(
      (what) => upgradeCases.find((one) => one.what === what)?.changes ?? assert.fail(what),
    ),
    rules: [],
  });

const lineOf = (source: string, text: string) =>
  source.split("\n").findIndex((line) => line.trim() === text) + 1;

describe("a forbidden upgrade", function () {
  this.timeout(120_000);
  const devnode = scratchDevnode();
  const ledger = ledgerAt(() => devnode.url);
  let project: PulumiProject;

  before(async () => {
    project = await createPulumiProject({
      program: stack(deployedSource),
      config: localConfig(devnode.url),
      env: { ALEO_PRIVATE_KEY: developmentKey },
    });
    const { code, stdout, stderr } = await project.up();
    assert.equal(code, 0, stdout + stderr);
  });
  after(() => {
    project.dispose();
  });

  async function refusedPreview(program: string): Promise<string> {
    project.write(program);
    const { code, stdout, stderr } = await project.preview();
    const text = stdout + stderr;
    assert.notEqual(code, 0, text);
    assert.doesNotMatch(text, /^ +at .*:\d+:\d+\)?$/m, "a stack trace");
    return text;
  }

  it("is refused at preview with each rule that it violates and its line", async () => {
    const next = withChanges(
      "another input type",
      "a changed mapping",
      "a changed struct",
      "a changed record",
      "another constructor",
      "a view gone",
    );
    const text = await refusedPreview(stack(next));
    const line = (wanted: string, source = next) => {
      const number = lineOf(source, wanted);
      assert.notEqual(number, 0, wanted);
      return `line ${number}`;
    };
    const told = [
      "The chain would refuse this upgrade of upgrade_rules.aleo:",
      `${line(`assert.neq program_owner ${developmentAddress};`)}: The constructor differs: an upgrade keeps it as it was. [constructor-changed]`,
      `${line("mapping totals:")}: The mapping totals differs: a mapping stays as it was deployed. [mapping-changed]`,
      `${line("struct point:")}: The struct point differs: a struct stays as it was deployed. [struct-changed]`,
      `${line("record token:")}: The record token differs: a record stays as it was deployed. [record-changed]`,
      `${line("input r1 as u64.public;")}: The inputs of function mint were (address.private, u64.private) and would be (address.private, u64.public). [function-inputs-changed]`,
      `${line("view total:", deployedSource)} of the deployed source: The view total is gone: a view can be added, but not removed. [view-removed]`,
      "What to do: Undo these changes, or deploy the program under a new name and migrate to it.",
    ];
    const lines = text.split("\n").map((one) => one.trim());
    const from = lines.findLastIndex((one) => one.endsWith(told[0] ?? ""));
    assert.deepEqual(
      lines.slice(from, from + told.length).map((one, index) => (index === 0 ? told[0] : one)),
      told,
    );
  });

  it("is refused at preview for a program without upgrade rights", async () => {
    const next = frozen.replace("1u64", "2u64");
    const text = await refusedPreview(stack(deployedSource, next));
    assert.match(text, /The chain would refuse this upgrade of upgrade_never\.aleo:/);
    assert.match(
      text,
      new RegExp(
        `line ${lineOf(frozen, "constructor:")} of the deployed source: .*\\(@noupgrade\\)\\. \\[not-upgradable\\]`,
      ),
    );
  });

  it("left everything as it was", async () => {
    project.write(stack(deployedSource));
    const args = ["preview", "--expect-no-changes", "--stack", project.stack];
    const { code, stdout } = await project.pulumi(args);
    assert.equal(code, 0, stdout);
    assert.equal(await ledger.edition("upgrade_rules.aleo"), 0);
    assert.equal(await ledger.edition("upgrade_never.aleo"), 0);
  });

  describe("of a single kind", () => {
    let run: ProviderRun;
    let known: Awaited<ReturnType<ProviderRun["program"]["checked"]>>;

    before(async () => {
      const earlier = startRun({ config: localConfig(devnode.url) });
      try {
        known = await earlier.program.checked(deployedSource);
      } finally {
        earlier.end();
      }
      run = startRun({ config: localConfig(devnode.url) });
    });
    after(() => {
      run.end();
    });

    for (const upgrade of upgradeCases.filter(({ rules }) => rules.length > 0)) {
      it(`is refused: ${upgrade.what}`, async () => {
        const text = await run.program.refusal(changed(upgrade), known);
        const [head, ...violations] = text.split("\n").slice(0, -1);
        assert.match(
          head ?? "",
          /^The chain would refuse (this upgrade of )?upgrade_rules\.aleo:$/,
        );
        assert.deepEqual(
          violations.map((line) => /^ {2}line \d+.*: .*\. \[(.*)\]$/.exec(line)?.[1]),
          upgrade.rules.map((rule) =>
            // Refused already as no program may be without one, new or not.
            rule === "constructor-removed" ? "constructor-missing" : rule,
          ),
        );
      });
    }
  });

  describe("is told from an allowed one", () => {
    it("that adds an import and components of each kind, and changes logic", async () => {
      const library = adder("upgrade_library");
      const next = `import upgrade_library.aleo;\n${withChanges(
        "new components of each kind",
        "other logic in a function",
        "other logic in a finalize",
        "other logic in a view",
        "members of a struct in another order",
      )}`;
      project.write(
        declaring(
          { library },
          `new AleoProgram("upgrade-rules", { source: ${JSON.stringify(next)} }, { dependsOn: programs.library! });
new AleoProgram("upgrade-never", { source: ${JSON.stringify(frozen)} });`,
        ),
      );
      const { code, stdout, stderr } = await project.up();
      assert.equal(code, 0, stdout + stderr);
      assert.equal(await ledger.edition("upgrade_rules.aleo"), 1);
      assert.ok(await ledger.holdsChecksumOf(next, 1));
    });
  });
});
