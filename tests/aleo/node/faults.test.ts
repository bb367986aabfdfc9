import assert from "node:assert/strict";
import { connect, type ConnectOptions, type NodeClient } from "../../../aleo/node/client.ts";
import {
  NodeResponseError,
  NodeUnreachableError,
  RateLimitedError,
} from "../../../aleo/node/errors.ts";
import { developmentAddress } from "../../../local/development-account.ts";
import { scratchDevnode } from "../../support/devnode.ts";
import { nodeFaults, startFaultyNode, type FaultyNode } from "../../support/faulty-node.ts";

/** Too much stays too much: it is not asked for again. */
const endless = "an answer without end";

const finalErrors: Readonly<
  Record<string, new (...args: never[]) => NodeResponseError | NodeUnreachableError>
> = {
  "a 500": NodeUnreachableError,
  "a 503 with Retry-After": NodeUnreachableError,
  "a 429": RateLimitedError,
  "half a body": NodeResponseError,
  "a cut connection": NodeUnreachableError,
  "wrong JSON": NodeResponseError,
  nothing: NodeUnreachableError,
  [endless]: NodeResponseError,
};

describe("a node client in front of a node that does not answer as it should", () => {
  const devnode = scratchDevnode();
  const clients: NodeClient[] = [];
  let faulty: FaultyNode;
  let other: FaultyNode;

  const client = (options: Partial<ConnectOptions> = {}): NodeClient => {
    const made = connect({
      network: "local",
      endpoints: [faulty.url],
      retryBudgetMs: 1_500,
      requestTimeoutMs: 250,
      maxResponseBytes: 1_000_000,
      ...options,
    });
    clients.push(made);
    return made;
  };

  before(async () => {
    faulty = await startFaultyNode(devnode.url);
    other = await startFaultyNode(devnode.url);
  });
  beforeEach(() => {
    faulty.clear();
    other.clear();
  });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((made) => made.close()));
  });
  after(async () => {
    await faulty.close();
    await other.close();
  });

  for (const [name, fault] of Object.entries(nodeFaults).filter(([one]) => one !== endless)) {
    it(`goes on after ${name}, twice`, async () => {
      faulty.add({ path: /program\/credits/, fault, times: 2 });
      assert.equal((await client().program("credits.aleo"))?.edition, 0);
    });

    it(`goes on after ${name} while it finds out what the node serves`, async () => {
      faulty.add({ path: /height\/latest/, fault, times: 2 });
      assert.equal((await client().program("credits.aleo"))?.edition, 0);
    });
  }

  for (const [name, fault] of Object.entries(nodeFaults)) {
    it(`gives up ${name} with a clear error, never with "not there"`, async () => {
      faulty.add({ path: /mapping/, fault });
      await assert.rejects(client().balance(developmentAddress), (error: Error) => {
        assert.ok(error instanceof (finalErrors[name] ?? assert.fail()));
        assert.match(error.message, /GET \/program\/credits\.aleo\/mapping\/account/);
        assert.ok(error.message.includes(faulty.url));
        assert.notEqual(error.remedy, "");
        return true;
      });
      assert.equal(faulty.count(/mapping/) > 1, name !== endless);
    });

    it(`asks the second endpoint after ${name} at the first, and then goes on with it`, async () => {
      faulty.add({ path: /program/, fault });
      const both = client({ endpoints: [faulty.url, other.url] });
      assert.equal(await both.programEdition("credits.aleo"), 0);
      assert.equal(await both.programEdition("nope.aleo"), undefined);
      assert.equal(faulty.count(/latest_edition/), 1);
      assert.equal(other.count(/latest_edition/), 2);
    });
  }

  describe("that follows the freshest", () => {
    /** The endpoint serves a block of before as its newest. */
    const behind = async (node: FaultyNode, blocks: number) => {
      const { height } = (await client({ endpoints: [devnode.url] }).latestBlock()).header.metadata;
      const body = await (await fetch(`${devnode.url}/testnet/block/${height - blocks}`)).text();
      node.add({ path: /block\/latest/, fault: { kind: "answer", status: 200, body } });
      return height;
    };
    const both = () => client({ endpoints: [faulty.url, other.url] });

    it("reads no more from one that is behind, and says so where the others fail", async () => {
      const height = await behind(faulty, 2);
      const made = both();
      const head = await made.followFreshest();
      assert.equal(head.height, height);
      assert.ok(head.timeMs > 0);
      await made.programEdition("credits.aleo");
      other.add({ path: /consensus/, fault: { kind: "cut" } });
      await assert.rejects(made.consensusVersion(), (error: Error) => {
        assert.match(error.message, new RegExp(`${faulty.url}: it is 2 blocks behind`));
        return true;
      });
      assert.equal(faulty.count(/latest_edition|consensus/), 0);
    });

    it("goes back to one that has caught up", async () => {
      await behind(faulty, 5);
      const made = both();
      await made.followFreshest();
      faulty.clear();
      other.add({ path: /./, fault: { kind: "cut" } });
      await made.followFreshest();
      assert.equal(await made.programEdition("credits.aleo"), 0);
    });

    it("keeps one that is a single block behind for when the furthest fails", async () => {
      await behind(faulty, 1);
      const made = both();
      await made.followFreshest();
      await made.programEdition("credits.aleo");
      assert.equal(faulty.count(/latest_edition/), 0);
      other.add({ path: /latest_edition/, fault: { kind: "cut" } });
      assert.equal(await made.programEdition("credits.aleo"), 0);
    });

    it("waits no longer than 3 s for one that does not answer", async () => {
      faulty.add({ path: /./, fault: { kind: "hang" } });
      const made = both();
      const begun = Date.now();
      await made.followFreshest();
      assert.ok(Date.now() - begun < 4_500);
      const asked = faulty.count(/./);
      await made.programEdition("credits.aleo");
      assert.equal(faulty.count(/./), asked);
    });

    it("leaves one of another network", async () => {
      faulty.add({ path: /testnet/, fault: { kind: "answer", status: 404 } });
      faulty.add({ path: /mainnet/, fault: { kind: "answer", status: 200, body: "999" } });
      const made = both();
      await made.followFreshest();
      assert.equal(await made.programEdition("credits.aleo"), 0);
    });

    it("fails as any question where none answers", async () => {
      for (const node of [faulty, other]) node.add({ path: /./, fault: { kind: "cut" } });
      await assert.rejects(both().followFreshest(), NodeUnreachableError);
    });
  });

  it("names every endpoint with its own reason when none answers", async () => {
    faulty.add({ path: /./, fault: { kind: "answer", status: 503, body: "asleep" } });
    other.add({ path: /./, fault: { kind: "hang" } });
    const both = client({ endpoints: [faulty.url, other.url] });
    await assert.rejects(both.latestHeight(), (error) => {
      assert.ok(error instanceof NodeUnreachableError);
      assert.deepEqual(error.failures, [
        { endpoint: faulty.url, reason: "HTTP 503, asleep" },
        { endpoint: other.url, reason: "no answer within 0.25 s" },
      ]);
      assert.match(error.message, /within 1\.5 s/);
      return true;
    });
  });

  it("waits as long as the node asks for", async () => {
    const fault = { kind: "answer", status: 429, headers: { "retry-after": "1" } } as const;
    faulty.add({ path: /consensus/, fault, times: 1 });
    const patient = client({ retryBudgetMs: 5_000 });
    const started = performance.now();
    assert.equal(await patient.consensusVersion(), 19);
    assert.ok(performance.now() - started > 990);
    assert.equal(faulty.count(/consensus/), 2);
  });

  it("gives up at once when the node asks for more time than there is", async () => {
    const fault = { kind: "answer", status: 429, headers: { "retry-after": "3600" } } as const;
    faulty.add({ path: /consensus/, fault });
    const hasty = client();
    await assert.rejects(hasty.consensusVersion(), (error) => {
      assert.ok(error instanceof RateLimitedError);
      assert.match(error.message, /it asks to wait 3600 s/);
      return true;
    });
    await assert.rejects(hasty.latestHeight(), RateLimitedError);
    assert.equal(faulty.count(/consensus/), 1);
  });

  it("takes an answer that is slow but in time", async () => {
    faulty.add({ path: /consensus/, fault: { kind: "slow", delayMs: 300 } });
    assert.equal(await client({ requestTimeoutMs: 5_000 }).consensusVersion(), 19);
    assert.equal(faulty.count(/consensus/), 1);
  });

  it("does not take JSON of another shape", async () => {
    const strange = ['"22"', "-1", "null", "[]", '{"height":22}'];
    for (const body of strange) {
      faulty.clear();
      faulty.add({ path: /latest/, after: 1, fault: { kind: "answer", status: 200, body } });
      await assert.rejects(client({ retryBudgetMs: 300 }).latestHeight(), NodeResponseError);
    }
  });

  it("answers again as soon as the node does, with the same client", async () => {
    const same = client();
    await devnode.stop();
    await assert.rejects(same.programEdition("credits.aleo"), NodeUnreachableError);
    await devnode.restart();
    assert.equal(await same.programEdition("credits.aleo"), 0);
  });

  it("keeps an endpoint's budget of requests, and none for one on this machine", async () => {
    // This address reaches the same server and is not known as one of this machine.
    const remote = faulty.url.replace("127.0.0.1", "0.0.0.0");
    const elapsedMs = async (url: string): Promise<number> => {
      const asking = client({ endpoints: [url], requestsPerSecond: 2, requestTimeoutMs: 5_000 });
      await asking.latestHeight();
      const started = performance.now();
      await Promise.all([1, 2, 3, 4].map(() => asking.latestHeight()));
      return performance.now() - started;
    };
    const [limited, unlimited] = [await elapsedMs(remote), await elapsedMs(faulty.url)];
    assert.ok(limited > 1_900);
    assert.ok(unlimited < limited);
  });

  it("ends its questions when it is closed", async () => {
    faulty.add({ path: /consensus/, fault: { kind: "hang" } });
    const closing = client({ requestTimeoutMs: 60_000, retryBudgetMs: 120_000 });
    await closing.latestHeight();
    const question = assert.rejects(closing.consensusVersion(), NodeUnreachableError);
    while (faulty.count(/consensus/) === 0) await new Promise((resolve) => setImmediate(resolve));
    await closing.close();
    await question;
    await assert.rejects(closing.latestHeight(), NodeUnreachableError);
  });

  it("says that the connection is refused when nothing listens there", async () => {
    const gone = await startFaultyNode(devnode.url);
    await gone.close();
    const lonely = client({ endpoints: [gone.url], retryBudgetMs: 300 });
    await assert.rejects(lonely.latestHeight(), (error) => {
      assert.ok(error instanceof NodeUnreachableError);
      assert.equal(error.failures[0]?.reason, "the connection was refused");
      return true;
    });
  });
});
