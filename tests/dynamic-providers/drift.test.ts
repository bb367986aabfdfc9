import assert from "node:assert/strict";
import { developmentKey } from "../../local/development-account.ts";
import { scratchDevnode } from "../support/devnode.ts";
import { createPulumiProject, type PulumiProject } from "../support/pulumi-project.ts";
import { ledgerAt } from "./ledger.ts";
import { adder } from "./program-sources.ts";
import { localConfig } from "./provider-run.ts";
import { declaring } from "./stack-programs.ts";

const id = "drift_test.aleo";
const declared = adder("drift_test");
const changedByHand = adder("drift_test", [], "9u64");

describe("drift", function () {
  this.timeout(120_000);
  const devnode = scratchDevnode();
  const ledger = ledgerAt(() => devnode.url);
  let project: PulumiProject;

  before(async () => {
    project = await createPulumiProject({
      program: declaring({ [id]: declared, other: adder("drift_other") }),
      config: localConfig(devnode.url),
      env: { ALEO_PRIVATE_KEY: developmentKey },
    });
    const { code, stdout, stderr } = await project.up();
    assert.equal(code, 0, stdout + stderr);
  });
  after(() => {
    project.dispose();
  });

  it("is none on an untouched stack: exit code 0", async () => {
    const { code, stdout, stderr } = await project.refreshCheck();
    assert.equal(code, 0, stdout + stderr);
  });

  it("can't be told while the node is stopped: neither 0 nor 7, with the endpoint named once a resource", async () => {
    await devnode.stop();
    try {
      const { code, stdout, stderr } = await project.refreshCheck();
      const text = stdout + stderr;
      assert.ok(code !== 0 && code !== 7, `${code}: ${text}`);
      const told = text.match(/^ +error: Preview failed: No node answered .*$/gm) ?? [];
      assert.equal(told.length, 2, text);
      for (const line of told) assert.ok(line.includes(devnode.url), line);
      assert.doesNotMatch(text, /^ +Error: |^ +at .*:\d+:\d+\)?$/m);
      assert.match(text, /local\/drift_test\.aleo: could not be compared with the chain/);
    } finally {
      await devnode.restart();
    }
  });

  it("shows a program that was upgraded by hand: exit code 7, and what changed", async () => {
    assert.equal(await ledger.upgrade(changedByHand), "accepted");
    const { code, stdout, stderr } = await project.pulumi([
      ...["refresh", "--preview-only", "--expect-no-changes", "--diff"],
      ...["--stack", project.stack],
    ]);
    assert.equal(code, 7, stdout + stderr);
    assert.match(stdout, /~ edition +: 0 => 1/);
    assert.match(stdout, /~ checksum +: "[0-9a-f]{64}" => "[0-9a-f]{64}"/);
    assert.match(stdout, /- +add r0 1u64 into r1;\n *\+ +add r0 9u64 into r1;/);
    assert.equal(
      stdout.match(/AleoProgram: \(refresh\)|AleoProgram: \(update\)/g)?.length,
      1,
      stdout,
    );
  });

  it("is not overwritten by a run that does not know of it", async () => {
    project.write(
      declaring({ [id]: adder("drift_test", [], "2u64"), other: adder("drift_other") }),
    );
    const { code, stdout, stderr } = await project.preview();
    assert.notEqual(code, 0);
    assert.match(
      stdout + stderr,
      /drift_test\.aleo was changed on chain since the last run: it is at edition 1, by aleo1\w+; the state knows edition 0\.\s+What to do: Run `pulumi refresh`/,
    );
  });

  it("is undone by up after refresh, as the next edition", async () => {
    project.write(declaring({ [id]: declared, other: adder("drift_other") }));
    const args = ["up", "--yes", "--skip-preview", "--refresh", "--stack", project.stack];
    const { code, stdout, stderr } = await project.pulumi(args);
    assert.equal(code, 0, stdout + stderr);
    assert.equal(await ledger.edition(id), 2);
    assert.ok(await ledger.holdsChecksumOf(declared, 2));
    assert.equal((await project.refreshCheck()).code, 0);
  });
});
