import assert from "node:assert/strict";
import { connect, type NodeClient } from "../../../aleo/node/client.ts";
import {
  CapabilityMissingError,
  InvalidEndpointError,
  NodeResponseError,
  WrongNetworkError,
} from "../../../aleo/node/errors.ts";
import { startFaultyNode, type FaultyNode } from "../../support/faulty-node.ts";

const id = "at19ffu9qyj22e2y6wx8rgmrpwmglddxjx2e8zdesj0jnes29tqavxsu9xg37";

/** Answers of nodes that can't be had here, as their source says that they answer. */
describe("a node client and nodes of other kinds than the devnode", () => {
  const clients: NodeClient[] = [];
  const nodes: FaultyNode[] = [];

  /** A node that serves just these routes, in this order of precedence. */
  const nodeWith = async (
    routes: readonly (readonly [path: RegExp, status: number, body: unknown])[],
  ): Promise<FaultyNode> => {
    const node = await startFaultyNode("http://127.0.0.1:9");
    nodes.push(node);
    for (const [path, status, body] of routes) {
      const text = typeof body === "string" ? body : JSON.stringify(body);
      node.add({ path, fault: { kind: "answer", status, body: text } });
    }
    node.add({ path: /./, fault: { kind: "answer", status: 404, body: "" } });
    return node;
  };
  const client = (network: "testnet" | "mainnet", ...endpoints: string[]): NodeClient => {
    const made = connect({ network, endpoints, retryBudgetMs: 300, requestTimeoutMs: 250 });
    clients.push(made);
    return made;
  };

  afterEach(async () => {
    await Promise.all(clients.splice(0).map((made) => made.close()));
    await Promise.all(nodes.splice(0).map((node) => node.close()));
  });

  for (const [name, path] of [
    ["below /v2", /^\/v2\/testnet\/block\/height\/latest$/],
    ["without a version", /^\/testnet\/block\/height\/latest$/],
    ["below /v1 only", /^\/v1\/testnet\/block\/height\/latest$/],
  ] as const) {
    it(`finds the routes of a node that serves them ${name}, and asks for them once`, async () => {
      const node = await nodeWith([[path, 200, 7]]);
      const found = client("testnet", node.url);
      assert.deepEqual(await Promise.all([found.latestHeight(), found.latestHeight()]), [7, 7]);
      const probes = node.requests.length;
      assert.equal(await found.latestHeight(), 7);
      assert.equal(node.requests.length, probes + 1);
    });
  }

  it("asks nothing before the first question", async () => {
    const node = await nodeWith([]);
    client("testnet", node.url);
    assert.equal(node.requests.length, 0);
  });

  it("says which network an endpoint serves when it is the wrong one", async () => {
    const node = await nodeWith([[/\/testnet\/block\/height\/latest/, 200, 7]]);
    for (const base of ["", "/v2"]) {
      await assert.rejects(client("mainnet", `${node.url}${base}`).latestHeight(), (error) => {
        assert.ok(error instanceof WrongNetworkError);
        assert.match(error.message, /serves testnet, not mainnet/);
        return true;
      });
    }
  });

  it("says when there is no node at an address", async () => {
    const node = await nodeWith([[/./, 404, "<html>Not Found</html>"]]);
    await assert.rejects(client("testnet", node.url).program("credits.aleo"), (error) => {
      assert.ok(error instanceof NodeResponseError);
      assert.match(error.message, /there is no Aleo node at this address/);
      return true;
    });
  });

  it("reads program, owner and amendments in one answer where they are in it", async () => {
    const node = await nodeWith([
      [/height\/latest/, 200, 7],
      [
        /metadata=true/,
        200,
        {
          program: "program a.aleo;",
          edition: 3,
          transaction_id: id,
          program_owner: "aleo1x",
          amendment_count: 2,
        },
      ],
    ]);
    assert.deepEqual(await client("testnet", node.url).program("a.aleo"), {
      source: "program a.aleo;",
      edition: 3,
      transactionId: id,
      owner: "aleo1x",
      amendments: 2,
    });
    assert.equal(node.requests.length, 2);
  });

  it("gathers a program from several answers of a node that knows no metadata", async () => {
    const node = await nodeWith([
      [/height\/latest/, 200, 7],
      [/amendment_count/, 200, { program_id: "a.aleo", edition: 3, amendment_count: 1 }],
      [/latest_edition/, 200, 3],
      [/find\/transactionID\/deployment/, 200, `"${id}"`],
      [/transaction\/at1/, 200, { type: "deploy", id, owner: { address: "aleo1y" } }],
      [/program\/a\.aleo/, 200, '"program a.aleo;"'],
    ]);
    assert.deepEqual(await client("testnet", node.url).program("a.aleo"), {
      source: "program a.aleo;",
      edition: 3,
      transactionId: id,
      owner: "aleo1y",
      amendments: 1,
    });
  });

  it("asks for an amendment count once only where it is not served", async () => {
    const program = { program: "program a.aleo;", edition: 0 };
    const node = await nodeWith([
      [/height\/latest/, 200, 7],
      [/metadata=true/, 200, program],
    ]);
    const asking = client("testnet", node.url);
    assert.equal((await asking.program("a.aleo"))?.amendments, undefined);
    assert.equal((await asking.program("a.aleo"))?.amendments, undefined);
    assert.equal(node.count(/amendment_count/), 1);
  });

  for (const [name, status, body] of [
    ["401", 401, ""],
    ["a 400 that asks for a token", 400, { message: "Header of type `authorization` was missing" }],
    ["v1's 500 for it", 500, "Header of type `authorization` was missing (HTTP 400)"],
    ["no such route", 404, ""],
  ] as const) {
    it(`takes ${name} for a node that lists no mappings, and asks only once`, async () => {
      const node = await nodeWith([
        [/height\/latest/, 200, 7],
        [/all=true/, status, body],
      ]);
      const asking = client("testnet", node.url);
      for (let turn = 0; turn < 2; turn++) {
        await assert.rejects(asking.mappingEntries("a.aleo", "m"), (error) => {
          assert.ok(error instanceof CapabilityMissingError);
          assert.equal(error.capability, "mapping listing");
          return true;
        });
      }
      assert.equal(node.count(/all=true/), 1);
    });
  }

  it("lists a mapping at the endpoint that does, without giving up the preferred one", async () => {
    const closed = await nodeWith([
      [/height\/latest/, 200, 7],
      [/all=true/, 401, ""],
    ]);
    const open = await nodeWith([
      [/height\/latest/, 200, 7],
      [/all=true/, 200, [["1u8", "2u8"]]],
    ]);
    const both = client("testnet", closed.url, open.url);
    assert.deepEqual(await both.mappingEntries("a.aleo", "m"), {
      entries: [["1u8", "2u8"]],
      height: undefined,
    });
    const asked = closed.count(/height/);
    await both.latestHeight();
    assert.equal(closed.count(/height/), asked + 1, "it stays the preferred one for the rest");
  });

  it("reads from a validator's memory pool whether a transaction waits, and nothing elsewhere", async () => {
    const validator = await nodeWith([
      [/height\/latest/, 200, 7],
      [/memoryPool/, 200, { [id]: { type: "execute", id } }],
    ]);
    const asking = client("testnet", validator.url);
    assert.equal(await asking.unconfirmedTransaction(id), true);
    assert.equal(await asking.unconfirmedTransaction("at1other"), false);
    const relay = await nodeWith([
      [/height\/latest/, 200, 7],
      [/memoryPool/, 503, { message: "Route isn't available for this node type" }],
    ]);
    assert.equal(await client("testnet", relay.url).unconfirmedTransaction(id), undefined);
  });

  it("reads the height of a confirmed transaction from its metadata", async () => {
    const transaction = { type: "execute", id };
    const node = await nodeWith([
      [/height\/latest/, 200, 7],
      [
        /confirmed/,
        200,
        {
          transaction: { status: "accepted", type: "execute", transaction },
          block_hash: "ab1",
          block_height: 5,
        },
      ],
    ]);
    const confirmed = await client("testnet", node.url).confirmedTransaction(id);
    assert.equal(confirmed?.blockHeight, 5);
    assert.equal(confirmed.fee, undefined);
    assert.equal(node.requests.length, 2);
  });

  it("refuses an address that is none, and shows nothing secret of it", () => {
    for (const address of ["", "node", "ftp://a.b", "127.0.0.1:3030"]) {
      assert.throws(() => client("testnet", address), InvalidEndpointError);
    }
    assert.throws(() => client("testnet"), InvalidEndpointError);
    for (const address of ["https://me:hunter2@a.b", "https://a.b?key=hunter2"]) {
      assert.throws(
        () => client("testnet", address),
        (error: Error) =>
          error instanceof InvalidEndpointError && !error.message.includes("hunter2"),
      );
    }
  });
});
