import assert from "node:assert/strict";
import { join } from "node:path";
import { AleoError } from "../../aleo/errors.ts";
import { snapshotByListing } from "../../aleo/snapshot/listing.ts";
import type { Snapshot } from "../../aleo/snapshot/snapshot.ts";
import type { MigrationPair } from "../../operations/migrate/pair.ts";
import { agentRegistryPair } from "../../operations/migrate/pairs/agent-registry.ts";
import { trustVerifierPair } from "../../operations/migrate/pairs/trust-verifier.ts";
import { MigrationError, pairOf } from "../../operations/migrate/pairs.ts";
import { type MigrationPlan, planText } from "../../operations/migrate/plan.ts";
import {
  codeOf,
  migrate,
  migrationText,
  type MigrationReport,
} from "../../operations/migrate/run.ts";
import { checkMappings, translate } from "../../operations/migrate/translate.ts";
import { compiledProgram } from "../../contracts/compiled-program.ts";
import { type Account, admin, alice, bob } from "../contracts/accounts.ts";
import { queueOf, registryCalls } from "../contracts/agent-registry.ts";
import { callsOf, Chain } from "../contracts/chain.ts";
import { executionHash, verifierCalls } from "../contracts/trust-verifier.ts";
import { pausable } from "../dynamic-providers/program-sources.ts";
import { liveChain } from "./live-chain.ts";

const oldRegistry = "agent_registry_v2.aleo";
const newRegistry = "agent_registry_v3.aleo";
const oldVerifier = "trust_verifier_v2.aleo";
const newVerifier = "trust_verifier_v3.aleo";
const registryPair = agentRegistryPair(oldRegistry, newRegistry);
const verifierPair = trustVerifierPair(oldVerifier, newVerifier);
const registry = registryCalls(oldRegistry);
const verifier = verifierCalls(oldVerifier);
const next = callsOf(newRegistry);
const agents = Array.from({ length: 9 }, (_, index) => `${index + 1}field`);

const failsWith = (reason: RegExp) => (error: unknown) =>
  error instanceof AleoError && reason.test(`${error.message} ${error.remedy}`);

