import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import PQueue from "p-queue";
import { scratchDevnode } from "../support/devnode.ts";
import {
  nodeFaults,
  startFaultyNode,
  type Fault,
  type FaultyNode,
} from "../support/faulty-node.ts";
import { fundedAccounts, type FundedAccount } from "../support/funded-accounts.ts";
import { createPulumiProject, type PulumiProject } from "../support/pulumi-project.ts";
import { chainCount } from "./chain-count.ts";
import { counter } from "./program-sources.ts";
import { declaring } from "./stack-programs.ts";

/** A project that has deployed one program, and declares a further one, over a node with faults. */
interface Case {
  readonly project: PulumiProject;
  readonly node: FaultyNode;
  readonly account: FundedAccount;
  /** The further program's id. */
  readonly id: string;
}

/** What the node's answer is shown as. */
const reasons: Readonly<Record<keyof typeof nodeFaults, RegExp>> = {
  "a 500": /HTTP 500, storage is busy/,
  "a 503 with Retry-After": /HTTP 503/,
  "a 429": /HTTP 429, Too Many Requests/,
  "half a body": /half an answer: the connection was cut/,
  "a cut connection": /the connection was cut/,
  "wrong JSON": /where JSON belongs/,
  nothing: /no answer within 10 s/,
  "an answer without end": /the answer is too large/,
};

