import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { PrivateKey } from "../../../aleo/keys.ts";
import { connect, type NodeClient } from "../../../aleo/node/client.ts";
import { provingBuilder } from "../../../aleo/transaction/proving-builder.ts";
import { ProvingKeyError, ProvingKeys } from "../../../aleo/transaction/proving-keys.ts";
import { loadSdk, type Sdk, useDevnodeConsensusHeights } from "../../../aleo/transaction/sdk.ts";
import { developmentAddress, developmentKey } from "../../../local/development-account.ts";
import { scratchDevnode } from "../../support/devnode.ts";
import { startFaultyNode, type FaultyNode } from "../../support/faulty-node.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";
import { source } from "../node/notes-program.ts";
import { startLocalServer, type LocalServer } from "./local-server.ts";

describe("the proving key of the public fee", function () {
  this.timeout(60_000);
  let sdk: Sdk;
  let host: LocalServer;
  let directory: ReturnType<typeof temporaryDirectory>;
  let cache: string;
  let file: string;

  before(async () => {
    sdk = await loadSdk("testnet");
    // Once a process, and a process runs several files.
    useDevnodeConsensusHeights(sdk);
    file = basename(new URL(sdk.CREDITS_PROGRAM_KEYS.fee_public.prover).pathname);
  });
  beforeEach(async () => {
    host = await startLocalServer();
    directory = temporaryDirectory("proving-keys");
    cache = join(directory.path, "proving-keys");
  });
  afterEach(async () => {
    await host.close();
    directory.remove();
  });

  const publicFee = () => new ProvingKeys(cache, host.url).publicFee(sdk);
  const cached = () => (existsSync(cache) ? readdirSync(cache) : []);
  const fails = (reason: RegExp) => async () => {
    await assert.rejects(publicFee(), (error) => {
      assert.ok(error instanceof ProvingKeyError, String(error));
      assert.ok(error.message.includes(`${host.url}/${file}`));
      assert.match(error.message, reason);
      return true;
    });
    assert.deepEqual(cached(), []);
  };

  it("is asked for by the name that the SDK knows, and not kept where it is not there", async () => {
    await fails(/can't be downloaded.*the host answered 404/)();
    assert.deepEqual(
      host.requests.map(({ path }) => path),
      [`/${file}`],
    );
  });

  it("is not kept where the host fails", async () => {
    host.answer((_request, response) => response.writeHead(500).end("busy"));
    await fails(/the host answered 500/)();
  });

  it("is not kept where the connection is cut in the middle", async () => {
    host.answer((_request, response) => {
      response.writeHead(200, { "content-length": 1_000_000 });
      response.write("half", () => response.socket?.destroy());
    });
    await fails(/can't be downloaded/)();
    host.answer((_request, response) => {
      response.writeHead(200);
      response.write("half", () => response.socket?.destroy());
    });
    await fails(/can't be downloaded/)();
  });

  it("is not kept where no host answers", async () => {
    await host.close();
    await fails(/can't be downloaded.*ECONNREFUSED/)();
  });

  it("is refused and not kept where the host sends another file", async () => {
    for (const wrong of ["", "<html>login</html>", Buffer.alloc(10_000, 7)]) {
      host.answer((_request, response) => response.writeHead(200).end(wrong));
      await fails(/is not the proving key of the public fee/)();
    }
  });

  it("is taken from the cache without asking the host, and checked there too", async () => {
    mkdirSync(cache, { recursive: true });
    writeFileSync(join(cache, file), "damaged");
    await fails(/is not the proving key of the public fee/)();
    assert.equal(host.requests.length, 0);
    await fails(/404/)();
    assert.equal(host.requests.length, 1);
  });

  describe("for a builder that proves", () => {
    const devnode = scratchDevnode();
    let chain: FaultyNode;
    let node: NodeClient;

    before(async () => {
      chain = await startFaultyNode(devnode.url);
      node = connect({ network: "local", endpoints: [chain.url] });
    });
    after(async () => {
      await node.close();
      await chain.close();
    });

    const request = { programId: "notes.aleo", source, edition: 0, imports: {}, priorityFee: 0n };

    it("is needed before anything is built: without it nothing is sent", async () => {
      const keys = new ProvingKeys(cache, host.url);
      const builder = provingBuilder(node, new PrivateKey(developmentKey, "this test"), keys);
      const call = { ...request, functionName: "put", inputs: ["1u64", "5u64"] };
      await assert.rejects(builder.deployment(request), ProvingKeyError);
      await assert.rejects(builder.execution(call), ProvingKeyError);
      assert.equal(chain.count(/broadcast/), 0);
    });

    it("is not needed for the address and for prices", async () => {
      const keys = new ProvingKeys(cache, host.url);
      const builder = provingBuilder(node, new PrivateKey(developmentKey, "this test"), keys);
      assert.equal(await builder.signer(), developmentAddress);
      const call = { ...request, functionName: "put", inputs: ["1u64", "5u64"] };
      assert.ok((await builder.estimateExecution(call)) > 1_000n);
      assert.ok((await builder.estimateDeployment(request)) > 1_000_000n);
      assert.equal(host.requests.length, 0);
    });
  });
});