describe("A migration", function () {
  this.timeout(300_000);
  const chain = liveChain();

  before(async function () {
    this.timeout(300_000);
    for (const id of [oldRegistry, oldVerifier, newRegistry, newVerifier]) {
      await chain.deploy(admin, id);
    }
    await chain.deploy(admin, "pausing_v2.aleo", pausable("pausing_v2"));
    await chain.accepts(
      ...agents.map((id) => registry.register(alice, id, { stake: 3_000_000n, performance: id })),
      registry.request(alice, "1field", 150_000n),
      verifier.authorize(admin, bob),
      verifier.verify(bob, "5field", await executionHash("5field")),
    );
  });

  const run = (
    pair: MigrationPair,
    by: Account = admin,
    show: (text: string) => void = () => undefined,
  ) =>
    migrate(
      chain.payer(by),
      pair,
      { verify: true, stateDirectory: join(chain.directory, ".state") },
      show,
    );
  const command = (...args: string[]) =>
    chain.run(admin, ["migrate", "--from", oldRegistry, "--to", newRegistry, ...args]);
  const carried = async (program: string) => {
    const { mappings } = await snapshotByListing(chain.node, program);
    return new Map(
      mappings
        .filter(({ name }) => !["admin", "offered_admin", "paused"].includes(name))
        .map(({ name, entries }) => [
          name,
          entries.filter(([, value]) => value !== "0u64").map((entry) => entry.join(" ")),
        ]),
    );
  };

  /** Accepted imports, in the order of the chain. */
  const importsInto = async (program: string) => {
    const blocks = await chain.node.blocks(0, (await chain.node.latestHeight()) + 1);
    return blocks
      .flatMap(({ transactions }) => transactions)
      .filter(({ status }) => status === "accepted")
      .flatMap(({ transaction }) => {
        const call = new RegExp(`"program":"${program}","function":"(import_\\w+)"`);
        return call.exec(JSON.stringify(transaction.execution ?? {}))?.[1] ?? [];
      });
  };

  it("is refused for a pair that nobody declared, itself, and a program that is not there", async () => {
    for (const [from, to, reason] of [
      [oldRegistry, oldRegistry, /to itself/],
      [oldRegistry, newVerifier, /not declared.*name_v2\.aleo becomes name_v3\.aleo/],
      [newRegistry, oldRegistry, /not declared/],
      [oldRegistry, "agent_registry_v9.aleo", /not on local.*deploy it first/],
      ["credits.aleo", "credits_v2.aleo", /not on local/],
      ["pausing_v1.aleo", "pausing_v2.aleo", /no function that takes entries in/],
    ] as const) {
      await assert.rejects(pairOf(chain.node, from, to), failsWith(reason));
    }
    const missing = { ...registryPair, to: "agent_registry_v9.aleo" };
    await assert.rejects(run(missing), failsWith(/not on local.*Deploy it first/s));
    const { code, stderr } = await chain.run(admin, ["migrate", "--from", oldRegistry]);
    assert.equal(code, 2, stderr);
  });

  it("is planned with what it costs, and why it can't begin", async () => {
    const { code, stdout } = await command("--dry-run", "--json");
    assert.equal(code, 1);
    const plan = JSON.parse(stdout) as MigrationPlan & { fee: string };
    assert.deepEqual(plan.calls, { import_agents: 2, import_withdrawals: 1, import_fees_held: 1 });
    assert.deepEqual(plan.mappings.agents, { entries: 9, missing: 9 });
    assert.ok(Number(plan.fee) > 4_000);
    assert.equal(plan.funds.owed, String(27_000_000 + 900_000));
    assert.equal(plan.funds.heldByOld, plan.funds.owed);
    assert.match(plan.obstacles.map(({ what }) => what).join(), /is not paused/);
    const text = planText(plan, BigInt(plan.fee));
    assert.match(text, /4 transactions, about 0\.0\d+ credits/);
    assert.match(text, /agents: 9 entries, 9 to carry over/);
    assert.match(text, /fund it with 27\.9 credits before it is unpaused/);
    assert.match(text, /agent_registry_v2\.aleo goes on taking calls/);
    assert.match(text, /✖ .*is not paused/);
  });

  it("is refused where the new program runs, or another than its admin asks", async () => {
    await assert.rejects(run(registryPair), failsWith(/is not paused.*aleo-ops pause/));
    await chain.accepts(next(admin, "pause"));
    await assert.rejects(run(registryPair, bob), failsWith(/is not the admin/));
    assert.equal(await chain.acceptedCalls(newRegistry, "import_agents"), 0);
  });

  it("goes on after each kill, sends nothing twice, and says what is the same in the end", async () => {
    const args = ["migrate", "--from", oldRegistry, "--to", newRegistry];
    for (const step of [
      "request:POST .*broadcast",
      "answer:POST .*broadcast",
      "renamed:restore",
      "rm:restore",
      "removed:restore",
    ]) {
      await chain.killAt(step, admin, args);
    }
    const { code, stdout, stderr } = await command("--verify", "--json");
    assert.equal(code, 0, stderr);
    const report = JSON.parse(stdout) as MigrationReport;
    assert.equal(report.comparison?.compared, 9 * 3 + 1 + 5);
    assert.deepEqual(report.comparison.differences, []);
    assert.ok(report.verified);
    assert.deepEqual(await carried(newRegistry), await carried(oldRegistry));
    const imports = await importsInto(newRegistry);
    // The queue comes last, when the old program has come to rest; the others may be on their way at once.
    assert.equal(imports.pop(), "import_withdrawals");
    assert.deepEqual(imports.toSorted(), ["import_agents", "import_agents", "import_fees_held"]);
    const again = await run(registryPair);
    assert.deepEqual([again.sent, again.fee, again.changedSince?.entries], [0, "0", 0]);
    assert.equal(codeOf({ ...again, problem: "one" }), 4);
    const change = { kind: "removed", mapping: "stakes", key: "1field", before: "5u64" } as const;
    const wrong = { ...again, comparison: { compared: 1, differences: [change], wrongTotals: [] } };
    assert.equal(codeOf(wrong), 3);
    assert.match(migrationText(wrong), /✖ .*removed stakes\[1field\]\n.*find out who writes/s);
  });

  it("carries over what the old program has changed since", async () => {
    await chain.accepts(
      registry.register(bob, "20field", { stake: 4_000_000n }),
      registry.update(alice, "3field", "33field"),
      registry.request(alice, "2field", 200_000n),
    );
    const { code, stdout } = await command("--verify");
    assert.equal(code, 0);
    assert.match(stdout, /✔ agent_registry_v3\.aleo holds the state of agent_registry_v2\.aleo/);
    assert.match(stdout, /agents: 1 carried over, 9 there already/);
    assert.match(stdout, /10 entries of .* had changed since height \d+/);
    assert.match(stdout, /compared, all the same, and the totals add up/);
    assert.deepEqual(await carried(newRegistry), await carried(oldRegistry));
  });

  it("carries over what changes while it is at work, the queue of withdrawals last", async () => {
    await chain.accepts(registry.update(alice, "4field", "44field"));
    const waiting: Promise<void>[] = [];
    let queueAtFirst: string | undefined;
    const report = await run(registryPair, admin, (text) => {
      if (!text.includes("comparing every entry") || waiting.length > 0) return undefined;
      waiting.push(
        chain.accepts(registry.request(alice, "5field", 300_000n)).then(async () => {
          queueAtFirst = await chain.node.mappingValue(newRegistry, "queue_tail", "0u8");
        }),
      );
      return undefined;
    });
    await Promise.all(waiting);
    // What came too late for this run is carried over by the next one.
    const last = await run(registryPair);
    assert.ok(report.passes >= 2);
    assert.notEqual(queueAtFirst, undefined);
    assert.equal(codeOf(last), 0);
    assert.deepEqual(await carried(newRegistry), await carried(oldRegistry));
  });

  it("of the other pair goes the same way", async () => {
    await chain.accepts(callsOf(newVerifier)(admin, "pause"));
    const report = await run(verifierPair);
    assert.deepEqual([report.sent, codeOf(report)], [2, 0]);
    assert.deepEqual(await carried(newVerifier), await carried(oldVerifier));
  });

  it("stops where the old program has paid what the new one would pay again", async () => {
    const { first, waiting } = await queueOf(new Chain(() => chain.url), oldRegistry);
    await chain.accepts(registry.process(bob, first, waiting.slice(0, 1)));
    await assert.rejects(
      run(registryPair),
      failsWith(/has paid the withdrawals 0, .* would pay again.*Do not unpause/s),
    );
    assert.equal((await command("--dry-run")).code, 1);
  });
});

