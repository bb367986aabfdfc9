import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, rmSync, watch } from "node:fs";
import { join } from "node:path";
import { createBlocks } from "../support/create-blocks.ts";
import { scratchDevnode, type ScratchDevnode } from "../support/devnode.ts";
import { fundedAccounts, type FundedAccount } from "../support/funded-accounts.ts";
import { backendLocks, killUpAt, killUpWhen, upAfterKill } from "../support/killable-run.ts";
import { lanes } from "../support/lanes.ts";
import {
  createPulumiProject,
  type CommandResult,
  type PulumiProject,
} from "../support/pulumi-project.ts";
import { chainCount, type ChainCount } from "./chain-count.ts";
import { counter, pausable } from "./program-sources.ts";
import { declaring } from "./stack-programs.ts";

/** A project with an account of its own, whose balance changes by what the project pays only. */
interface Bench {
  readonly project: PulumiProject;
  readonly account: FundedAccount;
}

async function createBench(
  devnode: ScratchDevnode,
  index: number,
  config: Readonly<Record<string, string>> = {},
): Promise<Bench> {
  const account = (await fundedAccounts())[index] ?? assert.fail("no such account");
  const project = await createPulumiProject({
    program: declaring({}),
    config: {
      network: "local",
      endpoints: JSON.stringify([devnode.url]),
      maxFee: "100000000",
      ...config,
    },
    env: { ALEO_PRIVATE_KEY: account.privateKey },
  });
  mkdirSync(journalOf(project), { recursive: true });
  return { project, account };
}

function journalOf(project: PulumiProject): string {
  return join(project.directory, ".state", "journal", "local");
}

/** Subjects whose transactions' outcome no run has found out yet. */
function unsettled(project: PulumiProject): string[] {
  return readdirSync(journalOf(project)).filter((name) => name.endsWith(".json"));
}

function succeeded({ code, stdout, stderr }: CommandResult): void {
  assert.equal(code, 0, `${stdout}${stderr}`);
}

async function propertiesOf(
  project: PulumiProject,
  name: string,
): Promise<Readonly<Record<string, unknown>>> {
  const { resources } = (await project.exportState()).deployment;
  const found = resources?.find(({ urn }) => urn.endsWith(`::${name}`));
  return found?.outputs ?? assert.fail(`${name} is not in the state`);
}

const broadcast = "POST .*/transaction/broadcast";
const entry = (name: string) => `/journal/local/${name}[^/]*\\.json$`;

