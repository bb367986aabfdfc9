import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { BackupMissingError, ForeignBackupError } from "../../aleo/backup/errors.ts";
import { loadSnapshot } from "../../aleo/backup/load-snapshot.ts";
import { openBackup } from "../../aleo/backup/read-backup.ts";
import type { Snapshot } from "../../aleo/snapshot/snapshot.ts";
import { snapshotByListing } from "../../aleo/snapshot/listing.ts";
import { pricingBuilder } from "../../aleo/transaction/builders.ts";
import { openStore } from "../../operations/backup/store/open-store.ts";
import { RestoreError } from "../../operations/restore/batch.ts";
import {
  batchesFor,
  planRestore,
  planText,
  priceOf,
  targetOf,
} from "../../operations/restore/plan.ts";
import { codeOf, restore, restoreText } from "../../operations/restore/run.ts";
import type { ListedBackup } from "../../operations/backup/list.ts";
import { admin, alice, bob, stranger } from "../contracts/accounts.ts";
import { registryCalls } from "../contracts/agent-registry.ts";
import { callsOf } from "../contracts/chain.ts";
import { executionHash, verifierCalls } from "../contracts/trust-verifier.ts";
import { liveChain } from "./live-chain.ts";

const oldRegistry = "agent_registry_v2.aleo";
const newRegistry = "agent_registry_v3.aleo";
const oldVerifier = "trust_verifier_v2.aleo";
const newVerifier = "trust_verifier_v3.aleo";
const registry = registryCalls(oldRegistry);
const verifier = verifierCalls(oldVerifier);
const restored = callsOf(newRegistry);
const agents = Array.from({ length: 9 }, (_, index) => `${index + 1}field`);

