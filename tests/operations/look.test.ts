import assert from "node:assert/strict";
import { join } from "node:path";
import { execa } from "execa";
import { AddressError, balance } from "../../operations/look/balance.ts";
import { connectToLook } from "../../operations/connect.ts";
import { checksText } from "../../operations/checks.ts";
import { health } from "../../operations/look/health.ts";
import { nodeStatus, nodeText } from "../../operations/look/node.ts";
import { ProgramMissingError, programStatus } from "../../operations/look/program.ts";
import { programState, programStateText } from "../../operations/look/program-state.ts";
import { admin, alice } from "../contracts/accounts.ts";
import { registryCalls } from "../contracts/agent-registry.ts";
import { callsOf, scratchChain } from "../contracts/chain.ts";
import { developmentKey } from "../../local/development-account.ts";
import { startFaultyNode } from "../support/faulty-node.ts";

const program = "agent_registry_v3.aleo";
/** Nothing listens there. */
const deadEndpoint = "http://127.0.0.1:1";

describe("aleo-ops looks at a network", function () {
  this.timeout(120_000);
  const chain = scratchChain(admin, program);
  const call = callsOf(program);
  const settings = (...programs: { program: string; paused?: boolean }[]) => ({
    network: "local" as const,
    endpoints: chain.node.endpoints,
    programs,
  });
  const aleoOps = (...args: string[]) =>
    execa(process.execPath, [join("operations", "cli.ts"), ...args], {
      env: { ALEO_NODE_URL: chain.node.endpoints.join(","), ALEO_PRIVATE_KEY: developmentKey },
      reject: false,
    });

  it("node: shows each endpoint for itself, one that is dead beside one that answers", async () => {
    const endpoints = [...chain.node.endpoints, deadEndpoint];
    const [good, dead] = await nodeStatus({ network: "local", endpoints });
    assert.ok(good && dead);
    assert.equal(good.height, await chain.node.latestHeight());
    assert.equal(good.lag, 0);
    assert.equal(good.consensusVersion, 19);
    assert.match(dead.problem ?? "", /127\.0\.0\.1:1/);
    assert.equal(dead.height, undefined);
    assert.match(nodeText([good, dead]), /^Endpoint +Height.*\n.*V19\n.*–\n✖ http:\/\/127/);
  });

  it("program: shows what stands on chain", async () => {
    const status = await programStatus(settings(), chain.node, program);
    assert.equal(status.edition, 0);
    assert.equal(status.owner, admin.address);
    assert.equal(status.paused, false);
    assert.ok(status.mappings.includes("paused"));
    assert.ok(status.functions.includes("register_agent"));
    assert.match(status.checksum, /^[0-9a-f]{64}$/);
  });

  it("program: says who is its admin, what it holds and owes, and what waits", async () => {
    const stateNow = async () =>
      programState(chain.node, await programStatus(settings(), chain.node, program));
    const before = await stateNow();
    assert.deepEqual(
      [before.admin, before.offeredAdmin, before.funds?.held, before.funds?.waiting],
      [admin.address, null, "0", 0],
    );
    const { register, request } = registryCalls(program);
    await chain.accepts(
      register(alice, "1field", { stake: 3_000_000n, fee: 200_000n }),
      request(alice, "1field", 1_500_000n),
      call(admin, "offer_admin", alice.address),
    );
    const { offeredAdmin, funds } = await stateNow();
    assert.equal(offeredAdmin, alice.address);
    assert.deepEqual([funds?.held, funds?.owed, funds?.queued], ["3200000", "3200000", "1500000"]);
    const { stdout } = await aleoOps("program", program);
    assert.match(stdout, new RegExp(`admin +${admin.address}\n +offered to +${alice.address}`));
    assert.match(
      stdout,
      /holds +3\.2 credits\n +owes +3\.2 credits\n +waiting +1 withdrawal, 1\.5 /,
    );
    const short = { ...funds, ...{ address: "", held: "1", owed: "2", queued: "0", waiting: 0 } };
    assert.match(programStateText({ funds: short }), /0\.000001 credits ARE MISSING/);
    await chain.accepts(call(admin, "offer_admin", admin.address));
  });

  it("program: says nothing of what a program does not keep", async () => {
    const credits = await programStatus(settings(), chain.node, "credits.aleo");
    assert.deepEqual(await programState(chain.node, credits), {});
  });

  it("program: names the nearest declared one for a misspelt id", async () => {
    await assert.rejects(
      programStatus(settings({ program }), chain.node, "agent_registry_v33.aleo"),
      (error: unknown) =>
        error instanceof ProgramMissingError && error.remedy === `Did you mean ${program}?`,
    );
  });

  it("program: says of a declared program that is not there how to deploy it", async () => {
    const missing = "trust_verifier_v3.aleo";
    await assert.rejects(
      programStatus(settings({ program: missing }), chain.node, missing),
      (error: unknown) =>
        error instanceof ProgramMissingError && error.remedy.includes("make up STACK=local"),
    );
  });

  it("balance: is what the chain holds, and refuses what is no address", async () => {
    const found = await balance(chain.node, admin.address);
    assert.equal(found.microcredits, (await chain.node.balance(admin.address)).toString());
    assert.ok(BigInt(found.microcredits) > 0n);
    await assert.rejects(balance(chain.node, "aleo1short"), AddressError);
  });

  it("health: is good where all is as declared, bad where something is missing", async () => {
    const good = await health(settings({ program }), chain.node);
    assert.deepEqual(
      good.map(({ verdict }) => verdict),
      ["good", "good"],
    );
    const missing = await health(
      settings({ program }, { program: "trust_verifier_v3.aleo" }),
      chain.node,
    );
    assert.deepEqual(
      missing.map(({ verdict }) => verdict),
      ["good", "good", "bad"],
    );
    assert.match(checksText(missing), /✖ trust_verifier_v3\.aleo .*\n {4}What to do: The stack/);
  });

  it("health: notices a pause, and calls it bad where the stack says otherwise", async () => {
    await chain.accepts(call(admin, "pause"));
    try {
      const [, noticed] = await health(settings({ program }), chain.node);
      assert.equal(noticed?.verdict, "notice");
      const [, wrong] = await health(settings({ program, paused: false }), chain.node);
      assert.equal(wrong?.verdict, "bad");
      const [, wanted] = await health(settings({ program, paused: true }), chain.node);
      assert.equal(wanted?.verdict, "notice");
    } finally {
      await chain.accepts(call(admin, "unpause"));
    }
  });

  it("health: looks at no program where no endpoint answers, and says so of each", async () => {
    const [endpoint, ...programs] = await health(
      { network: "local", endpoints: [deadEndpoint], programs: [{ program }] },
      connectToLook({ network: "local", endpoints: [deadEndpoint] }),
    );
    assert.equal(endpoint?.verdict, "bad");
    assert.deepEqual(programs, [
      { subject: program, verdict: "bad", finding: "not looked at: no endpoint answers" },
    ]);
  });

  it("health: says of a node that refuses to answer what it says, not to start it", async () => {
    const proxy = await startFaultyNode(chain.node.endpoints[0] ?? "");
    try {
      const fault = { kind: "answer", status: 403, body: "Forbidden" } as const;
      proxy.add({ path: /./, fault });
      const remedyAt = async (endpoint: string) => {
        const endpoints = [endpoint];
        const [check] = await health(
          { network: "local", endpoints, programs: [] },
          connectToLook({ network: "local", endpoints }),
        );
        return check?.remedy ?? "";
      };
      assert.match(await remedyAt(proxy.url), /^Ask who runs the endpoint/);
      assert.match(await remedyAt(deadEndpoint), /^Start it with `make up`/);
    } finally {
      await proxy.close();
    }
  });

  it("answers a machine with one JSON document, and with its exit code", async () => {
    const { stdout, exitCode } = await aleoOps("health", "--json");
    const checks = JSON.parse(stdout) as { subject: string; verdict: string }[];
    assert.equal(checks.find(({ subject }) => subject === program)?.verdict, "good");
    // Three of the four programs that stack local declares are not on this chain.
    assert.equal(checks.filter(({ verdict }) => verdict === "bad").length, 3);
    assert.equal(exitCode, 1);
  });

  it("takes the operating account's address from its key, which it never prints", async () => {
    const { stdout, stderr, exitCode } = await aleoOps("balance", "--json");
    assert.equal(exitCode, 0, stderr);
    const { address } = JSON.parse(stdout) as { address: string };
    assert.match(address, /^aleo1/);
    assert.ok(!(stdout + stderr).includes(developmentKey));
  });

  it("says what is wrong with a command or a network, and ends with code 2 or 1", async () => {
    const command = await aleoOps("helth");
    assert.equal(command.exitCode, 2);
    assert.match(
      command.stderr,
      /^error: unknown command 'helth'\n\(Did you mean health\?\)\n {2}What to do: .*--help.*/,
    );
    const network = await aleoOps("node", "--network", "testnot");
    assert.equal(network.exitCode, 1);
    assert.match(network.stderr, /There is no network "testnot".*Did you mean testnet\?/s);
  });
});
