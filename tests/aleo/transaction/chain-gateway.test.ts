import assert from "node:assert/strict";
import { request } from "undici";
import { connect, type NodeClient } from "../../../aleo/node/client.ts";
import { NodeUnreachableError } from "../../../aleo/node/errors.ts";
import { throughGateway } from "../../../aleo/transaction/chain-gateway.ts";
import { scratchDevnode } from "../../support/devnode.ts";
import { startFaultyNode, type FaultyNode } from "../../support/faulty-node.ts";

async function ask(url: string): Promise<{ status: number; value: unknown }> {
  const { statusCode, body } = await request(url);
  return { status: statusCode, value: await body.json() };
}

describe("the gateway through which the SDK asks the chain", () => {
  const devnode = scratchDevnode();
  let faulty: FaultyNode;
  let node: NodeClient;

  before(async () => {
    faulty = await startFaultyNode(devnode.url);
    node = connect({ network: "local", endpoints: [faulty.url], retryBudgetMs: 500 });
  });
  beforeEach(() => {
    faulty.clear();
  });
  after(async () => {
    await node.close();
    await faulty.close();
  });

  it("answers what the chain knows", async () => {
    await throughGateway(node, {}, async (url) => {
      const get = (route: string) => ask(`${url}/testnet${route}`);
      assert.equal((await get("/block/height/latest")).value, await node.latestHeight());
      assert.equal((await get("/stateRoot/latest")).value, await node.stateRoot());
      const credits = await get("/program/credits.aleo");
      assert.equal(credits.value, await node.programSource("credits.aleo"));
      assert.equal((await get("/program/credits.aleo/latest_edition")).value, 0);
    });
  });

  it("answers the edition that the caller decided on, so that the SDK builds the next", async () => {
    await throughGateway(node, { "token.aleo": 4, "new.aleo": -1 }, async (url) => {
      const edition = async (id: string) =>
        (await ask(`${url}/testnet/program/${id}/latest_edition`)).value;
      assert.equal(await edition("token.aleo"), 4);
      // One more than that is 0 in 16 bits.
      assert.equal(await edition("new.aleo"), 65_535);
      assert.equal(await edition("not_deployed.aleo"), 65_535);
    });
    assert.equal(faulty.count(/token|\/new/), 0);
  });

  it("answers nothing else", async () => {
    await throughGateway(node, {}, async (url) => {
      for (const route of ["/transaction/broadcast", "/program/missing_program.aleo", ""]) {
        assert.equal((await ask(`${url}/testnet${route}`)).status, 404);
      }
    });
  });

  it("fails with the node client's own error, and asks no second time", async () => {
    faulty.add({ path: /stateRoot/, fault: { kind: "answer", status: 503 } });
    const build = async (url: string) => {
      const first = await ask(`${url}/testnet/stateRoot/latest`);
      const asked = faulty.requests.length;
      const second = await ask(`${url}/testnet/stateRoot/latest`);
      assert.deepEqual([first.status, second.status], [502, 502]);
      assert.equal(faulty.requests.length, asked);
      throw new Error("Failed to get response");
    };
    await assert.rejects(
      throughGateway(node, {}, build),
      (error) => error instanceof NodeUnreachableError && error.message.includes(faulty.url),
    );
  });

  it("hands on what fails in the SDK itself, and is gone afterwards", async () => {
    let address = "";
    const build = (url: string) => {
      address = url;
      return Promise.reject(new Error("the SDK's own"));
    };
    await assert.rejects(throughGateway(node, {}, build), /the SDK's own/);
    await assert.rejects(request(address), /ECONNREFUSED/);
  });
});
