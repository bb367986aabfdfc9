import assert from "node:assert/strict";
import type { NodeClient } from "../../../aleo/node/client.ts";
import { CapabilityMissingError } from "../../../aleo/node/errors.ts";
import { loadCrypto } from "../../../aleo/replay/crypto.ts";
import { snapshotDigest } from "../../../aleo/snapshot/digest.ts";
import { diffSnapshots } from "../../../aleo/snapshot/diff.ts";
import { NeverQuietError, NoSuchProgramError } from "../../../aleo/snapshot/errors.ts";
import { snapshotByKeys } from "../../../aleo/snapshot/keys.ts";
import { snapshotByListing } from "../../../aleo/snapshot/listing.ts";
import { snapshotByReplay } from "../../../aleo/snapshot/replayed.ts";
import { entryOf, snapshotSources, type Snapshot } from "../../../aleo/snapshot/snapshot.ts";
import { takeSnapshot } from "../../../aleo/snapshot/take.ts";
import { admin, alice } from "../../contracts/accounts.ts";
import { callsOf } from "../../contracts/chain.ts";
import { startFaultyNode, type FaultyNode } from "../../support/faulty-node.ts";
import { clientOf, scratchLedger } from "../replay/ledger.ts";

const notesId = "notes_and_lots.aleo";
/** Notes, of which one function draws by lot, so that it can't be replayed. */
const notes = `program ${notesId};

mapping notes:
    key as u8.public;
    value as u64.public;

mapping unused:
    key as u8.public;
    value as u8.public;

function put:
    input r0 as u8.public;
    input r1 as u64.public;
    async put r0 r1 into r2;
    output r2 as ${notesId}/put.future;

finalize put:
    input r0 as u8.public;
    input r1 as u64.public;
    assert.neq r1 0u64;
    set r1 into notes[r0];

function draw:
    input r0 as u8.public;
    async draw r0 into r1;
    output r1 as ${notesId}/draw.future;

finalize draw:
    input r0 as u8.public;
    rand.chacha into r1 as u64;
    set r1 into notes[r0];

function draw_key:
    async draw_key into r0;
    output r0 as ${notesId}/draw_key.future;

finalize draw_key:
    rand.chacha into r0 as u8;
    set 1u64 into notes[r0];

constructor:
    assert.eq true true;
`;

const payeeId = "payee_of_credits.aleo";
/** Takes credits, and can be paid before it is deployed. */
const payee = `import credits.aleo;

program ${payeeId};

mapping paid:
    key as address.public;
    value as u64.public;

function pay:
    input r0 as u64.public;
    call credits.aleo/transfer_public_as_signer ${payeeId} r0 into r1;
    async pay self.signer r0 r1 into r2;
    output r2 as ${payeeId}/pay.future;

finalize pay:
    input r0 as address.public;
    input r1 as u64.public;
    input r2 as credits.aleo/transfer_public_as_signer.future;
    await r2;
    get.or_use paid[r0] 0u64 into r3;
    add r3 r1 into r4;
    set r4 into paid[r0];

constructor:
    assert.eq true true;
`;