describe("a run that is killed", function () {
  this.timeout(400_000);
  const devnode = scratchDevnode();
  const manual = scratchDevnode({ manualBlocks: true });
  const benches: Bench[] = [];

  before(async () => {
    for (const index of [0, 1, 2]) benches.push(await createBench(devnode, index));
    benches.push(await createBench(manual, 3, { confirmationTimeoutSeconds: "4" }));
  });
  const { lane, ended } = lanes();
  after(async () => {
    await ended();
    for (const { project } of benches) project.dispose();
  });
  const benchAt = (index: number): Bench => benches[index] ?? assert.fail();

  interface Moment {
    readonly when: string;
    /** Kills an `up` that deploys the program; says what it hit. */
    readonly kill: (project: PulumiProject, name: string) => Promise<string>;
  }

  const at = (when: string, step: (name: string) => string): Moment => ({
    when,
    kill: (project, name) => killUpAt(project, step(name)),
  });
  const afterDelay = (fromMs: number, toMs: number): Moment => ({
    when: `at a random moment between ${fromMs / 1000} and ${toMs / 1000} s`,
    kill: async (project) => {
      const delayMs = Math.round(fromMs + Math.random() * (toMs - fromMs));
      const end = Date.now() + delayMs;
      return `${delayMs} ms: ${await killUpWhen(project, () => Date.now() > end)}`;
    },
  });
  /** Kills at a change of the file backend's state, before or after the transaction was settled. */
  const atStateWrite = (when: string, settled: boolean): Moment => ({
    when,
    kill: async (project, name) => {
      const stacks = join(project.directory, ".pulumi-test/backend/.pulumi/stacks/aleo-ops");
      const journal = join(journalOf(project), `${name}.aleo.json`);
      let noted = false;
      let written = "";
      const ofJournal = watch(journalOf(project), () => (noted ||= existsSync(journal)));
      const ofState = watch(stacks, (event, file) => {
        if (!settled || (noted && !existsSync(journal))) written ||= `${event} of ${String(file)}`;
      });
      try {
        return `${written}${await killUpWhen(project, () => written !== "")}: ${written}`;
      } finally {
        ofJournal.close();
        ofState.close();
      }
    },
  });

  const moments: readonly Moment[] = [
    at("after the broadcast and before the state is written", () => `answer:${broadcast}`),
    at("when the journal is written aside", (name) => `rename:${entry(name)}`),
    at("after the journal and before the broadcast", () => `request:${broadcast}`),
    at("while the transaction is built", () => "request:GET /v2/testnet/stateRoot/latest"),
    at("right after acceptance, before the journal forgets", (name) => `rm:${entry(name)}`),
    at("right after the journal forgot", (name) => `removed:${entry(name)}`),
    at("while it checks the program", (name) => `answer:GET .*/program/${name}.aleo`),
    atStateWrite("at the first write of the state", false),
    atStateWrite("when the state is written after the deployment", true),
    afterDelay(500, 3_000),
    afterDelay(3_000, 6_000),
  ];

  async function killedWhileDeploying(
    chain: ChainCount,
    { project, account }: Bench,
    { kill }: Moment,
    name: string,
  ): Promise<string> {
    const id = `${name}.aleo`;
    const before = await chain.balance(account.address);
    project.write(declaring({ [id]: counter(name, "1u64") }));
    const hit = await kill(project, name);
    const left = `left: ${unsettled(project).join() || "no journal"}, ${backendLocks(project).length} locks`;
    succeeded(await upAfterKill(project));
    const { deployments, fees } = await chain.transactions(id);
    assert.equal(deployments, 1, "one deployment");
    assert.equal(before - (await chain.balance(account.address)), fees, "one fee");
    assert.deepEqual(unsettled(project), []);
    const state = await propertiesOf(project, id);
    assert.equal(state.edition, 0);
    assert.equal(state.paidFee, fees.toString());
    assert.equal(state.pendingTransaction, undefined);
    return `${hit}; ${left}`;
  }

  describe("while it deploys", () => {
    const chain = chainCount(() => devnode.url);
    const both = [lane(), lane()];
    for (const [index, moment] of moments.entries()) {
      both[index % 2]?.(`${moment.when} is finished by the next one, with one fee`, () =>
        killedWhileDeploying(chain, benchAt(index % 2), moment, `crash_${index}_deploy`),
      );
    }

    both[1]?.("leaves a note in Pulumi's state, which a refresh clears", async () => {
      const { project } = benchAt(1);
      const notes = async () => (await project.exportState()).deployment.pending_operations ?? [];
      assert.notEqual((await notes()).length, 0);
      const clear = ["refresh", "--yes", "--skip-preview", "--clear-pending-creates"];
      succeeded(await project.pulumi([...clear, "--stack", project.stack]));
      assert.deepEqual(await notes(), []);
      return undefined;
    });
  });

  describe("while it changes what is deployed", () => {
    const chain = chainCount(() => devnode.url);
    const test = lane();
    const id = "crash_change.aleo";
    const base = pausable("crash_change");
    const changed = (step: string) => `${base}
function extra:
    input r0 as u64.public;
    add r0 ${step} into r1;
    output r1 as u64.public;
`;
    // Functions stand before the constructor.
    const upgraded = (step: string) => {
      const [body = "", constructor = ""] = base.split("\nconstructor:");
      return changed(step).replace(base, body) + `\nconstructor:${constructor}`;
    };
    const pause = (value: boolean) => `
new ProgramSetting("pause", {
  program: "${id}", mapping: "paused", key: "0u8", value: "${String(value)}",
  function: "${value ? "pause" : "unpause"}", arguments: [],
}, { dependsOn: Object.values(programs) });`;
    let bench: Bench;
    let balance = 0n;
    let seen = { deployments: 0, calls: 0, fees: 0n };

    test("has deployed a program before", async () => {
      bench = benchAt(2);
      balance = await chain.balance(bench.account.address);
      bench.project.write(declaring({ [id]: base }));
      succeeded(await bench.project.up());
      return undefined;
    });

    async function finished(more: { deployments: number; calls: number }): Promise<void> {
      succeeded(await upAfterKill(bench.project));
      const { deployments, calls } = (seen = await chain.transactions(id));
      assert.deepEqual({ deployments, calls }, more);
      assert.equal(balance - (await chain.balance(bench.account.address)), seen.fees);
      assert.deepEqual(unsettled(bench.project), []);
    }

    test("an upgrade whose broadcast was answered happens once", async () => {
      const source = upgraded("1u64");
      bench.project.write(declaring({ [id]: source }));
      const hit = await killUpAt(bench.project, `answer:${broadcast}`);
      await finished({ deployments: 2, calls: 0 });
      const state = await propertiesOf(bench.project, id);
      assert.equal(state.edition, 1);
      assert.equal(state.source, source);
      return hit;
    });

    test("an upgrade that is in the journal only happens once", async () => {
      bench.project.write(declaring({ [id]: upgraded("2u64") }));
      const hit = await killUpAt(bench.project, `request:${broadcast}`);
      await finished({ deployments: 3, calls: 0 });
      assert.equal((await propertiesOf(bench.project, id)).edition, 2);
      return hit;
    });

    test("a call of a setting whose broadcast was answered happens once", async () => {
      bench.project.write(declaring({ [id]: upgraded("2u64") }, pause(true)));
      const hit = await killUpAt(bench.project, `answer:${broadcast}`);
      await finished({ deployments: 3, calls: 1 });
      const state = await propertiesOf(bench.project, "pause");
      assert.equal(state.value, "true");
      assert.match(String(state.transaction), /^at1/);
      assert.notEqual(state.paidFee, "0");
      return hit;
    });

    test("a call of a setting that was accepted happens once", async () => {
      bench.project.write(declaring({ [id]: upgraded("2u64") }, pause(false)));
      const hit = await killUpAt(bench.project, `removed:${entry("crash_change")}`);
      await finished({ deployments: 3, calls: 2 });
      assert.equal((await propertiesOf(bench.project, "pause")).value, "false");
      return hit;
    });

    test("a preview changes nothing", async () => {
      bench.project.write(declaring({ [id]: upgraded("3u64") }, pause(false)));
      const preview = ["preview", "--diff"];
      const step = `answer:GET .*/program/${id}`;
      const hit = await killUpAt(bench.project, step, preview);
      assert.deepEqual(await chain.transactions(id), seen);
      bench.project.write(declaring({ [id]: upgraded("2u64") }, pause(false)));
      await finished({ deployments: 3, calls: 2 });
      return hit;
    });
  });

  describe("while its transaction waits for a block", () => {
    const chain = chainCount(() => manual.url);
    const inLane = lane();
    let bench: Bench;
    let balance: bigint;
    const test = (title: string, run: () => Promise<string | undefined>) => {
      inLane(title, async () => {
        bench = benchAt(3);
        balance = await chain.balance(bench.account.address);
        return run();
      });
    };

    const mine = () => createBlocks(manual.url, 1);
    const upWithBlocks = async () => {
      const blocks = setInterval(() => void mine(), 2_000);
      try {
        succeeded(await bench.project.up());
      } finally {
        clearInterval(blocks);
      }
    };
    const declare = (name: string) => {
      bench.project.write(declaring({ [`${name}.aleo`]: counter(name, "1u64") }));
    };
    const waitingKilled = async () => {
      const hit = await killUpAt(bench.project, "answer:GET .*/find/blockHash/");
      return `${hit}; left: ${unsettled(bench.project).join()}`;
    };
    async function deployedOnce(name: string): Promise<void> {
      const { deployments, fees } = await chain.transactions(`${name}.aleo`);
      assert.equal(deployments, 1, "one deployment");
      assert.equal(balance - (await chain.balance(bench.account.address)), fees, "one fee");
      assert.equal((await propertiesOf(bench.project, `${name}.aleo`)).paidFee, fees.toString());
      assert.deepEqual(unsettled(bench.project), []);
    }

    test("is adopted where the run was killed meanwhile and the block came before the next", async () => {
      declare("crash_wait_a");
      const hit = await waitingKilled();
      await mine();
      succeeded(await upAfterKill(bench.project));
      await deployedOnce("crash_wait_a");
      return hit;
    });

    test("is waited for where the block comes during the next run", async () => {
      declare("crash_wait_b");
      const hit = await waitingKilled();
      const next = upAfterKill(bench.project);
      setTimeout(() => void mine(), 4_000);
      succeeded(await next);
      await deployedOnce("crash_wait_b");
      return hit;
    });

    test("is adopted where both the state and the journal are lost", async () => {
      declare("crash_wait_c");
      const hit = await waitingKilled();
      rmSync(journalOf(bench.project), { recursive: true });
      mkdirSync(journalOf(bench.project));
      await mine();
      succeeded(await upAfterKill(bench.project));
      await deployedOnce("crash_wait_c");
      return hit;
    });

    for (const [where, lose] of [
      ["on the same machine", () => undefined],
      [
        "on another machine",
        () => {
          rmSync(journalOf(bench.project), { recursive: true });
          mkdirSync(journalOf(bench.project));
        },
      ],
    ] as const) {
      test(`is kept in the state when the run's time is over, and finished later ${where}`, async () => {
        const name = where.includes("same") ? "crash_pending_same" : "crash_pending_other";
        declare(name);
        const first = await bench.project.up();
        assert.notEqual(first.code, 0);
        const [, sent = ""] = /Transaction (at1\w+) .*not seen in a block within 4 s/.exec(
          first.stdout + first.stderr,
        ) ?? [first.stdout];
        const { pendingTransaction } = await propertiesOf(bench.project, `${name}.aleo`);
        assert.equal((pendingTransaction as { id: string }).id, sent);

        lose();
        const second = await bench.project.up();
        assert.notEqual(second.code, 0);
        assert.match(second.stdout, new RegExp(`Transaction ${sent} .*It may still land`));

        lose();
        await mine();
        succeeded(await bench.project.up());
        await deployedOnce(name);
        const state = await propertiesOf(bench.project, `${name}.aleo`);
        assert.equal(state.transaction, sent);
        assert.equal(state.pendingTransaction, undefined);
        return undefined;
      });
    }

    test("is sent again, with the same bytes, where an upgrade got lost", async () => {
      const name = "crash_lost";
      const id = `${name}.aleo`;
      declare(name);
      await upWithBlocks();
      bench.project.write(declaring({ [id]: counter(name, "2u64") }));
      assert.notEqual((await bench.project.up()).code, 0);
      const pending = (await propertiesOf(bench.project, id)).pendingTransaction as { id: string };

      await manual.stop();
      await manual.restart();
      await createBlocks(manual.url, 12);
      await upWithBlocks();
      const state = await propertiesOf(bench.project, id);
      assert.equal(state.edition, 1);
      assert.equal(state.transaction, pending.id);
      const { deployments, fees } = await chain.transactions(id);
      assert.equal(deployments, 2);
      assert.equal(balance - (await chain.balance(bench.account.address)), fees);
      return `${pending.id} was sent again`;
    });
  });
});
