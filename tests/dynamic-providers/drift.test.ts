import assert from "node:assert/strict";
import { developmentKey } from "../../local/development-account.ts";
import { driftReport } from "../../local/commands/drift-report.ts";
import { withEventLog } from "../../local/commands/engine-events.ts";
import { scratchDevnode } from "../support/devnode.ts";
import { createPulumiProject, type PulumiProject } from "../support/pulumi-project.ts";
import { ledgerAt } from "./ledger.ts";
import { adder } from "./program-sources.ts";
import { localConfig } from "./provider-run.ts";
import { declaring } from "./stack-programs.ts";

const id = "drift_test.aleo";
const declared = adder("drift_test");
const refusal =
  /drift_test\.aleo was changed on chain besides this stack: edition 1 by aleo1\w+ in transaction at1\w+\. .*\s+What to do: Find out who did it.*ALEO_OVERWRITE=drift_test\.aleo@1/;
const changedByHand = adder("drift_test", [], "9u64");

/** How the state marks the program; empty where it does not. */
async function markOf(project: PulumiProject): Promise<string> {
  const { resources = [] } = (await project.exportState()).deployment;
  const found = resources.find((resource) => resource.id?.endsWith(`/${id}`));
  assert.ok(found);
  const mark = found.inputs?.changedOnChain;
  return typeof mark === "string" ? mark : "";
}

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
    assert.match(stdout + stderr, refusal);
  });

  const upWithRefresh = (env: NodeJS.ProcessEnv = {}) =>
    project.pulumi(["up", "--yes", "--skip-preview", "--refresh", "--stack", project.stack], {
      env,
    });

  it("is not undone by up after a refresh either, and not by the next up", async () => {
    project.write(declaring({ [id]: declared, other: adder("drift_other") }));
    for (const run of [upWithRefresh, upWithRefresh, () => project.up()]) {
      const { code, stdout, stderr } = await run();
      assert.notEqual(code, 0);
      assert.match(stdout + stderr, refusal);
      assert.equal(await ledger.edition(id), 1);
    }
  });

  it("stays marked in the state until the project declares it", async () => {
    assert.match(await markOf(project), /^edition 1 by aleo1\w+ in transaction at1\w+$/);
  });

  it("is still drift for the drift check, though the state knows it", async () => {
    const { result, events } = await withEventLog((log, env) =>
      project.pulumi(["refresh", "--preview-only", "--stack", project.stack, ...log], { env }),
    );
    assert.equal(result.code, 0, result.stdout + result.stderr);
    const report = driftReport("local", 0, events);
    assert.ok(report.kind === "drift");
    assert.equal(report.severity, "critical");
    assert.deepEqual(
      report.resources.map(({ name }) => name),
      [id],
    );
  });

  it("is taken over by declaring what is on chain: nothing is sent", async () => {
    const height = await ledger.height();
    project.write(declaring({ [id]: changedByHand, other: adder("drift_other") }));
    const { code, stdout, stderr } = await project.up();
    assert.equal(code, 0, stdout + stderr);
    assert.equal(await markOf(project), "");
    assert.equal(await ledger.height(), height);
    assert.equal((await project.refreshCheck()).code, 0);
  });

  it("is undone, as the next edition, where the run is told which edition to upgrade over", async () => {
    assert.equal(await ledger.upgrade(adder("drift_test", [], "7u64")), "accepted");
    project.write(declaring({ [id]: declared, other: adder("drift_other") }));
    const other = await upWithRefresh({ ALEO_OVERWRITE: `${id}@1` });
    assert.match(other.stdout + other.stderr, /ALEO_OVERWRITE=drift_test\.aleo@2/);
    const { code, stdout, stderr } = await upWithRefresh({ ALEO_OVERWRITE: `${id}@2` });
    assert.equal(code, 0, stdout + stderr);
    assert.equal(await ledger.edition(id), 3);
    assert.ok(await ledger.holdsChecksumOf(declared, 3));
    assert.equal(await markOf(project), "");
    assert.equal((await project.refreshCheck()).code, 0);
  });
});