describe("a snapshot from a ledger", function () {
  this.timeout(300_000);
  const ledger = scratchLedger();
  const call = callsOf(notesId);
  const put = (key: number, value: number) => call(alice, "put", `${key}u8`, `${value}u64`);
  let closed: FaultyNode;
  let withoutListing: NodeClient;

  before(async () => {
    closed = await startFaultyNode(ledger.url);
    closed.add({
      path: /\?all=true/,
      fault: { kind: "answer", status: 401, body: "Unauthorized" },
    });
    withoutListing = clientOf(closed.url);
    assert.equal(await ledger.chain.deploy(admin, notesId, notes), "accepted");
    await ledger.send([put(1, 10), put(2, 20), put(3, 0)]);
    await ledger.send([put(2, 21)]);
  });
  after(async () => {
    await withoutListing.close();
    await closed.close();
  });

  it("is the same from each source", async () => {
    const taken: Snapshot[] = [];
    for (const source of snapshotSources) {
      const { snapshot, why } = await takeSnapshot(ledger.node, notesId, { source });
      assert.equal(snapshot.source, source);
      assert.deepEqual(why, []);
      taken.push(snapshot);
    }
    const [first] = taken;
    assert.ok(first !== undefined);
    assert.deepEqual(new Set(taken.map(snapshotDigest)), new Set([snapshotDigest(first)]));
    assert.deepEqual(first.mappings, [
      {
        name: "notes",
        entries: [
          ["1u8", "10u64"],
          ["2u8", "21u64"],
        ],
      },
      { name: "unused", entries: [] },
    ]);
    const block = await ledger.node.latestBlock();
    for (const { height, blockHash, stateRoot, edition, owner } of taken) {
      assert.equal(height, block.header.metadata.height);
      assert.equal(blockHash, block.block_hash);
      assert.equal(stateRoot, await ledger.node.stateRoot());
      assert.deepEqual([edition, owner], [0, admin.address]);
    }
  });

  it("is that of the height that is asked for, with the root that the next block names", async () => {
    const head = await ledger.node.latestHeight();
    const { snapshot, why } = await takeSnapshot(ledger.node, notesId, {
      source: "auto",
      height: head - 1,
    });
    assert.equal(entryOf(snapshot, "notes", "2u8"), "20u64");
    assert.match(why.join(), /only a replay gives another than the head/);
    const now = await snapshotByListing(ledger.node, notesId);
    assert.deepEqual(diffSnapshots(snapshot, now), [
      { kind: "changed", mapping: "notes", key: "2u8", before: "20u64", after: "21u64" },
    ]);
    const next = (await ledger.node.block(head))?.header as { previous_state_root?: string };
    assert.equal(snapshot.stateRoot, next.previous_state_root);
    await assert.rejects(
      snapshotByReplay(ledger.node, notesId, { height: 10 }),
      NoSuchProgramError,
    );
  });

  it("is listed again where a block touched the program meanwhile, and not for others", async () => {
    const listing = (during: () => Promise<unknown>) =>
      new Proxy(ledger.node, {
        get: (node, name) => {
          const value: unknown = Reflect.get(node, name);
          if (typeof value !== "function") return value;
          if (name !== "mappingEntries") return value.bind(node) as unknown;
          return async (program: string, mapping: string) => {
            const found = await node.mappingEntries(program, mapping);
            await during();
            return found;
          };
        },
      });
    let calls = 0;
    const once = listing(async () => {
      calls += 1;
      if (calls === 1) await ledger.send([put(4, 4)]);
    });
    const snapshot = await snapshotByListing(once, notesId);
    assert.equal(entryOf(snapshot, "notes", "4u8"), "4u64");
    assert.ok(snapshot.verification.kind === "quiet-reads");
    assert.equal(snapshot.verification.attempts, 2);

    let blocks = 0;
    const others = listing(async () => {
      blocks += 1;
      await ledger.send([callsOf("credits.aleo")(alice, "transfer_public", admin.address, "1u64")]);
    });
    const calm = await snapshotByListing(others, notesId);
    assert.ok(calm.verification.kind === "quiet-reads");
    assert.equal(calm.verification.attempts, 1);
    assert.equal(calm.verification.heightAfter - calm.verification.heightBefore, blocks);

    const never = listing(() => ledger.send([put(5, 5)]));
    await assert.rejects(snapshotByListing(never, notesId), NeverQuietError);
  });

  it("is replayed where no node lists mappings", async () => {
    const { snapshot, why } = await takeSnapshot(withoutListing, notesId, { source: "auto" });
    assert.equal(snapshot.source, "replay");
    assert.match(why.join(" "), /No endpoint lists mappings/);
    assert.equal(
      snapshotDigest(snapshot),
      snapshotDigest(await snapshotByListing(ledger.node, notesId)),
    );
    await assert.rejects(snapshotByListing(withoutListing, notesId), CapabilityMissingError);
  });

  it("follows credits.aleo for the program's account, and does not guess", async () => {
    const address = (await loadCrypto("testnet")).programAddress(payeeId);
    assert.equal(await ledger.chain.deploy(admin, payeeId, payee), "accepted");
    await ledger.send([callsOf(payeeId)(alice, "pay", "7u64")]);
    const paid = await snapshotByReplay(ledger.node, payeeId, { watch: [alice.address] });
    assert.equal(paid.balances.get(address), 7n);
    assert.equal(paid.balances.get(alice.address), undefined);
    assert.equal(entryOf(paid.snapshot, "paid", alice.address), "7u64");
  });

  it("names no balance of an account that had credits before the first block", async () => {
    const early = payee.replaceAll(payeeId, "early_payee.aleo");
    const address = (await loadCrypto("testnet")).programAddress("early_payee.aleo");
    await ledger.send([callsOf("credits.aleo")(alice, "transfer_public", address, "100u64")]);
    assert.equal(await ledger.chain.deploy(admin, "early_payee.aleo", early), "accepted");
    await ledger.send([callsOf("early_payee.aleo")(alice, "pay", "7u64")]);
    const { balances, snapshot } = await snapshotByReplay(ledger.node, "early_payee.aleo");
    assert.equal(balances.get(address), undefined);
    assert.equal(entryOf(snapshot, "paid", alice.address), "7u64");
  });

  it("is read key by key where it can't be replayed, and says what it may miss", async () => {
    await ledger.send([call(alice, "draw", "9u8")]);
    const { snapshot, why } = await takeSnapshot(withoutListing, notesId, { source: "auto" });
    assert.equal(snapshot.source, "keys");
    assert.match(why.join(" "), /draw, line \d+: rand\.chacha into r1 as u64; can't be replayed/);
    assert.equal(
      snapshotDigest(snapshot),
      snapshotDigest(await snapshotByListing(ledger.node, notesId)),
    );
    assert.ok(snapshot.verification.kind === "quiet-reads");
    assert.deepEqual([snapshot.verification.keysAsked, snapshot.verification.lostWrites], [5, 0]);
    await ledger.send([call(alice, "draw_key")]);
    const less = await snapshotByKeys(ledger.node, notesId);
    assert.ok(less.verification.kind === "quiet-reads");
    assert.equal(less.verification.lostWrites, 1);
  });
});
