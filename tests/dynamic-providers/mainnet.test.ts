import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { developmentKey } from "../../local/development-account.ts";
import { adder } from "./program-sources.ts";
import { type ProviderRun, startRun } from "./provider-run.ts";

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

type Answers = Readonly<Record<string, Answer>>;

/**
 * What a devnode answered about a program, under mainnet's name: a devnode is a ledger of testnet, and
 * takes no transaction of mainnet's. Its newest block was made one of a quorum, as on a real network, at a
 * height at which mainnet has all versions of the consensus that the SDK knows.
 */
const { deployed, upgradedByHand } = JSON.parse(
  readFileSync(new URL("recorded/mainnet.json", import.meta.url), "utf8"),
) as { deployed: Answers; upgradedByHand: Answers };

const kept = adder("mainnet_kept");
const fresh = adder("mainnet_fresh");

describe("a program on mainnet, by recorded answers", function () {
  this.timeout(60_000);
  let server: Server;
  let run: ProviderRun;
  let answers: Answers;
  const sent: string[] = [];
  const unknown: string[] = [];

  before((done) => {
    server = createServer(({ method = "", url = "" }, response) => {
      if (method !== "GET") sent.push(`${method} ${url}`);
      const answer = answers[url.replace(/^\/v2\/mainnet/, "")];
      if (answer === undefined) unknown.push(url);
      response.writeHead(answer?.status ?? 404, { "content-type": "application/json" });
      response.end(JSON.stringify(answer?.body ?? null));
    }).listen(0, "127.0.0.1", done);
  });
  const startOn = (given: Answers): ProviderRun => {
    answers = given;
    const { port } = server.address() as AddressInfo;
    const endpoints = JSON.stringify([`http://127.0.0.1:${port}`]);
    return startRun({
      config: { network: "mainnet", endpoints, maxFee: "1000000000" },
      env: { ALEO_PRIVATE_KEY: developmentKey },
    });
  };
  beforeEach(() => {
    run = startOn(deployed);
  });
  afterEach(() => {
    run.end();
    assert.deepEqual(sent, [], "nothing may be sent");
    assert.deepEqual(unknown, [], "what was asked for without a recorded answer");
  });
  after((done) => {
    server.close(done);
  });

  it("is adopted where it is there already, and not paid again", async () => {
    const properties = await run.program.create(kept);
    assert.deepEqual(
      { ...properties, source: undefined, interface: undefined },
      {
        source: undefined,
        interface: undefined,
        network: "mainnet",
        program: "mainnet_kept.aleo",
        edition: 0,
        estimatedFee: "0",
        transaction: "at1t3q09pn8l45u259wk5v0shmv0mg8rx264zk8zuceapx723ey5yxqc5tauj",
        paidFee: "1982586",
        owner: "aleo1rhgdu77hgyqd3xjj8ucu3jj9r2krwz6mnzyd80gncr5fxcwlh5rsvzp9px",
        address: "aleo1jjsv2har280ty2dd8xef66m9u2xy33dhms65sqrgprt7yyyhmvxssxvg9w",
      },
    );
    const { inputs, props } = await run.program.read(properties);
    assert.deepEqual(props, properties);
    assert.equal(inputs.changedOnChain, undefined);
  });

  it("is priced by mainnet's own rules before it is there", async () => {
    const inputs = await run.program.checked(fresh);
    assert.deepEqual([inputs.edition, inputs.estimatedFee], [0, "1983586"]);
  });

  it("is drift where somebody upgraded it, which no `up` undoes unasked", async () => {
    const properties = await run.program.create(kept);
    run.end();
    run = startOn(upgradedByHand);
    const { props, inputs } = await run.program.read(properties);
    assert.equal(props.edition, 1);
    assert.match(
      inputs.changedOnChain ?? "",
      /^edition 1 by aleo1rhgdu\w+ in transaction at17ypst/,
    );
    assert.match(
      await run.program.refusal(kept, { ...props, ...inputs }),
      /mainnet_kept\.aleo was changed on chain besides this stack: edition 1/,
    );
  });

  it("is refused on a stack that was another network's", async () => {
    const inputs = await run.program.checked(kept);
    assert.match(
      await run.program.refusal(kept, { ...inputs, network: "testnet" }),
      /This stack's programs are on testnet; its configuration now says mainnet/,
    );
  });
});