describe("What a migration makes of a state", () => {
  const source = compiledProgram(oldVerifier);
  const snapshot: Snapshot = {
    network: "local",
    program: oldVerifier,
    edition: 0,
    checksum: "",
    programSource: source,
    owner: undefined,
    height: 5,
    blockHash: "ab1",
    stateRoot: undefined,
    blockTimeMs: 0,
    source: "replay",
    verification: { kind: "operation-ids", fromHeight: 1, toHeight: 5, operations: 1 },
    mappings: [
      { name: "proof_count", entries: [["0u8", "2u64"]] },
      {
        name: "verifiers",
        entries: [
          ["aleo1a", "true"],
          ["aleo1b", "false"],
        ],
      },
    ],
  };
  const pair: MigrationPair = verifierPair;

  it("is the same where there is no rule, and follows the rules where there are", () => {
    assert.deepEqual(translate(pair, snapshot).snapshot, snapshot);
    const { snapshot: made, skipped } = translate(
      {
        ...pair,
        rules: {
          verifiers: (key, value) => (value === "true" ? [`${key}2`, value] : undefined),
        },
        left: { proof_count: "it is counted anew" },
      },
      snapshot,
    );
    assert.deepEqual(made.mappings, [{ name: "verifiers", entries: [["aleo1a2", "true"]] }]);
    assert.deepEqual(skipped, [{ mapping: "verifiers", key: "aleo1b" }]);
    assert.throws(
      () => translate({ ...pair, rules: { verifiers: () => ["same", "true"] } }, snapshot),
      failsWith(/Two entries .* become the one of key same/),
    );
  });

  it("loses no mapping, and takes none for another", () => {
    const to = compiledProgram(newVerifier);
    const all = ["proofs", "verifiers", "proof_count"];
    checkMappings(pair, { from: source, to }, all);
    const sources = { from: source, to: to.replace("recorded_at as u32", "recorded_at as u64") };
    assert.throws(
      () => {
        checkMappings(pair, sources, all);
      },
      failsWith(/proofs is .*recorded_at: u32.*and .*recorded_at: u64/),
    );
    assert.throws(
      () => {
        checkMappings(pair, { from: source, to }, all.slice(1));
      },
      (error: unknown) =>
        error instanceof MigrationError && error.message.includes("Nothing carries"),
    );
    const left = { ...pair.left, proofs: "not needed" };
    checkMappings({ ...pair, left }, { from: source, to }, all.slice(1));
    const more = to.replace(
      "mapping paused:",
      "mapping more:\n    key as u8.public;\n    value as u8.public;\n\nmapping paused:",
    );
    assert.throws(
      () => {
        checkMappings(pair, { from: source, to: more }, all);
      },
      failsWith(/has a mapping more that .* has not: it would be empty/),
    );
  });
});
