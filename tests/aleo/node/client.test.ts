import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { connect, isAbortedIn, type NodeClient } from "../../../aleo/node/client.ts";
import {
  BroadcastUncertainError,
  InvalidTransactionError,
  NodeRefusedError,
  NodeUnreachableError,
  RateLimitedError,
} from "../../../aleo/node/errors.ts";
import { developmentAddress } from "../../../local/development-account.ts";
import { createBlocks } from "../../support/create-blocks.ts";
import { scratchDevnode } from "../../support/devnode.ts";
import { nodeFaults, startFaultyNode, type FaultyNode } from "../../support/faulty-node.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";
import { source } from "./notes-program.ts";

const unknownTransaction = "at19ffu9qyj22e2y6wx8rgmrpwmglddxjx2e8zdesj0jnes29tqavxsu9xg37";
const unusedAddress = "aleo1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq3ljyzc";

interface Built {
  readonly deploy: string;
  readonly accepted: string;
  readonly rejected: string;
  readonly lost: string;
  readonly unsent: string;
}

const idOf = (transaction: string): string => (JSON.parse(transaction) as { id: string }).id;

async function buildTransactions(url: string): Promise<Built> {
  const directory = temporaryDirectory("transactions");
  try {
    const file = join(directory.path, "transactions.json");
    const script = fileURLToPath(import.meta.resolve("./build-transactions.ts"));
    await execa(process.execPath, [script, url, file]);
    return JSON.parse(readFileSync(file, "utf8")) as Built;
  } finally {
    directory.remove();
  }
}

