import assert from "node:assert/strict";
import { glob } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { connect } from "../../aleo/node/client.ts";
import { nodeLibrary, type ProgramLibrary } from "../../aleo/replay/library.ts";
import {
  activity,
  activityText,
  type ActiveTransaction,
  watchActivity,
} from "../../operations/look/activity.ts";
import { failures, failuresText } from "../../operations/look/failures.ts";
import { fees, feesText } from "../../operations/look/fees.ts";
import { programStatus } from "../../operations/look/program.ts";
import { explainAll } from "../../operations/look/rejections.ts";
import { replayStart } from "../../operations/look/replay-base.ts";
import { transactionStatus, transactionText } from "../../operations/look/transaction.ts";
import { admin, alice, bob, stranger } from "../contracts/accounts.ts";
import { registryCalls } from "../contracts/agent-registry.ts";
import { scratchChain } from "../contracts/chain.ts";
import { openMonitor, type MonitorUnderTest } from "../monitor/support/monitor.ts";
import { startFaultyNode } from "../support/faulty-node.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const program = "agent_registry_v3.aleo";
const hourMs = 3_600_000;

describe("aleo-ops looks closer", function () {
  this.timeout(120_000);
  const chain = scratchChain(admin, program);
  const scratch = temporaryDirectory("look-closer");
  const { register, verify, request } = registryCalls(program);
  const settings = {
    ...{ network: "local" as const, programs: [{ program }] },
    ...{ priorityFee: 0n, defaultFee: 70_000n, maxFee: 100_000_000n, backups: undefined },
  };
  const onChain = { network: "local" as const, connect: () => Promise.resolve(chain.node) };
  /** Without a monitor's database. */
  const alone = { MONITOR_DATABASE: join(scratch.path, "none.sqlite") };
  let monitor: MonitorUnderTest | undefined;

  before(async () => {
    await chain.accepts(register(alice, "1field", { stake: 5_000_000n }));
    await chain.accepts(
      ...Array.from({ length: 11 }, (_, at) => register(alice, `${10 + at}field`)),
    );
    await chain.accepts(register(bob, "99field", { stake: 50_000_000n }));
    await chain.rejects(verify(stranger, "1field"), register(bob, "1field"));
    await chain.rejects(request(alice, "1field", 9_000_000n), verify(stranger, "1field"));
  });
  after(async () => {
    await monitor?.close();
    scratch.remove();
  });

  it("activity: counts by function, and marks what is unusual", async () => {
    const found = await activity(onChain, alone, program, hourMs);
    const of = (name: string) => found.functions.find((one) => one.function === name);
    assert.deepEqual(
      [
        of("register_agent")?.accepted,
        of("register_agent")?.rejected,
        of("verify_agent")?.rejected,
      ],
      [13, 1, 2],
    );
    assert.equal(of("deploy")?.accepted, 1);
    const large = found.transactions.filter(({ marks }) => marks.includes("large amount"));
    assert.deepEqual(
      large.map(({ payer, creditsIn }) => [payer, creditsIn]),
      [[bob.address, 50_100_000]],
    );
    assert.match(
      activityText(found),
      /of the node, up to block \d+ \(there is no monitor's database\)/,
    );
    assert.equal(found.gap, null);
  });

  it("activity: is the same from the monitor's database, which knows who is new", async () => {
    const rules =
      "rules:\n  many:\n    kind: failure-rate\n    severity: low\n    minimumCount: 5\n";
    monitor = await openMonitor({ endpoints: chain.node.endpoints, programs: [program], rules });
    await monitor.monitor.poll();
    const env = { MONITOR_DATABASE: monitor.database, MONITOR_RULES: join(monitor.database, "..") };
    const [known, read] = await Promise.all([
      activity(onChain, env, program, hourMs),
      activity(onChain, alone, program, hourMs),
    ]);
    assert.deepEqual(known.functions, read.functions);
    assert.deepEqual(
      known.transactions.map(({ id }) => id),
      read.transactions.map(({ id }) => id),
    );
    const fresh = known.transactions.filter(({ marks }) => marks.includes("new caller"));
    assert.deepEqual(
      new Set(fresh.map(({ payer }) => payer)),
      new Set([admin, alice, bob, stranger].map(({ address }) => address)),
    );
    assert.deepEqual(
      known.findings.map(({ rule }) => rule),
      ["many"],
    );
  });

  it("activity: names what was aborted, where a node told the monitor", async () => {
    assert.ok(monitor);
    const { store } = monitor.monitor;
    const block = {
      height: 1,
      time: Date.now() - 1_000,
      watched: [],
      aborted: ["at1gone", "at1dark"],
    };
    store.chain.details.add({ ...block, hash: "", previousHash: "", transactions: 0 });
    store.chain.details.tellAborted("at1gone", [
      { program, function: "fund", payer: undefined },
      { program: "other.aleo", function: "main", payer: undefined },
    ]);
    const env = { MONITOR_DATABASE: monitor.database, MONITOR_RULES: join(monitor.database, "..") };
    const found = await activity(onChain, env, program, hourMs);
    assert.deepEqual(found.aborted, [{ id: "at1gone", function: "fund" }]);
    assert.match(activityText(found), /! fund was aborted, and nothing was paid: at1gone/);
  });

  it("activity --watch: tells of each transaction as its block comes, and ends when told to", async () => {
    const seen: ActiveTransaction[] = [];
    const ended = new AbortController();
    const watching = watchActivity(chain.node, "aleo1none", program, ended.signal, {
      tell: (transactions) => {
        seen.push(...transactions);
        ended.abort();
      },
      failed: (error) => {
        throw error;
      },
    });
    await new Promise((resolve) => setTimeout(resolve, 500));
    await chain.accepts(register(bob, "500field"));
    await watching;
    assert.deepEqual(
      seen.map(({ function: name, status, payer }) => [name, status, payer]),
      [["register_agent", "accepted", bob.address]],
    );
  });

  it("failures: says by function and statement whose they were, what was lost, and why", async () => {
    const found = await failures(settings, chain.node, alone, [program], hourMs);
    assert.equal(found.rejected, 4);
    assert.deepEqual(found.gaps, []);
    const [first, ...others] = found.failures;
    assert.ok(first?.stoppedAt);
    assert.deepEqual(
      [first.function, first.count, first.cause, first.callers],
      ["verify_agent", 2, "the caller is not the admin", [{ address: stranger.address, count: 2 }]],
    );
    assert.deepEqual(first.stoppedAt.operands, [stranger.address, admin.address]);
    assert.deepEqual(
      new Set(others.map(({ cause }) => cause)),
      new Set([
        "there is an agent with this id already",
        "it asks for more than the agent's stake",
      ]),
    );
    const lost = found.failures.reduce((sum, { feesLost }) => sum + BigInt(feesLost), 0n);
    assert.equal(found.feesLost, lost.toString());
    assert.match(
      failuresText(found),
      /4 of \d+ transactions were rejected; .* spent for nothing\./,
    );
  });

  it("transaction: tells an accepted one from a rejected one, by either of its ids", async () => {
    const { transactions } = await activity(onChain, alone, program, hourMs);
    const accepted = transactions.find(({ status }) => status === "accepted");
    const rejected = transactions.findLast((one) => one.function === "request_withdrawal");
    assert.ok(accepted && rejected);
    assert.equal(
      (await transactionStatus(settings, chain.node, alone, accepted.id)).status,
      "accepted",
    );
    const found = await transactionStatus(settings, chain.node, alone, rejected.id);
    assert.equal(found.rejection?.cause, "it asks for more than the agent's stake");
    assert.deepEqual(found.rejection.stoppedAt?.operands, ["5000000u64", "9000000u64"]);
    assert.notEqual(found.id, rejected.id);
    assert.deepEqual(await transactionStatus(settings, chain.node, alone, found.id), found);
    assert.match(
      transactionText(found),
      /REJECTED\n.*request_withdrawal\n[^]*spent all the same[^]*What to do: Ask/,
    );
  });

  it("transaction: says of one that is nowhere, and of what is no id, what to do", async () => {
    const status = (id: string) => transactionStatus(settings, chain.node, alone, id);
    await assert.rejects(status("at1short"), /is no id of a transaction/);
    await assert.rejects(status(`at1${"q".repeat(58)}`), /its checksum is wrong/);
    const elsewhere = "at1aud09yuy89threhr4xsqanw03tqxlsyjmv0tgafawwhcmanzqgyqstd8qa";
    await assert.rejects(status(elsewhere), /is in no block of local/);
  });

  it("fees: knows what calls cost from calls, else from the SDK, and deployments from the SDK", async () => {
    const environment = { ...alone, XDG_CACHE_HOME: scratch.path };
    const found = await fees(settings, chain.node, environment, [program]);
    assert.equal(found.defaultFee, settings.defaultFee.toString());
    const [one] = found.programs;
    assert.ok(one);
    assert.ok(one.canBeUpgraded);
    const paid = (
      await chain.node.confirmedTransaction(
        (await chain.node.program(program))?.transactionId ?? "",
      )
    )?.fee;
    assert.equal(one.deployment, paid?.toString());
    const called = one.functions.find((fee) => fee.function === "register_agent");
    assert.ok(called !== undefined && called.calls >= 14 && Number(called.usual) > 0);
    const uncalled = one.functions.find((fee) => fee.function === "accept_admin");
    assert.equal(called.estimate, null);
    assert.deepEqual([uncalled?.calls, uncalled?.usual, uncalled?.estimate], [0, null, "2280"]);
    const kept = await Array.fromAsync(
      glob("aleo-ops/fees/local/v*/calls/*.json", { cwd: scratch.path }),
    );
    assert.equal(kept.length, one.functions.filter(({ calls }) => calls === 0).length);
    assert.match(feesText(found), /accept_admin +about 0\.00228 credits +no call lately/);
  });

  it("program: says how many blocks ago one was accepted that the node does not serve yet", async () => {
    const proxy = await startFaultyNode(chain.node.endpoints[0] ?? "");
    const node = connect({ network: "local", endpoints: [proxy.url] });
    try {
      const fault = {
        kind: "answer",
        status: 404,
        body: `Missing program for ID ${program}`,
      } as const;
      proxy.add({ path: /^\/[^?]*\/program\/agent_registry_v3\.aleo/, fault });
      await assert.rejects(
        programStatus(settings, node, program),
        /was accepted \d+ blocks ago on local, and the node does not serve it yet/,
      );
    } finally {
      await node.close();
      await proxy.close();
    }
  });

  it("failures: begin with a backup where the history is long, and find the same", async () => {
    const env = { ...alone, BACKUP_STORE: join(scratch.path, "backups") };
    const made = await execa(
      process.execPath,
      ["operations/cli.ts", "backup", "--contract", program, "--json"],
      { env: { ...env, ALEO_NODE_URL: chain.node.endpoints.join(",") } },
    );
    const height = await chain.node.latestHeight();
    assert.match(made.stdout, new RegExp(`"height": ${height}`));
    await chain.rejects(request(alice, "1field", 7_000_000n));
    const library = nodeLibrary(chain.node);
    const old: ProgramLibrary = {
      ...library,
      // As if it had been deployed long ago.
      history: async (id) =>
        (await library.history(id)).map((edition) => ({ ...edition, deployedAt: -6_000 })),
    };
    const sources = { settings, environment: env, node: chain.node };
    const last = height + 1;
    assert.equal(
      (await replayStart({ ...sources, library: old }, program, last))?.from,
      height,
      "the backup's height",
    );
    const whole = await explainAll({ ...sources, library }, program, { first: last, last });
    const short = await explainAll({ ...sources, library: old }, program, { first: last, last });
    assert.deepEqual([short.gap, short.byId.size], [undefined, 1]);
    for (const [id, found] of short.byId) {
      assert.deepEqual(whole.byId.get(id), found);
      assert.deepEqual(found.stoppedAt?.operands, ["5000000u64", "7000000u64"]);
    }
  });
});
