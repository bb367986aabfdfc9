import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import type { ServerResponse } from "node:http";
import { PrivateKey } from "../../../aleo/keys.ts";
import { connect, type NodeClient } from "../../../aleo/node/client.ts";
import type {
  BuiltTransaction,
  ExecutionRequest,
  TransactionBuilder,
} from "../../../aleo/transaction/builder.ts";
import {
  delegatedBuilder,
  DelegatedProvingError,
  type DelegatedProver,
} from "../../../aleo/transaction/delegated-builder.ts";
import { SdkError } from "../../../aleo/transaction/sdk.ts";
import { unprovenBuilder } from "../../../aleo/transaction/unproven-builder.ts";
import { developmentKey } from "../../../local/development-account.ts";
import { scratchDevnode } from "../../support/devnode.ts";
import { startFaultyNode, type FaultyNode } from "../../support/faulty-node.ts";
import { source } from "../node/notes-program.ts";
import { startLocalServer, type LocalServer } from "./local-server.ts";

const request: ExecutionRequest = {
  programId: "notes.aleo",
  source,
  edition: 0,
  imports: {},
  functionName: "put",
  inputs: ["1u64", "5u64"],
  priorityFee: 0n,
};
const apiKey = "secret-api-key";

describe("executions that a delegated prover proves", function () {
  this.timeout(60_000);
  const devnode = scratchDevnode();
  let chain: FaultyNode;
  let node: NodeClient;
  let local: TransactionBuilder;
  let proven: BuiltTransaction;
  let prover: LocalServer;

  before(async function () {
    this.timeout(120_000);
    chain = await startFaultyNode(devnode.url);
    node = connect({ network: "local", endpoints: [chain.url] });
    local = unprovenBuilder(node, new PrivateKey(developmentKey, "this test"), { devnode: true });
    const { programId, imports, priorityFee } = request;
    const deployment = { programId, source, edition: 0, imports, priorityFee };
    await node.broadcast((await local.deployment(deployment)).text);
    proven = await local.execution(request);
  });
  beforeEach(async () => {
    chain.clear();
    prover = await startLocalServer();
  });
  afterEach(async () => {
    assert.equal(chain.count(/broadcast/), 0, "nothing is sent");
    await prover.close();
  });
  after(async () => {
    await node.close();
    await chain.close();
  });

  const builder = (more: Partial<DelegatedProver> = {}) =>
    delegatedBuilder(node, new PrivateKey(developmentKey, "this test"), local, {
      url: prover.url,
      apiKey: undefined,
      consumerId: undefined,
      timeoutMs: 5_000,
      ...more,
    });
  const json = (response: ServerResponse, status: number, body: unknown, headers = {}) =>
    response
      .writeHead(status, { "content-type": "application/json", ...headers })
      .end(JSON.stringify(body));
  const x25519 = generateKeyPairSync("x25519").publicKey.export({ type: "spki", format: "der" });
  const publicKey = { key_id: "key-7", public_key: x25519.subarray(-32).toString("base64") };
  /** Speaks the prover's protocol; `prove` answers the proving request. */
  const serve = (prove: (response: ServerResponse) => void) => {
    prover.answer(({ method, path }, response) => {
      if (path.startsWith("/jwts/")) {
        json(response, 201, { exp: Date.now() / 1000 + 3600 }, { authorization: "Bearer token-9" });
      } else if (method === "GET" && path === "/pubkey") {
        json(response, 200, publicKey, { "set-cookie": "session=5" });
      } else if (method === "POST" && path === "/prove/authorization") {
        prove(response);
      } else {
        json(response, 404, "no such route");
      }
    });
  };
  const answering = (status: number, body: unknown) => {
    serve((response) => json(response, status, body));
  };
  const proofOf = (transaction: unknown) => ({ transaction, broadcast_result: {} });
  const proving = () => prover.requests.filter(({ path }) => path === "/prove/authorization");
  const notProven = (reason: RegExp) => (error: unknown) => {
    assert.ok(error instanceof DelegatedProvingError, String(error));
    assert.ok(error.message.includes(`${prover.url} did not prove the call of notes.aleo/put`));
    assert.match(error.message, reason);
    assert.match(error.remedy, /Nothing was sent/);
    assert.ok(!error.explain().includes(apiKey));
    return true;
  };

  it("come back proven and unsent", async () => {
    answering(200, proofOf(JSON.parse(proven.text)));
    const built = await builder().execution(request);
    assert.equal(built.id, proven.id);
    assert.equal(built.fee, proven.fee);
    assert.deepEqual(JSON.parse(built.text), JSON.parse(proven.text));
  });

  it("leave this machine encrypted for the prover's key, without the private key", async () => {
    answering(200, proofOf(JSON.parse(proven.text)));
    await builder().execution(request);
    const [sent] = proving();
    const { key_id: keyId, ciphertext } = JSON.parse(sent?.body ?? "{}") as Record<string, string>;
    assert.equal(keyId, publicKey.key_id);
    assert.equal(sent?.headers.cookie, "session=5");
    const bytes = Buffer.from(ciphertext ?? "", "base64");
    assert.ok(bytes.length > 1_000);
    for (const plain of ["notes", "put", developmentKey]) assert.ok(!bytes.includes(plain), plain);
    assert.ok(!JSON.stringify(prover.requests).includes(developmentKey));
  });

  it("are asked for with the API key exchanged for a token", async () => {
    answering(200, proofOf(JSON.parse(proven.text)));
    await builder({ apiKey, consumerId: "consumer-3" }).execution(request);
    const [mint] = prover.requests;
    assert.equal(mint?.path, "/jwts/consumer-3");
    assert.equal(mint.headers["x-provable-api-key"], apiKey);
    assert.equal(proving()[0]?.headers.authorization, "Bearer token-9");
  });

  it("fail with the prover's own words where it refuses", async () => {
    answering(400, { message: "the authorization is invalid" });
    await assert.rejects(
      builder().execution(request),
      notProven(/HTTP 400, the authorization is invalid/),
    );
    assert.equal(proving().length, 1);
  });

  for (const status of [500, 503]) {
    it(`are asked for again where it answers ${status}, and fail in the end`, async () => {
      answering(status, { message: "too busy" });
      await assert.rejects(
        builder().execution(request),
        notProven(new RegExp(`HTTP ${status}, too busy`)),
      );
      assert.ok(proving().length > 1);
    });
  }

  it("succeed where it is busy at first", async () => {
    serve((response) => {
      const busy = proving().length < 3;
      const body = busy ? { message: "too busy" } : proofOf(JSON.parse(proven.text));
      json(response, busy ? 503 : 200, body);
    });
    assert.equal((await builder().execution(request)).id, proven.id);
  });

  it("fail where it never answers", async () => {
    serve(() => undefined);
    await assert.rejects(
      builder({ timeoutMs: 300 }).execution(request),
      notProven(/: no answer within 0\.3 s/),
    );
  });

  it("fail where the connection is cut or refused", async () => {
    serve((response) => response.socket?.destroy());
    await assert.rejects(builder().execution(request), notProven(/other side closed|ECONNRESET/));
    const { url } = prover;
    await prover.close();
    await assert.rejects(builder({ url }).execution(request), notProven(/ECONNREFUSED/));
  });

  it("fail where it answers with something else", async () => {
    for (const [body, reason] of [
      [{}, /HTTP 200, Invalid response/],
      [proofOf("at1"), /no transaction/],
      [proofOf({ id: "at1x" }), /no transaction/],
      [proofOf({ ...(JSON.parse(proven.text) as object), id: 7 }), /no transaction/],
    ] as const) {
      answering(200, body);
      await assert.rejects(builder().execution(request), notProven(reason));
    }
    serve((response) => response.writeHead(200).end("<html>"));
    await assert.rejects(builder().execution(request), notProven(/HTTP 200, Invalid response/));
  });

  it("fail where it has no key, or is no prover", async () => {
    prover.answer((_request, response) => json(response, 401, "who are you"));
    await assert.rejects(builder().execution(request), notProven(/HTTP 401/));
    await assert.rejects(
      builder({ apiKey, consumerId: "consumer-3" }).execution(request),
      notProven(/HTTP 401/),
    );
    prover.answer((_request, response) => json(response, 200, { public_key: "no key" }));
    await assert.rejects(builder().execution(request), notProven(/./));
  });

  it("are not asked for where the call itself is wrong", async () => {
    answering(200, proofOf(JSON.parse(proven.text)));
    const wrong = { ...local, estimateExecution: () => Promise.resolve(1_000n) };
    const asked = delegatedBuilder(node, new PrivateKey(developmentKey, "this test"), wrong, {
      url: prover.url,
      apiKey: undefined,
      consumerId: undefined,
      timeoutMs: 5_000,
    });
    await assert.rejects(
      asked.execution({ ...request, functionName: "no_such_function" }),
      (error) => error instanceof SdkError && error.message.includes("no_such_function"),
    );
    assert.equal(prover.requests.length, 0);
  });

  it("are the only ones: deployments are proven on this machine", async () => {
    const { programId, imports, priorityFee } = request;
    const deployment = { programId, source, edition: 1, imports, priorityFee };
    assert.match((await builder().deployment(deployment)).id, /^at1/);
    assert.equal(await builder().signer(), await local.signer());
    assert.equal(prover.requests.length, 0);
  });
});