describe("a node client on a devnode", () => {
  const devnode = scratchDevnode();
  let built: Built;
  let faulty: FaultyNode;
  let through: NodeClient;

  before(async function () {
    this.timeout(120_000);
    built = await buildTransactions(devnode.url);
    faulty = await startFaultyNode(devnode.url);
    through = connect({
      network: "local",
      endpoints: [faulty.url],
      requestTimeoutMs: 500,
      maxResponseBytes: 8_000_000,
    });
  });
  beforeEach(() => {
    faulty.clear();
  });
  after(async () => {
    await through.close();
    await faulty.close();
  });

  describe("sends a transaction", () => {
    for (const [name, fault] of Object.entries(nodeFaults)) {
      it(`exactly once when the node answers with ${name}`, async () => {
        faulty.add({ path: /broadcast/, fault });
        await assert.rejects(through.broadcast(built.unsent), (error: Error) => {
          assert.ok(
            name === "a 429"
              ? error instanceof RateLimitedError
              : error instanceof BroadcastUncertainError,
          );
          assert.match(error.message, new RegExp(idOf(built.unsent)));
          return true;
        });
        assert.equal(faulty.count(/broadcast/), 1);
      });
    }

    it("exactly once when it arrived and its answer was lost, so that it is found afterwards", async () => {
      faulty.add({ path: /broadcast/, fault: { kind: "cut" }, reachesNode: true });
      await assert.rejects(through.broadcast(built.lost), BroadcastUncertainError);
      assert.equal(faulty.count(/broadcast/), 1);
      assert.equal((await through.confirmedTransaction(idOf(built.lost)))?.status, "accepted");
    });

    it("not at all while no node answers", async () => {
      const closed = await startFaultyNode(devnode.url);
      await closed.close();
      const client = connect({ network: "local", endpoints: [closed.url], retryBudgetMs: 300 });
      await assert.rejects(client.broadcast(built.unsent), NodeUnreachableError);
      await client.close();
    });

    it("to the endpoint that answers when the first does not", async () => {
      const closed = await startFaultyNode(devnode.url);
      await closed.close();
      const client = connect({ network: "local", endpoints: [closed.url, faulty.url] });
      faulty.add({ path: /broadcast/, fault: { kind: "cut" } });
      await assert.rejects(client.broadcast(built.unsent), BroadcastUncertainError);
      assert.equal(faulty.count(/broadcast/), 1);
      await client.close();
    });

    it("and returns its id, the same for one that is in the ledger already", async () => {
      const id = idOf(built.accepted);
      assert.equal(await through.broadcast(built.accepted), id);
      assert.equal(await through.broadcast(built.accepted), id);
      assert.equal(await through.broadcast(built.rejected), idOf(built.rejected));
    });

    it("and passes on why the node refuses it", async () => {
      await assert.rejects(through.broadcast('{"id":"at1zzz"}'), (error) => {
        assert.ok(error instanceof NodeRefusedError);
        assert.match(error.reason, /Invalid transaction/);
        return true;
      });
    });

    it("only if it is one", async () => {
      for (const text of ["", "no", "{}", "[]", '{"id":"x"}']) {
        await assert.rejects(through.broadcast(text), InvalidTransactionError);
      }
      assert.equal(faulty.requests.length, 0);
    });
  });

  for (const base of ["", "/v1", "/v2", "/v2/"]) {
    describe(`at the address ${base === "" ? "without a version" : base}`, () => {
      let client: NodeClient;

      before(() => {
        client = connect({ network: "local", endpoints: [`${devnode.url}${base}`] });
      });
      after(() => client.close());

      it("reads the chain's height, version and state root", async () => {
        assert.ok((await client.latestHeight()) >= 22);
        assert.equal(await client.consensusVersion(), 19);
        assert.match(await client.stateRoot(), /^sr1/);
      });

      it("reads blocks, and none beyond the chain", async () => {
        const height = await client.latestHeight();
        const latest = await client.latestBlock();
        assert.equal(latest.header.metadata.height, height);
        assert.deepEqual(await client.block(height), latest);
        assert.equal(await client.block(height + 1000), undefined);
        const heights = (await client.blocks(2, height + 1000)).map(
          (block) => block.header.metadata.height,
        );
        assert.deepEqual(
          heights,
          Array.from({ length: height - 1 }, (_, index) => index + 2),
        );
        assert.deepEqual(await client.blocks(height + 10, height + 20), []);
      });

      it("reads a program, its edition, its transaction and its owner", async () => {
        const id = idOf(built.deploy);
        assert.deepEqual(await client.program("notes.aleo"), {
          source,
          edition: 0,
          transactionId: id,
          owner: developmentAddress,
          amendments: undefined,
        });
        assert.equal(await client.programSource("notes.aleo"), source);
        assert.equal(await client.programEdition("notes.aleo"), 0);
        assert.equal(await client.deploymentTransactionId("notes.aleo"), id);
        assert.equal(await client.deploymentTransactionId("notes.aleo", 0), id);
        assert.equal(await client.deploymentTransactionId("notes.aleo", 1), undefined);
        assert.equal((await client.program("credits.aleo"))?.transactionId, undefined);
      });

      it("knows that a program is not there", async () => {
        assert.equal(await client.program("nope.aleo"), undefined);
        assert.equal(await client.programSource("nope.aleo"), undefined);
        assert.equal(await client.programEdition("nope.aleo"), undefined);
        assert.equal(await client.deploymentTransactionId("nope.aleo"), undefined);
        assert.equal(await client.mappingNames("nope.aleo"), undefined);
        assert.equal(await client.mappingValue("nope.aleo", "notes", "1u64"), undefined);
        assert.equal(await client.mappingEntries("nope.aleo", "notes"), undefined);
      });

      it("reads mappings and their entries", async () => {
        assert.deepEqual(await client.mappingNames("notes.aleo"), ["notes"]);
        assert.equal(await client.mappingValue("notes.aleo", "notes", "1u64"), "5u64");
        assert.equal(await client.mappingValue("notes.aleo", "notes", "2u64"), undefined);
        assert.equal(await client.mappingEntries("notes.aleo", "other"), undefined);
        const listed = await client.mappingEntries("notes.aleo", "notes");
        assert.deepEqual(listed?.entries, [["1u64", "5u64"]]);
        assert.equal(listed.height, await client.latestHeight());
      });

      it("reads a balance, 0 without an entry, and refuses what is no address", async () => {
        assert.ok((await client.balance(developmentAddress)) > 1_000_000n);
        assert.equal(await client.balance(unusedAddress), 0n);
        await assert.rejects(client.balance("aleo1x"), NodeRefusedError);
      });

      it("reads an accepted transaction", async () => {
        const id = idOf(built.accepted);
        assert.equal((await client.transaction(id))?.id, id);
        assert.equal((await client.originalTransaction(id))?.id, id);
        const { raw, ...confirmed } = (await client.confirmedTransaction(id)) ?? assert.fail();
        assert.equal(raw.transaction.id, id);
        assert.deepEqual(confirmed, {
          status: "accepted",
          type: "execute",
          id,
          feeTransactionId: undefined,
          blockHeight: await client.blockOfTransaction(id),
          fee: confirmed.fee,
        });
        assert.ok(confirmed.blockHeight !== undefined && (confirmed.fee ?? 0n) > 2n);
        const deploy = await client.confirmedTransaction(idOf(built.deploy));
        assert.equal(deploy?.type, "deploy");
      });

      it("reads a rejected transaction by its own id and by that of its fee", async () => {
        const id = idOf(built.rejected);
        const rejected = (await client.confirmedTransaction(id)) ?? assert.fail();
        assert.equal(rejected.status, "rejected");
        assert.equal(rejected.id, id);
        const { feeTransactionId } = rejected;
        assert.ok(feeTransactionId !== undefined && feeTransactionId !== id);
        assert.ok((rejected.fee ?? 0n) > 2n);
        assert.equal((await client.transaction(id))?.id, feeTransactionId);
        assert.equal((await client.originalTransaction(feeTransactionId))?.id, id);
        assert.deepEqual(await client.confirmedTransaction(feeTransactionId), rejected);
        const height = rejected.blockHeight ?? assert.fail();
        const block = (await client.block(height)) ?? assert.fail();
        assert.ok(block.transactions.some((entry) => entry.transaction.id === feeTransactionId));
        assert.equal(isAbortedIn(block, id), false);
        assert.equal(isAbortedIn({ ...block, aborted_transaction_ids: [id] }, id), true);
      });

      it("knows that a transaction is not there", async () => {
        assert.equal(await client.transaction(unknownTransaction), undefined);
        assert.equal(await client.confirmedTransaction(unknownTransaction), undefined);
        assert.equal(await client.originalTransaction(unknownTransaction), undefined);
        assert.equal(await client.blockOfTransaction(unknownTransaction), undefined);
        assert.equal(await client.unconfirmedTransaction(unknownTransaction), undefined);
      });

      it("refuses a misspelt id at once", async () => {
        await assert.rejects(client.program("misspelt"), NodeRefusedError);
        await assert.rejects(client.confirmedTransaction("at1x"), NodeRefusedError);
      });
    });
  }

  it("reads more blocks than a node gives at once", async () => {
    await createBlocks(devnode.url, 60);
    const height = await through.latestHeight();
    const blocks = await through.blocks(0, height + 1);
    assert.deepEqual(
      blocks.map((block) => block.header.metadata.height),
      [...Array(height + 1).keys()],
    );
    assert.ok(faulty.count(/blocks/) > 1);
  });

  it("lets its process end, and loads nothing of the SDK", async () => {
    const { stdout } = await execa(process.execPath, [
      "--input-type=module",
      "--eval",
      `import { registerHooks } from "node:module";
       const loaded = [];
       registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
       const { connect } = await import("./aleo/node/client.ts");
       const client = connect({ network: "local", endpoints: ["${devnode.url}"] });
       await client.latestHeight();
       await client.close();
       console.log(loaded.filter((url) => url.includes("/node_modules/undici/")).length > 0);
       console.log(loaded.filter((url) => /provablehq|\\.wasm/.test(url)).length);`,
    ]);
    assert.equal(stdout, "true\n0");
  });
});
