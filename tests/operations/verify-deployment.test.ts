import assert from "node:assert/strict";
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compiledProgram } from "../../contracts/compiled-program.ts";
import { calleeOf } from "../../operations/call.ts";
import { type Check, codeOf } from "../../operations/checks.ts";
import { debugDeployment } from "../../operations/deploy/debug.ts";
import { RetryRefusedError, retryTransaction } from "../../operations/deploy/retry.ts";
import { verifyDeployment } from "../../operations/deploy/verify.ts";
import { admin, alice, bob, stranger } from "../contracts/accounts.ts";
import { callsOf } from "../contracts/chain.ts";
import { adder, counter, pausable } from "../dynamic-providers/program-sources.ts";
import { liveChain } from "./live-chain.ts";

const program = "trust_verifier_v3.aleo";
/** On chain with one assert fewer than the project declares. */
const tampered = "trust_verifier_v2.aleo";

describe("What was deployed", function () {
  this.timeout(180_000);
  const chain = liveChain();
  const call = callsOf(program);

  before(async function () {
    this.timeout(180_000);
    await chain.deploy(alice, program);
    const source = compiledProgram(tampered);
    await chain.deploy(bob, tampered, source.replace(/^ {4}assert\.eq r\d+ true;\n/m, ""));
    appendFileSync(
      join(chain.directory, "Pulumi.local.yaml"),
      `  aleo-ops:programs: [{ program: ${program}, paused: false }, { program: ${tampered} }]\n`,
    );
  });

  const settings = () => chain.payer(alice).settings;
  const byVerdict = (checks: readonly Check[], verdict: string) =>
    checks.filter((check) => check.verdict === verdict).map(({ subject }) => subject);
  const verify = (id: string, account = alice.address) =>
    verifyDeployment(settings(), chain.node, id, { source: compiledProgram(id), account });

  it("is good in every point where it is what the project declares", async () => {
    const { code, stdout, stderr } = await chain.run(alice, ["verify-deployment", program]);
    assert.equal(code, 0, stdout + stderr);
    for (const line of [
      /✔ source +as in contracts\/, byte for byte/,
      /✔ checksum +[0-9a-f]{64}, as the chain keeps it/,
      /✔ edition +0, deployed by at1/,
      /✔ owner +aleo1s3ws/,
      /✔ mappings +6 as declared/,
      /✔ read of admin +\[0u8\] is aleo1s3ws/,
      /✔ read of proofs +\[0field\] is not set/,
      /✔ pause +it is running/,
    ]) {
      assert.match(stdout, line);
    }
    assert.doesNotMatch(stdout, /[✖!]/);
  });

  it("is told where another account deployed it, or it was paused by hand", async () => {
    const checks = await verify(program, bob.address);
    assert.deepEqual(byVerdict(checks, "notice"), ["owner", "admin"]);
    await chain.accepts(call(alice, "pause"));
    const paused = await verify(program);
    assert.deepEqual(byVerdict(paused, "bad"), ["pause"]);
    await chain.accepts(call(alice, "unpause"));
  });

  it("is bad where the code is another: exit code 3", async () => {
    const checks = await verify(tampered, bob.address);
    assert.deepEqual(byVerdict(checks, "bad"), ["source", "checksum"]);
    const { code, stdout } = await chain.run(bob, ["verify-deployment", tampered]);
    assert.equal(code, 3);
    assert.match(stdout, /✖ checksum .*\n {4}What to do: Treat the program as another one/);
  });

  it("is bad where it is not there", async () => {
    const checks = await verify("agent_registry_v3.aleo");
    assert.equal(codeOf(checks), 3);
    assert.match(checks[0]?.finding ?? "", /it is not on local/);
  });

  describe("or is not deployed", () => {
    const debug = (source: string, account: string | undefined = alice.address, maxFee?: bigint) =>
      debugDeployment(
        { ...settings(), ...(maxFee === undefined ? {} : { maxFee }) },
        chain.node,
        source,
        {
          ...{ account, accountProblem: "there is no key", staleness: [] },
          ...{ sourceOf: () => undefined, environment: { XDG_CACHE_HOME: chain.directory } },
          journalDirectory: join(chain.directory, ".state", "journal"),
        },
      );
    const bads = (checks: readonly Check[]) =>
      checks
        .filter(({ verdict }) => verdict === "bad")
        .map(({ subject, finding }) => `${subject}: ${finding}`);

    it("by what no reason is found for: all is good, with the fee", async () => {
      const checks = await debug(adder("fresh_adder"));
      assert.deepEqual(bads(checks), []);
      assert.match(
        checks.find(({ subject }) => subject === "fee")?.finding ?? "",
        /credits, below/,
      );
    });

    for (const [what, source, reason, account] of [
      ["a text that does not parse", "program broken.aleo;\nfunction f\n", /^text: .*line 3/],
      [
        "an import that is nowhere",
        adder("importing", ["nowhere.aleo"]),
        /^imports: nowhere\.aleo \(line 1\)/,
      ],
      ["another program of that name", counter("trust_verifier_v3", "1u64"), /^upgrade: line \d+/],
      [
        "an account without credits",
        adder("fresh_adder"),
        /^balance: .* are missing/,
        `aleo1${"q".repeat(52)}3ljyzc`,
      ],
      ["a reserved name", "program function.aleo;\n", /^text: /],
    ] as const) {
      it(`by reason of ${what}`, async () => {
        const [found] = bads(await debug(source, account));
        assert.match(found ?? "", reason);
      });
    }

    it("by reason of a fee over the limit, or an upgrade by who may not", async () => {
      const [fee] = bads(await debug(adder("fresh_adder"), alice.address, 5n));
      assert.match(fee ?? "", /^fee: .* over the limit of 0\.000005 credits/);
      const changed = compiledProgram(program).replace(
        "\nfunction revoke_verifier",
        "\nfunction more:\n    input r0 as u8.public;\n    output r0 as u8.public;\n\nfunction revoke_verifier",
      );
      const short = await debug(adder("short"));
      assert.match(
        short.find(({ subject }) => subject === "fee")?.remedy ?? "",
        /this one alone costs 100000 credits/,
      );
      const [right] = bads(await debug(changed, bob.address));
      assert.match(right ?? "", /^right: only aleo1s3ws.* may upgrade it/);
    });

    it("from a file as well, by the command", async () => {
      mkdirSync(join(chain.directory, "drafts"), { recursive: true });
      writeFileSync(join(chain.directory, "drafts", "fresh.aleo"), adder("fresh_adder"));
      const { code, stdout } = await chain.run(alice, ["deploy", "debug", "./drafts/fresh.aleo"]);
      assert.equal(code, 0, stdout);
      assert.match(stdout, /✔ name +fresh_adder\.aleo is free/);
    });
  });
});