describe("A backup of programs on chain", function () {
  this.timeout(300_000);
  const chain = liveChain();
  const folder = () => join(chain.directory, "backups");
  const ids = new Map<string, string>();
  const idOf = (program: string) => ids.get(program) ?? "";

  before(async function () {
    this.timeout(300_000);
    for (const id of [oldRegistry, oldVerifier, newRegistry, newVerifier])
      await chain.deploy(admin, id);
    await chain.accepts(
      ...agents.map((id) => registry.register(alice, id, { stake: 3_000_000n, performance: id })),
      registry.verify(admin, "2field"),
      registry.request(alice, "1field", 150_000n),
      registry.request(alice, "2field", 250_000n),
      verifier.authorize(admin, bob),
      verifier.authorize(admin, alice),
      verifier.revoke(admin, alice),
      verifier.verify(bob, "5field", await executionHash("5field")),
    );
  });

  const opened = async (program: string) => {
    const bucket = await openStore(folder(), { network: "local", backups: undefined }, {});
    const manifest = await openBackup(bucket, { program, id: idOf(program) }, "local");
    return loadSnapshot(bucket, manifest);
  };
  const restoreInto = (to: string, snapshot: Snapshot, by = admin) =>
    restore(chain.payer(by), `backup ${idOf(snapshot.program)}`, snapshot, to, () => undefined);

  it("holds what the chain holds, from the command line, and by every source", async () => {
    for (const source of ["listing", "replay"]) {
      for (const program of [oldRegistry, oldVerifier]) {
        const args = [
          "backup",
          "--contract",
          program,
          "--to",
          folder(),
          "--source",
          source,
          "--json",
        ];
        const { code, stdout, stderr } = await chain.run(admin, args);
        assert.equal(code, 0, stderr);
        const [report] = JSON.parse(stdout) as { id: string; source: string }[];
        assert.equal(report?.source, source);
        ids.set(program, report.id);
        const onChain = await snapshotByListing(chain.node, program);
        assert.deepEqual((await opened(program)).mappings, onChain.mappings);
      }
    }
  });

  it("is incremental by replay: only the blocks since the last good one", async () => {
    await chain.accepts(registry.update(alice, "3field", "33field"));
    const args = [
      "backup",
      "--contract",
      oldRegistry,
      "--to",
      folder(),
      "--source",
      "replay",
      "--json",
    ];
    const { stdout } = await chain.run(admin, args);
    const [report] = JSON.parse(stdout) as { id: string; since: string }[];
    assert.equal(report?.since, idOf(oldRegistry));
    ids.set(oldRegistry, report.id);
    const onChain = await snapshotByListing(chain.node, oldRegistry);
    assert.deepEqual((await opened(oldRegistry)).mappings, onChain.mappings);
  });

  it("is listed, verified and pruned from the command line", async () => {
    const backups = (...args: string[]) =>
      chain.run(admin, ["backups", ...args, "--store", folder()]);
    const verified = await backups("verify", "--newest", "--read-data");
    assert.equal(verified.code, 0, verified.stderr);
    assert.match(verified.stdout, /2 backups in .* looked at, none damaged/);
    const { stdout } = await backups("list", "--json");
    const listed = JSON.parse(stdout) as ListedBackup[];
    assert.equal(listed.length, 5);
    assert.deepEqual(
      listed.flatMap(({ id, verifiedAt }) => (verifiedAt === null ? [] : [id])).sort(),
      [...ids.values()].sort(),
    );
    const pruned = await backups("prune", "--older-than", "0", "--keep", "1");
    assert.match(pruned.stdout, /3 backups in .* deleted, 0 can't be deleted, 2 kept/);
    assert.equal((await backups("verify", "20200101_0000")).code, 1);
    assert.equal((await backups("prune", "--keep", "0")).code, 2);
  });

  it("can be written into files", async () => {
    const to = join(chain.directory, "files");
    const args = [
      "restore",
      "--backup-id",
      idOf(oldRegistry),
      "--contract",
      oldRegistry,
      "--store",
      folder(),
    ];
    const { code, stderr } = await chain.run(admin, [...args, "--to-folder", to]);
    assert.equal(code, 0, stderr);
    const lines = readFileSync(join(to, "stakes.ndjson"), "utf8").trim().split("\n");
    assert.equal(lines.length, agents.length);
    assert.deepEqual(JSON.parse(lines[0] ?? ""), { key: "1field", value: "2850000u64" });
    const again = await chain.run(admin, [...args, "--to-folder", to]);
    assert.match(again.stderr, /is not empty/);
  });

  it("is planned with its cost before anything is sent", async () => {
    const snapshot = await opened(oldRegistry);
    const target = await targetOf(chain.node, newRegistry, snapshot);
    const { address } = stranger;
    const plan = await planRestore(
      chain.node,
      `backup ${idOf(oldRegistry)}`,
      snapshot,
      target,
      address,
    );
    const batches = batchesFor(target, snapshot);
    const fee = await priceOf(pricingBuilder(chain.node), target.callee, batches);
    assert.ok(fee > 4_000n);
    assert.deepEqual(plan.calls, { import_agents: 2, import_withdrawals: 1, import_fees_held: 1 });
    assert.equal(plan.owed, String(27_000_000n + 900_000n));
    assert.match(planText(plan, fee), /4 transactions, about 0\.0\d+ credits of fees/);
    assert.match(planText(plan, fee), /is not paused/);
    assert.match(planText(plan, fee), /is not the admin of/);
    assert.match(planText(plan, fee), /fund it with 27\.9 credits/);
  });

  it("is not imported into a program that runs, by another than its admin, or that can't take it", async () => {
    const snapshot = await opened(oldRegistry);
    const refused = (work: Promise<unknown>, reason: RegExp) =>
      assert.rejects(
        work,
        (error: unknown) => error instanceof RestoreError && reason.test(error.message),
      );
    await refused(restoreInto(newRegistry, snapshot), /is not paused/);
    await chain.accepts(restored(admin, "pause"));
    await refused(restoreInto(newRegistry, snapshot, bob), /is not the admin/);
    await refused(restoreInto(oldRegistry, snapshot), /no function that imports/);
    await refused(restoreInto(newVerifier, snapshot), /can't be restored into/);
    await refused(restoreInto("nowhere.aleo", snapshot), /is not on local/);
  });

  it("is imported by runs that are killed at every step, each batch once", async () => {
    const args = [
      ...["restore", "--backup-id", idOf(oldRegistry), "--contract", oldRegistry],
      ...["--to", newRegistry, "--store", folder(), "--json"],
    ];
    // The first transaction at each of its steps, then one while another is on its way.
    for (const step of [
      "rename:restore-4",
      "renamed:restore-4",
      "request:POST .*broadcast",
      "answer:POST .*broadcast",
      "request:GET .*transaction/confirmed",
      "rm:restore-4",
      "removed:restore-4",
      "renamed:restore-3",
    ]) {
      await chain.killAt(step, admin, args);
    }
    const { code, stdout, stderr } = await chain.run(admin, args);
    assert.equal(code, 0, stdout + stderr);
    for (const [name, count] of [
      ["import_agents", 2],
      ["import_withdrawals", 1],
      ["import_fees_held", 1],
    ] as const) {
      assert.equal(await chain.acceptedCalls(newRegistry, name), count, name);
    }
  });

  it("is in the program as it was, and sent again costs nothing", async () => {
    const snapshot = await opened(oldRegistry);
    const report = await restoreInto(newRegistry, snapshot);
    assert.deepEqual([report.sent, report.fee, report.differences], [0, "0", []]);
    assert.equal(codeOf(report), 0);
    assert.match(restoreText(report), /all as they were\n.*fund it with 27\.9 credits/);
    const now = await snapshotByListing(chain.node, newRegistry);
    for (const name of [
      "agents",
      "stakes",
      "performance",
      "withdrawals",
      "total_staked",
      "queue_tail",
    ]) {
      const entriesOf = (all: Snapshot) => all.mappings.find((one) => one.name === name)?.entries;
      assert.deepEqual(entriesOf(now), entriesOf(snapshot), name);
    }
  });

  it("replaces entries that were changed, and finds those that it can't take away", async () => {
    const snapshot = await opened(oldRegistry);
    const without = (id: string): Snapshot => ({
      ...snapshot,
      mappings: snapshot.mappings.map(({ name, entries }) => ({
        name,
        entries: entries.filter(([key]) => key !== id),
      })),
    });
    await assert.rejects(
      restoreInto(newRegistry, without("9field")),
      (error: unknown) =>
        error instanceof RestoreError &&
        error.message.includes("not empty") &&
        error.remedy.includes("new name"),
    );
    const changed: Snapshot = {
      ...snapshot,
      mappings: snapshot.mappings.map(({ name, entries }) => ({
        name,
        entries: entries.map(([key, value]) =>
          name === "stakes" && key === "9field"
            ? [key, "7000000u64"]
            : name === "total_staked"
              ? [key, "30600000u64"]
              : [key, value],
        ),
      })),
    };
    const report = await restoreInto(newRegistry, changed);
    assert.deepEqual([report.sent, report.differences], [1, []]);
    // What does not add up in the backup shows in the comparison.
    const wrong = await restoreInto(newRegistry, {
      ...changed,
      mappings: changed.mappings.map(({ name, entries }) =>
        name === "total_staked" ? { name, entries: [["0u8", "1u64"]] } : { name, entries },
      ),
    });
    assert.equal(codeOf(wrong), 3);
    assert.match(restoreText(wrong), /changed total_staked\[0u8\]/);
  });

  it("of the other program is imported as well", async () => {
    await chain.accepts(callsOf(newVerifier)(admin, "pause"));
    const report = await restoreInto(newVerifier, await opened(oldVerifier));
    assert.deepEqual([report.sent, report.compared, report.differences], [2, 4, []]);
  });

  it("that is not there, or another network's, is told apart", async () => {
    const bucket = await openStore(folder(), { network: "local", backups: undefined }, {});
    const name = { program: oldRegistry, id: "20200101_0000" };
    await assert.rejects(openBackup(bucket, name, "local"), BackupMissingError);
    await assert.rejects(
      openBackup(bucket, { program: oldRegistry, id: idOf(oldRegistry) }, "mainnet"),
      ForeignBackupError,
    );
    const args = [
      "restore",
      "--backup-id",
      "nonsense",
      "--contract",
      oldRegistry,
      "--to",
      newRegistry,
    ];
    const { code, stderr } = await chain.run(admin, [...args, "--store", folder()]);
    assert.equal(code, 1);
    assert.match(stderr, /is no id of a backup.*backups list/s);
  });
});
