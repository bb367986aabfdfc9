import assert from "node:assert/strict";
import fc from "fast-check";
import type { Block } from "../../../aleo/node/shapes.ts";
import { bitsNumber, nameBits } from "../../../aleo/replay/bits.ts";
import { loadCrypto } from "../../../aleo/replay/crypto.ts";
import {
  BlockOrderError,
  ReplayMismatchError,
  UnfollowedStateError,
} from "../../../aleo/replay/errors.ts";
import { nodeLibrary } from "../../../aleo/replay/library.ts";
import { Replay } from "../../../aleo/replay/replay.ts";
import { State } from "../../../aleo/replay/state.ts";
import type { Snapshot } from "../../../aleo/snapshot/snapshot.ts";
import { explainRejection } from "../../../aleo/snapshot/rejection.ts";
import { snapshotByReplay } from "../../../aleo/snapshot/replayed.ts";
import { loadSdk } from "../../../aleo/transaction/sdk.ts";
import { admin, alice, bob, stranger, type Account } from "../../contracts/accounts.ts";
import { registryCalls } from "../../contracts/agent-registry.ts";
import { callsOf } from "../../contracts/chain.ts";
import { Follower, scratchLedger } from "./ledger.ts";
import { blocksOfCalls } from "./random-calls.ts";
import {
  caller,
  callerId,
  keeper,
  keeperId,
  reader,
  readerId,
  router,
  routerId,
} from "./small-programs.ts";

const projectPrograms = [
  "agent_registry_v2.aleo",
  "trust_verifier_v2.aleo",
  "agent_registry_v3.aleo",
  "trust_verifier_v3.aleo",
];