describe("A retry", function () {
  this.timeout(180_000);
  const chain = liveChain();
  const switcher = pausable("switcher");
  const call = callsOf("switcher.aleo");
  const notes = () => join(chain.directory, "retries");
  const retry = (id: string, fee = 10n, by = bob) =>
    retryTransaction(chain.payer(by), id, fee, notes());

  /** Ids of pauses, by bob. */
  const rejected: string[] = [];

  /** Id of the last transaction with this status. */
  const last = async (status: string) => {
    const blocks = await chain.node.blocks(0, (await chain.node.latestHeight()) + 1);
    const found = blocks
      .flatMap(({ transactions }) => transactions)
      .findLast((one) => one.status === status);
    const id = (await chain.node.confirmedTransaction(found?.transaction.id ?? ""))?.id;
    return id ?? "";
  };

  before(async function () {
    this.timeout(180_000);
    await chain.deploy(
      admin,
      "switcher.aleo",
      // Pausing is refused until a limit is set.
      switcher.replace(
        "set true into paused[0u8];",
        "get limits[1u8] into r0;\n    set true into paused[0u8];",
      ),
    );
    for (let count = 0; count < 3; count += 1) {
      await assert.rejects(chain.accepts(call(bob, "pause")), /rejected/);
      rejected.push(await last("rejected"));
    }
  });

  it("of what was rejected is sent with another fee, once", async () => {
    const [first = ""] = rejected;
    await chain.accepts(call(bob, "set_limit", "1u8", "5u64"));
    const before = await chain.node.balance(bob.address);
    const report = await retry(first, 500n);
    assert.equal(report.sentNow, true);
    assert.match(report.proof, /^block \d+ rejected it/);
    assert.equal(await chain.node.mappingValue("switcher.aleo", "paused", "0u8"), "true");
    const paid = before - (await chain.node.balance(bob.address));
    assert.equal(paid, BigInt(report.fee));
    assert.deepEqual(await retry(first, 500n), { ...report, sentNow: false });
    assert.equal(before - (await chain.node.balance(bob.address)), paid);
    assert.equal(await chain.acceptedCalls("switcher.aleo", "pause"), 1);
  });

  it("of two at once is known of both, and neither is sent a second time", async () => {
    const both = () => Promise.all(rejected.slice(1).map((id) => retry(id)));
    const first = await both();
    const again = await both();
    assert.deepEqual(
      again.map(({ transaction, sentNow }) => [transaction, sentNow]),
      first.map(({ transaction }) => [transaction, false]),
    );
    assert.equal(new Set(first.map(({ transaction }) => transaction)).size, 2);
  });

  it("by another account than that which sent it is refused before it is paid for", async () => {
    const before = await chain.node.balance(stranger.address);
    await assert.rejects(
      retry(await last("rejected"), 10n, stranger),
      (error: unknown) =>
        error instanceof RetryRefusedError &&
        error.message.includes(`was sent by ${bob.address}; the private key is that of`),
    );
    assert.equal(await chain.node.balance(stranger.address), before);
  });

  it("of what was retried before is not sent where the note can't be read, or no node knows it", async () => {
    const id = await last("rejected");
    const note = join(notes(), `${id}.json`);
    const before = readFileSync(note, "utf8");
    writeFileSync(note, before.slice(0, 20));
    await assert.rejects(retry(id), new RegExp(`${id}.json says what it was retried as`));
    const nowhere = "at19ffu9qyj22e2y6wx8rgmrpwmglddxjx2e8zdesj0jnes29tqavxsu9xg37";
    const unknown = { ...(JSON.parse(before) as object), transaction: nowhere };
    writeFileSync(note, JSON.stringify(unknown));
    await assert.rejects(retry(id), /was accepted; no endpoint serves its block now/);
    writeFileSync(note, before);
  });

  it("of what was accepted is refused", async () => {
    await assert.rejects(
      retry(await last("accepted")),
      /was accepted in block \d+: there is nothing/,
    );
  });

  it("of what is in no block is refused: nothing proves that it can't land", async () => {
    const { node, builder } = chain.payer(stranger);
    const callee = await calleeOf(node, "switcher.aleo");
    assert.ok(callee);
    const { id } = await builder.execution({
      ...{ ...callee, functionName: "unpause", inputs: [], priorityFee: 0n },
    });
    await assert.rejects(
      retry(id),
      (error: unknown) =>
        error instanceof RetryRefusedError &&
        error.message.includes("nothing proves that it can't land"),
    );
    const { code, stderr } = await chain.run(stranger, ["retry", id, "--fee", "5", "--yes"]);
    assert.equal(code, 1);
    assert.match(stderr, /both might land\.\n {2}What to do: Nothing was sent/);
    assert.equal(existsSync(join(chain.directory, ".state", "retries")), false);
  });
});