describe("a node that does not answer as it should", function () {
  this.timeout(300_000);
  const devnode = scratchDevnode();
  const chain = chainCount(() => devnode.url);
  const base = { "faults_base.aleo": counter("faults_base", "1u64") };
  const open: { dispose(): void | Promise<void> }[] = [];
  let accounts: readonly FundedAccount[];
  let state: string;

  before(async () => {
    accounts = await fundedAccounts();
    const project = await createPulumiProject({
      program: declaring(base),
      config: { network: "local", endpoints: JSON.stringify([devnode.url]), maxFee: "100000000" },
      env: { ALEO_PRIVATE_KEY: accounts[0]?.privateKey },
    });
    open.push(project);
    const { code, stdout, stderr } = await project.up();
    assert.equal(code, 0, stdout + stderr);
    state = JSON.stringify(await project.exportState());
  });
  after(async () => {
    await Promise.allSettled(results.values());
    for (const one of open) await one.dispose();
  });

  async function createCase(number: number): Promise<Case> {
    const node = await startFaultyNode(devnode.url);
    open.push({ dispose: () => node.close() });
    const account = accounts[number + 1] ?? assert.fail("too few accounts");
    const name = `faults_further_${number}`;
    const project = await createPulumiProject({
      program: declaring({ ...base, [`${name}.aleo`]: counter(name, "1u64") }),
      config: {
        network: "local",
        endpoints: JSON.stringify([node.url]),
        maxFee: "100000000",
        confirmationTimeoutSeconds: "5",
      },
      env: { ALEO_PRIVATE_KEY: account.privateKey },
    });
    open.push(project);
    writeFileSync(join(project.directory, "state.json"), state);
    const imported = await project.pulumi(["stack", "import", "--file", "state.json"]);
    assert.equal(imported.code, 0, imported.stderr);
    return { project, node, account, id: `${name}.aleo` };
  }

  /** What the state holds of programs, without when. */
  async function resourcesOf(project: PulumiProject): Promise<unknown> {
    const resources = (await project.exportState()).deployment.resources ?? [];
    const programs = resources.filter(({ type }) => type.endsWith(":AleoProgram"));
    assert.equal(programs.length, 1);
    return programs.map(({ urn, id, inputs, outputs }) => ({ urn, id, inputs, outputs }));
  }

  /** `up` fails, says why, and leaves everything as it was. */
  async function failsCleanly(
    { project, node, account, id }: Case,
    reason: RegExp,
  ): Promise<string> {
    const before = {
      state: await resourcesOf(project),
      balance: await chain.balance(account.address),
    };
    const { code, stdout, stderr } = await project.up();
    const output = stdout + stderr;
    assert.notEqual(code, 0, output);
    assert.ok(output.includes(node.url), output);
    assert.match(output, reason);
    const after = {
      state: await resourcesOf(project),
      balance: await chain.balance(account.address),
    };
    assert.deepEqual(after, before);
    assert.equal((await chain.transactions(id)).deployments, 0);
    return output;
  }

  async function succeeds({ project, account, id }: Case, balance: bigint): Promise<void> {
    const { code, stdout, stderr } = await project.up();
    assert.equal(code, 0, stdout + stderr);
    await paidOnce({ account, id }, balance);
  }

  async function paidOnce({ account, id }: Pick<Case, "account" | "id">, balance: bigint) {
    const { deployments, fees } = await chain.transactions(id);
    assert.equal(deployments, 1, "one deployment");
    assert.equal(balance - (await chain.balance(account.address)), fees, "one fee");
  }

  const broadcast = /transaction\/broadcast/;
  const cases: Record<string, (one: Case) => Promise<void>> = {};

  for (const [name, fault] of Object.entries(nodeFaults)) {
    cases[`fails an \`up\` with a clear error where it answers with ${name} all the time`] = async (
      one,
    ) => {
      one.node.add({ path: /./, fault });
      const output = await failsCleanly(one, reasons[name] ?? assert.fail(name));
      if (name !== "an answer without end")
        assert.ok(one.node.requests.length > 1, "it is retried");
      if (/^a (500|503|cut)|nothing/.test(name)) assert.match(output, /within 20 s/);
    };
  }

  cases["does not fail an `up` where each fault passes"] = async (one) => {
    const passing = Object.entries(nodeFaults).filter(([name]) => name !== "an answer without end");
    for (const [, fault] of passing) one.node.add({ path: /program/, fault, times: 1 });
    one.node.add({ path: /stateRoot/, fault: { kind: "answer", status: 503 }, times: 3 });
    one.node.add({ path: /confirmed/, fault: { kind: "half-body" }, times: 2 });
    await succeeds(one, await chain.balance(one.account.address));
    assert.ok(one.node.requests.filter(({ faulted }) => faulted).length >= passing.length + 5);
  };

  cases["fails an `up` with a clear error where it stops while a transaction is built"] = async (
    one,
  ) => {
    one.node.add({ path: /stateRoot/, fault: { kind: "answer", status: 503 } });
    await failsCleanly(one, /No node answered GET \/stateRoot\/latest within 20 s: .*HTTP 503/);
    assert.equal(one.node.count(broadcast), 0);
  };

  const afterArrival: Readonly<Record<string, Fault>> = {
    "the connection is cut": { kind: "cut" },
    "it answers 500": { kind: "answer", status: 500, body: "storage is busy" },
  };
  for (const [what, fault] of Object.entries(afterArrival)) {
    cases[`has a program deployed once where ${what} after it took the broadcast`] = async (
      one,
    ) => {
      one.node.add({ path: broadcast, fault, reachesNode: true });
      await succeeds(one, await chain.balance(one.account.address));
      assert.equal(one.node.count(broadcast), 1);
    };
  }

  cases["has a program deployed once where the broadcast did not arrive"] = async (one) => {
    const balance = await chain.balance(one.account.address);
    one.node.add({ path: broadcast, fault: { kind: "cut" }, times: 1 });
    const { code, stdout, stderr } = await one.project.up();
    assert.notEqual(code, 0, stdout + stderr);
    assert.match(
      stdout,
      /Transaction at1\w+ .* not seen in a block within 5 s\. It may still land/,
    );
    await succeeds(one, balance);
    assert.equal(one.node.count(broadcast), 2);
  };

  // Most of a case is waiting: for a node that answers wrongly for 20 s.
  const results = new Map<string, Promise<void>>();
  before(() => {
    const queue = new PQueue({ concurrency: 7 });
    Object.entries(cases).forEach(([name, run], number) => {
      const result = queue.add(async () => run(await createCase(number)));
      result.catch(() => undefined);
      results.set(name, result);
    });
  });

  for (const name of Object.keys(cases)) {
    it(name, () => results.get(name));
  }
});
