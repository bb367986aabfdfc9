import assert from "node:assert/strict";
import { PrivateKey } from "../../../aleo/keys.ts";
import { connect, type NodeClient } from "../../../aleo/node/client.ts";
import {
  NodeRefusedError,
  NodeUnreachableError,
  RateLimitedError,
} from "../../../aleo/node/errors.ts";
import type { BuiltTransaction, TransactionBuilder } from "../../../aleo/transaction/builder.ts";
import {
  TransactionAbortedError,
  TransactionPendingError,
  TransactionRejectedError,
} from "../../../aleo/transaction/errors.ts";
import { Journal, type SentTransaction } from "../../../aleo/transaction/journal.ts";
import { send, settleEarlier, type Aim, type Sender } from "../../../aleo/transaction/send.ts";
import { unprovenBuilder } from "../../../aleo/transaction/unproven-builder.ts";
import { createBlocks } from "../../support/create-blocks.ts";
import { scratchDevnode } from "../../support/devnode.ts";
import { type Fault, startFaultyNode, type FaultyNode } from "../../support/faulty-node.ts";
import { fundedAccounts } from "../../support/funded-accounts.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";
import { source } from "../node/notes-program.ts";

const subject = "notes.aleo/notes[1u64]";
const purpose = "call of notes.aleo/put";
const wanted: Aim = { purpose, isReached: () => Promise.resolve(false) };
const broadcast = /broadcast/;