describe("a replay of programs that change", function () {
  this.timeout(300_000);
  const ledger = scratchLedger();

  describe("of this project", () => {
    let follower: Follower;

    before(async () => {
      const crypto = await loadCrypto("testnet");
      follower = new Follower(() => ledger.node, projectPrograms, [
        alice.address,
        bob.address,
        ...projectPrograms.map((id) => crypto.programAddress(id)),
      ]);
      for (const id of projectPrograms) {
        assert.equal(await ledger.chain.deploy(admin, id), "accepted");
      }
    });

    it("agrees with the ledger after any calls, accepted or rejected", async () => {
      await fc.assert(
        fc.asyncProperty(blocksOfCalls, async (blocks) => {
          for (const planned of blocks) {
            await ledger.send(await Promise.all(planned.map((make) => make(ledger.chain))));
          }
          await follower.agrees();
        }),
        { numRuns: 5, endOnFailure: true },
      );
      assert.ok(follower.operations > 20);
    });

    it("says at which assert a call was rejected, and with what", async () => {
      const { verify } = registryCalls("agent_registry_v3.aleo");
      await ledger.send([callsOf("agent_registry_v3.aleo")(admin, "unpause")]);
      const block = await ledger.send([verify(stranger, "1field")]);
      await follower.catchUp();
      const { failure, called, dependsOn } = follower.rejections.at(-1) ?? {};
      assert.equal(called, "agent_registry_v3.aleo/verify_agent");
      assert.equal(failure?.place.statement, "assert.eq r0 r5;");
      assert.deepEqual(failure.operands, [stranger.address, admin.address]);
      assert.equal(failure.reason, `${stranger.address} is not ${admin.address}`);
      assert.deepEqual(dependsOn, []);
      const explained = await explainRejection(
        ledger.node,
        block.transactions[0]?.transaction.id ?? "",
      );
      assert.deepEqual(explained, follower.rejections.at(-1));
    });

    it("gives the same at a height whether it begins at the deployment or at a snapshot", async () => {
      const [program = ""] = projectPrograms;
      const head = await ledger.node.latestHeight();
      const whole = await snapshotByReplay(ledger.node, program, { height: head });
      const base = await snapshotByReplay(ledger.node, program, { height: head - 8 });
      const rest = await snapshotByReplay(ledger.node, program, {
        height: head,
        base: [base.snapshot],
      });
      assert.deepEqual(rest.snapshot.mappings, whole.snapshot.mappings);
      assert.deepEqual(rest.snapshot.verification, {
        ...whole.snapshot.verification,
        fromHeight: head - 7,
        operations: operationsOf(whole) - operationsOf(base),
      });
    });
  });

  describe("of which one calls the other, and one is upgraded", () => {
    let follower: Follower;
    const put = (key: number, x: number) =>
      callsOf(keeperId)(alice, "put", `${key}u8`, `{ x: ${x}u64, y: [${x}u64, 9u64] }`);
    const drop = (key: number) => callsOf(keeperId)(bob, "drop", `${key}u8`);
    const putBoth = (key: number, x: number) =>
      callsOf(callerId)(bob, "put_both", `${key}u8`, `${(key + 1) % 3}u8`, `${x}u64`);
    const forget = (key: number) => callsOf(callerId)(alice, "forget", `${key}u8`);
    const key = fc.integer({ min: 0, max: 2 });
    const x = fc.integer({ min: 0, max: 2 });
    const calls = fc.array(
      fc.oneof(
        fc.tuple(key, x).map((given) => put(...given)),
        key.map(drop),
        fc.tuple(key, x).map((given) => putBoth(...given)),
        key.map(forget),
      ),
      { minLength: 3, maxLength: 10 },
    );
    const agreesAfterAnyCalls = () =>
      fc.assert(
        fc.asyncProperty(calls, async (list) => {
          await ledger.send(list);
          await follower.agrees();
        }),
        { numRuns: 3, endOnFailure: true },
      );

    before(async () => {
      follower = new Follower(() => ledger.node, [keeperId, callerId], []);
      assert.equal(await ledger.chain.deploy(admin, keeperId, keeper(0)), "accepted");
      assert.equal(await ledger.chain.deploy(admin, callerId, caller), "accepted");
    });

    it("agrees with the ledger", agreesAfterAnyCalls);

    it("knows entries that were removed and set again", async () => {
      const before = follower.operations;
      await ledger.send([put(2, 5)]);
      await ledger.send([drop(2)]);
      await ledger.send([drop(2)]);
      await ledger.send([put(2, 6)]);
      await follower.agrees();
      // The second removal finds nothing: it leaves only the operation of its fee.
      assert.equal(follower.operations - before, 3 + 2 + 1 + 3);
    });

    it("runs the edition that was in force, and the constructor of a new one", async () => {
      await ledger.send([put(0, 1)]);
      assert.equal(await ledger.chain.deploy(alice, keeperId, keeper(1)), "rejected");
      assert.equal(await ledger.chain.deploy(admin, keeperId, keeper(1)), "accepted");
      ledger.forget(keeperId);
      await ledger.send([put(0, 1), put(1, 0), putBoth(1, 2)]);
      await follower.agrees();
      const ofConstructor = follower.rejections.find(({ called }) =>
        called.endsWith("/constructor"),
      );
      assert.match(ofConstructor?.failure?.place.statement ?? "", /^assert\.eq program_owner/);
      assert.deepEqual(
        [...(follower.state.mappings(keeperId).get("editions") ?? [])],
        [
          ["0u16", admin.address],
          ["1u16", admin.address],
        ],
      );
    });

    it("agrees with the ledger after the upgrade", agreesAfterAnyCalls);

    it("knows what is read in any other way, and what is called by its name alone", async () => {
      const readers = new Follower(() => ledger.node, [keeperId, readerId, routerId], []);
      assert.equal(await ledger.chain.deploy(admin, readerId, reader), "accepted");
      assert.equal(await ledger.chain.deploy(admin, routerId, router), "accepted");
      const sdk = await loadSdk("testnet");
      const key = sdk.PrivateKey.from_string(alice.privateKey);
      const signature = sdk.Signature.signValue(key, "1u8").to_string();
      const look = (by: Account) => callsOf(readerId)(by, "look", "1u8", signature);
      const keeperName = `${bitsNumber(nameBits(keeperId.replace(".aleo", "")))}field`;
      const route = (entry: number) => callsOf(routerId)(bob, "route", keeperName, `${entry}u8`);

      await ledger.send([look(alice), put(1, 7), put(2, 8)]);
      await ledger.send([look(alice), look(bob)]);
      await ledger.send([route(1), route(2)]);
      await readers.agrees();
      const [rejection] = readers.rejections.filter(({ called }) => called.startsWith(readerId));
      assert.equal(rejection?.failure?.place.statement, "assert.eq r3 true;");
      assert.equal([...(readers.state.mappings(readerId).get("read") ?? [])].length, 4);
      const points = new Map(readers.state.mappings(keeperId).get("points"));
      assert.deepEqual([points.has("1u8"), points.has("2u8")], [false, false]);
    });

    it("names the program that it would have to follow as well", async () => {
      const block = await ledger.send([putBoth(0, 4)]);
      const state = new State();
      state.follow(callerId);
      await assert.rejects(
        replayOf(state).then((replay) => replay.apply(block)),
        (error) => {
          assert.ok(error instanceof UnfollowedStateError);
          assert.match(error.message, /set r6 into seen\[r0\];: what is set in seen depends on/);
          assert.equal(error.remedy, `Follow ${keeperId} as well, from its deployment on.`);
          return true;
        },
      );
    });
  });

  describe("finds what was changed in a block:", () => {
    const changes: Readonly<Record<string, readonly [RegExp, string, RegExp]>> = {
      "a bit of an argument": [/2u8,\\n {4}\{/, "3u8,\\n    {", /changes another key/],
      "a bit of a member": [/(arguments: [^"]*)x: 5u64/, "$1x: 4u64", /sets another value/],
      "an id": [/"value_id":"\d/, '"value_id":"', /sets another value/],
      "an operation left out": [
        /\{"type":"update_key_value"[^}]*\},/,
        "",
        /changes another mapping/,
      ],
      "an operation more": [
        /(\{"type":"update_key_value"[^}]*\})\]/,
        "$1,$1]",
        /the block has 5 operations, the replay makes 4/,
      ],
      "an acceptance": [
        /(arguments: [^"]*)x: 5u64/,
        "$1x: 1u64",
        /the replay stops at .*assert\.neq r1\.x 1u64/,
      ],
    };
    let base: Snapshot;
    let block: Block;

    before(async () => {
      base = (await snapshotByReplay(ledger.node, keeperId)).snapshot;
      block = await ledger.send([
        callsOf(keeperId)(alice, "put", "2u8", "{ x: 5u64, y: [5u64, 9u64] }"),
      ]);
    });

    const replayFromBase = () => {
      const state = new State();
      for (const { name, entries } of base.mappings) state.load(keeperId, name, entries);
      return replayOf(state);
    };

    it("nothing where nothing was", async () => {
      assert.equal((await (await replayFromBase()).apply(block)).operations, 4);
    });

    for (const [name, [pattern, replacement, message]] of Object.entries(changes)) {
      it(name, async () => {
        const text = JSON.stringify(block);
        const changed = text.replace(pattern, replacement);
        assert.notEqual(changed, text);
        const replay = await replayFromBase();
        const state = [...(replay.state.mappings(keeperId).get("points") ?? [])];
        await assert.rejects(replay.apply(JSON.parse(changed) as Block), (error) => {
          assert.ok(error instanceof ReplayMismatchError);
          assert.match(error.message, message);
          assert.equal(error.height, base.height + 1);
          assert.match(error.transactionId, /^at1/);
          return true;
        });
        assert.deepEqual([...(replay.state.mappings(keeperId).get("points") ?? [])], state);
        assert.equal((await replay.apply(block)).operations, 4);
      });
    }

    it("a gap, and a block of another chain", async () => {
      const replay = await replayFromBase();
      await replay.apply(block);
      await assert.rejects(replay.apply(block), BlockOrderError);
      const next = structuredClone(block);
      next.header.metadata.height += 1;
      await assert.rejects(replay.apply(next), /follows ab1.*, not ab1/);
    });
  });

  async function replayOf(state: State): Promise<Replay> {
    return new Replay({
      ledger: "testnet",
      crypto: await loadCrypto("testnet"),
      library: nodeLibrary(ledger.node),
      state,
    });
  }
});

function operationsOf({ snapshot }: Awaited<ReturnType<typeof snapshotByReplay>>): number {
  const { verification } = snapshot;
  return verification.kind === "operation-ids" ? verification.operations : NaN;
}
