import assert from "node:assert/strict";
import { createBlocks } from "../support/create-blocks.ts";
import { type FaultyNode, startFaultyNode } from "../support/faulty-node.ts";
import { admin, alice, bob } from "../contracts/accounts.ts";
import { minimumFee, minimumStake, registryCalls } from "../contracts/agent-registry.ts";
import { callsOf, scratchChain } from "../contracts/chain.ts";
import { type MonitorUnderTest, openMonitor } from "./support/monitor.ts";

const program = "agent_registry_v3.aleo";
const rules = JSON.stringify({ rules: { quiet: { kind: "paused", severity: "low" } } });

describe("What the monitor keeps of transactions", function () {
  this.timeout(120_000);
  const chain = scratchChain(admin, program);
  const { register, verify } = registryCalls(program);
  let proxy: FaultyNode;
  let watch: MonitorUnderTest;

  const details = () => watch.monitor.store.chain.details;
  const always = { from: -1, to: Number.MAX_SAFE_INTEGER };

  before(async () => {
    proxy = await startFaultyNode(chain.node.endpoints[0] ?? "");
    await chain.accepts(register(alice, "1field"));
    await chain.accepts(callsOf("credits.aleo")(bob, "transfer_public", alice.address, "5u64"));
    watch = await openMonitor({ endpoints: [proxy.url], programs: [program], rules });
    await watch.firing();
    // Names of mappings are looked for once their ids are known.
    await watch.firing();
  });
  after(async () => {
    await watch.close();
    await proxy.close();
  });
  const idOf = (name: string): string => {
    const row = watch.monitor.store.database.get(
      "SELECT id FROM transactions WHERE function = :name ORDER BY height DESC",
      { name },
    );
    return String(row?.id);
  };

  it("which entries each changed, by the names of their mappings", () => {
    const changes = details().changes(idOf("register_agent"));
    const names = changes.map(({ program: of, mapping }) => `${String(of)}/${String(mapping)}`);
    assert.deepEqual(names.toSorted(), [
      `${program}/agents`,
      `${program}/fees_held`,
      `${program}/performance`,
      `${program}/stakes`,
      `${program}/total_staked`,
      ...Array<string>(3).fill("credits.aleo/account"),
    ]);
    assert.ok(changes.every(({ keyId, isRemoved }) => /^\d+field$/.test(keyId) && !isRemoved));
  });

  it("how often each mapping was changed", () => {
    const [most] = details().changedMappings(always);
    assert.equal(most?.mapping, "account");
    const fees = details()
      .changedMappings(always)
      .find(({ mapping }) => mapping === "fees_held");
    assert.deepEqual([fees?.set, fees?.removed, fees?.entries], [1, 0, 1]);
  });

  it("the ids of entries as the block has them", async () => {
    const id = idOf("register_agent");
    const block = await chain.node.block((await chain.node.blockOfTransaction(id)) ?? 0);
    const finalize = block?.transactions[0]?.finalize as { mapping_id: string; key_id: string }[];
    assert.deepEqual(
      details()
        .changes(id)
        .map(({ mappingId, keyId }) => [mappingId, keyId]),
      finalize.map((operation) => [operation.mapping_id, operation.key_id]),
    );
  });

  it("who gave credits to the program, and how many", () => {
    const [stake] = details().movements(program, 10);
    assert.deepEqual(
      [stake?.direction, stake?.other, stake?.microcredits],
      ["in", alice.address, Number(minimumStake + minimumFee)],
    );
  });

  it("each edition that was deployed, with its owner", async () => {
    assert.equal(await chain.deploy(admin, program), "accepted");
    await watch.firing();
    assert.deepEqual(
      details()
        .deployments(program)
        .map(({ edition, owner, isAmendment, status }) => [edition, owner, isAmendment, status]),
      [
        [1, admin.address, false, "accepted"],
        [0, admin.address, false, "accepted"],
      ],
    );
  });

  it("the aborted ones, with what they called where a node tells that", async () => {
    // A devnode makes no block with an aborted transaction: two ids are put into one of its blocks.
    await chain.rejects(verify(bob, "77field"));
    const known = idOf("register_agent");
    // Of another chain.
    const lost = "at14jrzgg9krxjfrg38p8uyqxqqsmhhsx0qcawja6wd79psktq4tygsf2e8p9";
    const start = (watch.monitor.store.chain.cursor()?.height ?? 0) + 1;
    const [block] = await chain.node.blocks(start, start + 1);
    const body = JSON.stringify([{ ...block, aborted_transaction_ids: [known, lost] }]);
    proxy.add({ path: /\/blocks\?/, fault: { kind: "answer", status: 200, body }, times: 1 });
    await watch.firing();
    const [first, second] = details()
      .aborted(always)
      .toSorted((a, b) => b.parts.length - a.parts.length);
    assert.deepEqual(first?.parts, [{ program, function: "register_agent", payer: alice.address }]);
    assert.deepEqual(
      [second?.id, second?.height, second?.isAsked, second?.parts],
      [lost, start, true, []],
    );
    const aborted = watch.monitor.store.chain
      .totals(always)
      .filter(({ status }) => status === "aborted");
    assert.deepEqual(
      aborted.map(({ function: name, count }) => [name, count]),
      [["register_agent", 1]],
    );
    await createBlocks(chain.node.endpoints[0] ?? "", 1);
    await watch.firing();
    assert.equal(watch.monitor.status().ready, true);
  });
});
