import assert from "node:assert/strict";
import { scratchDevnode } from "../support/devnode.ts";
import { createPulumiProject, type PulumiProject } from "../support/pulumi-project.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { ledgerAt, payingAddress, payingKey } from "./ledger.ts";
import { administered, counter } from "./program-sources.ts";
import { localConfig } from "./provider-run.ts";
import { declaring } from "./stack-programs.ts";

const id = "counter_test.aleo";
const first = counter("counter_test", "1u64");
const second = counter(
  "counter_test",
  "2u64",
  "\nmapping resets:\n    key as address.public;\n    value as u32.public;\n\nfunction peek:\n    input r0 as u64.private;\n    output r0 as u64.public;\n",
);
const byHand = counter("counter_by_hand", "1u64");

interface Outputs {
  readonly programs: Readonly<
    Record<
      string,
      {
        edition: number;
        estimatedFee: string;
        paidFee: string;
        transaction: string;
        owner: string;
      }
    >
  >;
}

describe("a program as a resource", function () {
  this.timeout(120_000);
  const devnode = scratchDevnode();
  const ledger = ledgerAt(() => devnode.url);
  // Of its own, so that no estimate is remembered from an earlier run.
  const cache = temporaryDirectory("cache");
  let project: PulumiProject;

  before(async () => {
    project = await createPulumiProject({
      program: declaring({ [id]: first }),
      config: localConfig(devnode.url),
      env: { ALEO_PRIVATE_KEY: payingKey, XDG_CACHE_HOME: cache.path },
    });
  });
  after(() => {
    project.dispose();
    cache.remove();
  });

  /** `up`, with what it took from the paying account. */
  async function up(): Promise<{ stdout: string; taken: bigint; programs: Outputs["programs"] }> {
    const before = await ledger.balance(payingAddress);
    const { code, stdout, stderr } = await project.up();
    assert.equal(code, 0, stdout + stderr);
    const { programs } = (await project.outputs()) as unknown as Outputs;
    return { stdout, taken: before - (await ledger.balance(payingAddress)), programs };
  }

  /** That what was estimated is what the ledger took, told by the block and by the balance. */
  async function assertPaid(
    { taken, programs }: Pick<Awaited<ReturnType<typeof up>>, "taken" | "programs">,
    estimated: bigint,
  ): Promise<void> {
    const { transaction, paidFee, owner } = programs[id] ?? assert.fail("no output");
    const fee = await ledger.feeOf(transaction);
    assert.equal(taken, fee);
    assert.equal(BigInt(paidFee), fee);
    assert.equal(owner, payingAddress);
    const error = estimated > fee ? estimated - fee : fee - estimated;
    assert.ok(error * 50n <= fee, `estimated ${estimated}, paid ${fee}`);
  }

  let estimated = 0n;
  const estimateIn = (preview: string): bigint =>
    BigInt(
      /^ *~? *estimatedFee: (?:"\d+" => )?"(\d+)"$/m.exec(preview)?.[1] ?? assert.fail(preview),
    );

  it("shows its interface and the estimated fee before it is deployed", async () => {
    const { code, stdout, stderr } = await project.preview();
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /^ *edition +: 0$/m);
    assert.match(stdout, /^ *counts: "address => u64"$/m);
    assert.match(stdout, /increase: .*counter_test\.aleo\/increase\.future/);
    estimated = estimateIn(stdout);
    assert.equal(await ledger.has(id), false, "preview deployed it");
  });

  it("is deployed as edition 0 for what was estimated", async () => {
    const run = await up();
    assert.equal(await ledger.edition(id), 0);
    assert.equal(run.programs[id]?.edition, 0);
    assert.ok(await ledger.holdsChecksumOf(first, 0));
    await assertPaid(run, estimated);
  });

  it("does not change when nothing changed", async () => {
    const args = ["preview", "--expect-no-changes", "--stack", project.stack];
    const { code, stdout, stderr } = await project.pulumi(args);
    assert.equal(code, 0, stdout + stderr);
  });

  it("shows what an upgrade adds to the interface and what it costs", async () => {
    project.write(declaring({ [id]: second }));
    const { code, stdout, stderr } = await project.preview();
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /~ pulumi-nodejs:dynamic\/aleops:AleoProgram: \(update\)/);
    assert.match(stdout, /~ edition +: 0 => 1$/m);
    assert.match(stdout, /\+ +peek *: .*u64\.private.*u64\.public/);
    assert.match(stdout, /\+ +resets *: "address => u32"/);
    assert.match(stdout, /- +add r1 1u64 into r2;\n *\+ +add r1 2u64 into r2;/);
    estimated = estimateIn(stdout);
  });

  it("is upgraded to the next edition for what was estimated", async () => {
    const run = await up();
    assert.match(run.stdout, /1 updated/);
    assert.equal(await ledger.edition(id), 1);
    assert.equal(run.programs[id]?.edition, 1);
    assert.ok(await ledger.holdsChecksumOf(second, 1));
    await assertPaid(run, estimated);
  });

  it("is adopted without a payment where an identical one is on chain", async () => {
    assert.equal(await ledger.deploy(byHand), "accepted");
    project.write(declaring({ [id]: second, "by-hand": byHand }));
    const { taken, programs } = await up();
    assert.equal(taken, 0n);
    assert.equal(await ledger.edition("counter_by_hand.aleo"), 0);
    assert.equal(programs["by-hand"]?.estimatedFee, "0");
    assert.notEqual(programs["by-hand"].owner, payingAddress);
    assert.equal(programs["by-hand"].transaction.slice(0, 3), "at1");
  });

  it("is not taken for this stack's where somebody else deployed it first and is its admin", async () => {
    const copied = administered("copied");
    assert.equal(await ledger.deploy(copied), "accepted");
    project.write(declaring({ [id]: second, "by-hand": byHand, copied }));
    const { code, stdout, stderr } = await project.up();
    assert.notEqual(code, 0);
    assert.match(
      stdout + stderr,
      /copied\.aleo is on chain with the declared text, but its admin is aleo1\w+, and the private key is that of aleo1/,
    );
    const named = await project.up({ env: { ALEO_OVERWRITE: "copied.aleo@0" } });
    assert.equal(named.code, 0, named.stdout + named.stderr);
    const { programs } = (await project.outputs()) as unknown as Outputs;
    assert.equal(programs.copied?.estimatedFee, "0");
    assert.match((await up()).stdout, /unchanged/, "known to the state, it is not asked again");
  });

  it("stays on chain when the resource is deleted, and says so", async () => {
    const args = ["destroy", "--yes", "--skip-preview", "--stack", project.stack];
    const { code, stdout, stderr } = await project.pulumi(args);
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /local\/counter_test\.aleo stays on chain: a program can't be removed/);
    assert.equal(await ledger.edition(id), 1);
    assert.deepEqual(
      (await project.exportState()).deployment.resources?.map(({ type }) => type) ?? [],
      [],
    );
  });
});
