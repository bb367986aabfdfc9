import assert from "node:assert/strict";
import { connect } from "../../../aleo/node/client.ts";
import { isDevnode } from "../../../aleo/transaction/devnode.ts";
import { scratchDevnode } from "../../support/devnode.ts";
import { startFaultyNode } from "../../support/faulty-node.ts";

describe("a devnode is told from a network of validators", () => {
  const devnode = scratchDevnode();

  it("by who made its latest block", async () => {
    const node = connect({ network: "local", endpoints: [devnode.url] });
    const proxy = await startFaultyNode(devnode.url);
    const network = connect({ network: "testnet", endpoints: [proxy.url] });
    try {
      assert.equal(await isDevnode(node), true);
      const block = { ...(await node.latestBlock()), authority: { type: "quorum", subdag: {} } };
      const body = JSON.stringify(block);
      proxy.add({ path: /block\/latest/, fault: { kind: "answer", status: 200, body } });
      assert.equal(await isDevnode(network), false);
    } finally {
      await Promise.all([node.close(), network.close(), proxy.close()]);
    }
  });
});