describe("sending a transaction", function () {
  this.timeout(60_000);
  const devnode = scratchDevnode({ manualBlocks: true });
  const directory = temporaryDirectory("sending");
  const journal = new Journal(directory.path, "local");
  let node: NodeClient;
  let faulty: FaultyNode;
  let through: NodeClient;
  let sender: Sender;
  let builder: TransactionBuilder;
  let balance: () => Promise<bigint>;
  /** Never sent by the tests: no node knows it. */
  let unsent: BuiltTransaction;

  const mine = (count = 1) => createBlocks(devnode.url, count);
  const put = (value: string) =>
    builder.execution({
      programId: "notes.aleo",
      source,
      edition: 0,
      imports: {},
      functionName: "put",
      inputs: ["1u64", value],
      priorityFee: 0n,
    });
  const deployment = (text: string) =>
    builder.deployment({
      programId: "notes.aleo",
      source: text,
      edition: 0,
      imports: {},
      priorityFee: 0n,
    });
  const sentAs = (built: BuiltTransaction, more: Partial<SentTransaction> = {}) => ({
    purpose,
    id: built.id,
    text: built.text,
    height: 22,
    taken: false,
    ...more,
  });
  /** Makes a block while `work` waits for it. */
  async function withBlock<Value>(work: Promise<Value>): Promise<Value> {
    const blocks = setInterval(() => void mine().catch(() => undefined), 300);
    try {
      return await work;
    } finally {
      clearInterval(blocks);
    }
  }

  before(async function () {
    this.timeout(120_000);
    const [account] = await fundedAccounts();
    node = connect({ network: "local", endpoints: [devnode.url] });
    builder = unprovenBuilder(node, new PrivateKey(account?.privateKey ?? "", "this test"), {
      devnode: true,
    });
    balance = () => node.balance(account?.address ?? "");
    await node.broadcast((await deployment(source)).text);
    await mine();
    unsent = await put("4u64");
    faulty = await startFaultyNode(devnode.url);
    through = connect({
      network: "local",
      endpoints: [faulty.url],
      requestTimeoutMs: 400,
      retryBudgetMs: 1_200,
    });
    sender = { node: through, journal, confirmationTimeoutMs: 2_000 };
  });
  beforeEach(async () => {
    faulty.clear();
    await journal.remove(subject);
  });
  after(async () => {
    await Promise.all([node.close(), through.close(), faulty.close()]);
    directory.remove();
  });

  const accepted = async (built: BuiltTransaction): Promise<void> => {
    assert.equal((await node.confirmedTransaction(built.id))?.status, "accepted");
    assert.equal(await journal.read(subject), undefined);
  };

  describe("for the first time", () => {
    it("gives back the accepted one and forgets it", async () => {
      const built = await put("2u64");
      const before = await balance();
      const confirmed = await withBlock(send(sender, subject, purpose, built));
      assert.equal(confirmed.id, built.id);
      assert.equal(before - (await balance()), built.fee);
      await accepted(built);
    });

    it("has it in the journal before it leaves, and notes that a node took it", async () => {
      const built = await put("3u64");
      faulty.add({ path: broadcast, fault: { kind: "slow", delayMs: 300 } });
      const sending = send(sender, subject, purpose, built).catch((error: unknown) => error);
      while (faulty.count(broadcast) === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      assert.equal((await journal.read(subject))?.taken, false);
      assert.ok((await sending) instanceof TransactionPendingError);
      assert.equal((await journal.read(subject))?.taken, true);
      await mine();
    });

    it("tells a rejected one, and what it cost", async () => {
      const built = await put("0u64");
      const before = await balance();
      await assert.rejects(
        withBlock(send(sender, subject, purpose, built)),
        (error) =>
          error instanceof TransactionRejectedError &&
          error.transactionId === built.id &&
          error.message.includes(purpose) &&
          /kept its fee of 0\.\d+ credits/.test(error.message),
      );
      assert.equal(before - (await balance()), built.fee);
      assert.equal(await journal.read(subject), undefined);
    });

    it("keeps an accepted one until what it did has landed where that is asked for", async () => {
      const built = await put("10u64");
      const before = await balance();
      const notYet = () => Promise.reject(new Error("not served yet"));
      await assert.rejects(
        withBlock(send(sender, subject, purpose, built, notYet)),
        /not served yet/,
      );
      assert.equal((await journal.read(subject))?.id, built.id);
      const waiting = { ...wanted, landed: notYet };
      await assert.rejects(settleEarlier(sender, subject, waiting), /not served yet/);
      assert.equal((await journal.read(subject))?.id, built.id);
      assert.equal((await settleEarlier(sender, subject, wanted))?.id, built.id);
      assert.equal(before - (await balance()), built.fee);
      await accepted(built);
    });

    it("tells a refused one, also where another did before what it was to do", async () => {
      const built = await deployment(source.replace("assert.neq r1 0u64", "assert.neq r1 1u64"));
      const before = await balance();
      await assert.rejects(
        send(sender, subject, purpose, built),
        (error) => error instanceof NodeRefusedError && error.reason.includes("already deployed"),
      );
      assert.equal(await balance(), before);
      assert.equal(await journal.read(subject), undefined);
    });

    it("tells one that was turned away", async () => {
      faulty.add({ path: broadcast, fault: { kind: "answer", status: 429 } });
      await assert.rejects(send(sender, subject, purpose, unsent), RateLimitedError);
      assert.equal(await journal.read(subject), undefined);
    });

    it("tells an aborted one", async () => {
      const built = unsent;
      await abortInNextBlock(built);
      await assert.rejects(
        send(sender, subject, purpose, built),
        (error) =>
          error instanceof TransactionAbortedError && error.message.includes("nothing was paid"),
      );
      assert.equal(await journal.read(subject), undefined);
    });

    it("tells one that no block shows in time, and keeps it", async () => {
      const built = await put("6u64");
      await assert.rejects(send(sender, subject, purpose, built), (error) => {
        assert.ok(error instanceof TransactionPendingError);
        assert.equal(error.sent.id, built.id);
        assert.match(error.message, new RegExp(`${built.id} .*within 2 s. It may still land`));
        return true;
      });
      const sent = await journal.read(subject);
      assert.equal(sent?.text, built.text);
      assert.equal(sent.taken, true);
      await mine();
    });

    const uncertain: Readonly<Record<string, Fault>> = {
      "the connection is cut": { kind: "cut" },
      "the node answers 500": { kind: "answer", status: 500, body: "storage is busy" },
      "half an answer comes": { kind: "half-body" },
    };
    for (const [name, fault] of Object.entries(uncertain)) {
      it(`waits for it where ${name} after the node has it`, async () => {
        const built = await put("7u64");
        const before = await balance();
        faulty.add({ path: broadcast, fault, reachesNode: true });
        await withBlock(send(sender, subject, purpose, built));
        assert.equal(faulty.count(broadcast), 1);
        assert.equal(before - (await balance()), built.fee);
        await accepted(built);
      });
    }

    it("goes on asking while no node answers after the broadcast", async () => {
      const built = await put("8u64");
      faulty.add({ path: /confirmed/, fault: { kind: "answer", status: 503 }, times: 12 });
      const patient = { ...sender, confirmationTimeoutMs: 8_000 };
      await withBlock(send(patient, subject, purpose, built));
      await accepted(built);
    });

    it("keeps it where no node answers until the end, and names the endpoint", async () => {
      const built = await put("9u64");
      faulty.add({ path: /confirmed/, fault: { kind: "answer", status: 503 } });
      await assert.rejects(
        send(sender, subject, purpose, built),
        (error) => error instanceof TransactionPendingError && error.message.includes(faulty.url),
      );
      assert.equal((await journal.read(subject))?.id, built.id);
      await mine();
    });
  });

  /** The proxy says that the latest block aborted the transaction, as snarkOS would. */
  async function abortInNextBlock(built: BuiltTransaction): Promise<void> {
    await mine();
    const block = await node.latestBlock();
    const answer = (body: unknown): Fault => ({
      kind: "answer",
      status: 200,
      body: JSON.stringify(body),
    });
    const { height } = block.header.metadata;
    const aborting = { ...block, aborted_transaction_ids: [built.id] };
    faulty.add({ path: broadcast, fault: answer(built.id) });
    faulty.add({ path: /find\/blockHash/, fault: answer(block.block_hash) });
    faulty.add({ path: new RegExp(`/block/${height}$`), fault: answer(aborting) });
  }

  describe("after a run that was interrupted", () => {
    it("finds nothing where nothing was sent", async () => {
      assert.equal(await settleEarlier(sender, subject, wanted), undefined);
      assert.equal(faulty.requests.length, 0);
    });

    it("finds the accepted one", async () => {
      const built = await put("11u64");
      await node.broadcast(built.text);
      await mine();
      await journal.write(subject, sentAs(built));
      assert.equal((await settleEarlier(sender, subject, wanted))?.id, built.id);
      assert.equal(faulty.count(broadcast), 0);
      await accepted(built);
    });

    it("finds the accepted one that only the state knows", async () => {
      const built = await put("12u64");
      await node.broadcast(built.text);
      await mine();
      const found = await settleEarlier(sender, subject, wanted, sentAs(built, { taken: true }));
      assert.equal(found?.id, built.id);
      assert.equal(faulty.count(broadcast), 0);
    });

    it("sends the same bytes again where they may not have left, and pays once", async () => {
      const built = await put("13u64");
      const before = await balance();
      faulty.add({ path: broadcast, fault: { kind: "cut" }, times: 1 });
      await assert.rejects(send(sender, subject, purpose, built), TransactionPendingError);
      assert.equal((await journal.read(subject))?.taken, false);
      assert.equal((await withBlock(settleEarlier(sender, subject, wanted)))?.id, built.id);
      assert.equal(await settleEarlier(sender, subject, wanted), undefined);
      assert.equal(before - (await balance()), built.fee);
      await accepted(built);
    });

    for (const left of ["the journal", "the state"]) {
      it(`sends nothing while a node has one that ${left} knows`, async () => {
        const built = await put("14u64");
        const height = await node.latestHeight();
        await node.broadcast(built.text);
        const sent = sentAs(built, { height, taken: true });
        if (left === "the journal") await journal.write(subject, sent);
        const inState = left === "the state" ? sent : undefined;
        for (const run of [1, 2]) {
          await assert.rejects(
            settleEarlier(sender, subject, wanted, inState),
            TransactionPendingError,
            `run ${run}`,
          );
        }
        assert.equal(faulty.count(broadcast), 0);
        await mine();
        assert.equal((await settleEarlier(sender, subject, wanted, inState))?.id, built.id);
      });
    }

    it("sends the same bytes again where a node lost them", async () => {
      const built = await put("15u64");
      const before = await balance();
      await journal.write(
        subject,
        sentAs(built, { taken: true, height: await node.latestHeight() }),
      );
      await mine(10);
      assert.equal((await withBlock(settleEarlier(sender, subject, wanted)))?.id, built.id);
      assert.equal(faulty.count(broadcast), 1);
      assert.equal(before - (await balance()), built.fee);
    });

    it("settles both where the journal and the state know different ones", async () => {
      const [older, newer] = [await put("16u64"), await put("17u64")];
      await node.broadcast(older.text);
      await mine();
      await journal.write(subject, sentAs(older));
      const height = await node.latestHeight();
      await node.broadcast(newer.text);
      const left = sentAs(newer, { taken: true, height });
      await assert.rejects(
        settleEarlier(sender, subject, wanted, left),
        (error) => error instanceof TransactionPendingError && error.sent.id === newer.id,
      );
      assert.equal(faulty.count(broadcast), 0);
      await mine();
      assert.equal((await settleEarlier(sender, subject, wanted, left))?.id, newer.id);
    });

    it("tells a rejected one, once", async () => {
      const built = await put("0u64");
      await node.broadcast(built.text);
      await mine();
      await journal.write(subject, sentAs(built));
      await assert.rejects(settleEarlier(sender, subject, wanted), TransactionRejectedError);
      assert.equal(await settleEarlier(sender, subject, wanted), undefined);
    });

    it("goes on after an aborted one, which cost nothing", async () => {
      const built = unsent;
      await abortInNextBlock(built);
      await journal.write(subject, sentAs(built, { taken: true }));
      assert.equal(await settleEarlier(sender, subject, wanted), undefined);
      assert.equal(await journal.read(subject), undefined);
    });

    it("goes on after one that the chain can't take any more", async () => {
      const built = await deployment(source.replace("assert.neq r1 0u64", "assert.neq r1 1u64"));
      await journal.write(subject, sentAs(built));
      assert.equal(await settleEarlier(sender, subject, wanted), undefined);
      assert.equal(faulty.count(broadcast), 1);
      assert.equal(await journal.read(subject), undefined);
    });

    it("keeps one that a node refuses because it is behind the chain itself", async () => {
      const built = unsent;
      await journal.write(subject, sentAs(built));
      const body = JSON.stringify("Unable to validate transaction (node is syncing)");
      faulty.add({ path: broadcast, fault: { kind: "answer", status: 503, body } });
      await assert.rejects(settleEarlier(sender, subject, wanted), NodeRefusedError);
      assert.equal((await journal.read(subject))?.id, built.id);
    });

    it("keeps one where no node answers", async () => {
      await journal.write(subject, sentAs(unsent));
      faulty.add({ path: /./, fault: { kind: "answer", status: 500 } });
      await assert.rejects(settleEarlier(sender, subject, wanted), NodeUnreachableError);
      assert.notEqual(await journal.read(subject), undefined);
    });

    it("needs none where the chain is already as it is wanted", async () => {
      await journal.write(subject, sentAs(unsent));
      const isReached = () => Promise.resolve(true);
      assert.equal(await settleEarlier(sender, subject, { purpose, isReached }), undefined);
      assert.equal(faulty.count(broadcast), 0);
      assert.equal(await journal.read(subject), undefined);
    });

    describe("one for another purpose", () => {
      const other: Aim = { ...wanted, purpose: "something else" };

      for (const [outcome, value] of [
        ["accepted", "22u64"],
        ["rejected", "0u64"],
      ] as const) {
        it(`counts for nothing, ${outcome}`, async () => {
          const built = await put(value);
          await node.broadcast(built.text);
          await mine();
          await journal.write(subject, sentAs(built));
          assert.equal(await settleEarlier(sender, subject, other), undefined);
          assert.equal(await journal.read(subject), undefined);
        });
      }

      it("is waited for while a node has it", async () => {
        const built = await put("23u64");
        const height = await node.latestHeight();
        await node.broadcast(built.text);
        await journal.write(subject, sentAs(built, { height, taken: true }));
        await assert.rejects(settleEarlier(sender, subject, other), TransactionPendingError);
        assert.equal(await withBlock(settleEarlier(sender, subject, other)), undefined);
        assert.equal(faulty.count(broadcast), 0);
        assert.equal((await node.confirmedTransaction(built.id))?.status, "accepted");
      });

      it("is never sent, and given up after its time", async () => {
        await journal.write(subject, sentAs(unsent));
        assert.equal(await settleEarlier(sender, subject, other), undefined);
        assert.equal(faulty.count(broadcast), 0);
        assert.equal(await journal.read(subject), undefined);
      });
    });
  });
});
