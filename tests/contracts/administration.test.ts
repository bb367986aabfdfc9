import assert from "node:assert/strict";
import { compiledProgram } from "../../contracts/compiled-program.ts";
import { type Account, admin, alice, bob, stranger } from "./accounts.ts";
import { registryCalls } from "./agent-registry.ts";
import { type Call, scratchChain } from "./chain.ts";
import { executionHash, verifierCalls } from "./trust-verifier.ts";

const registry = registryCalls("agent_registry_v3.aleo");
const verifier = verifierCalls("trust_verifier_v3.aleo");

const programs: Readonly<Record<string, () => Promise<Call[]>>> = {
  "agent_registry_v3.aleo": () =>
    Promise.resolve([
      registry.register(alice, "2field"),
      registry.verify(admin, "1field"),
      registry.update(alice, "1field", "2field"),
      registry.request(alice, "1field", 1_000_000n),
      registry.deactivate(alice, "1field"),
      registry.process(stranger, 0n, [{ recipient: alice.address, amount: 1_000_000n }]),
      registry.collect(admin, 100_000n),
    ]),
  "trust_verifier_v3.aleo": async () => [
    verifier.authorize(admin, bob),
    verifier.verify(alice, "1field", await executionHash("1field")),
    verifier.verifyBatch(alice, ["2field"], [await executionHash("2field")]),
    verifier.revoke(admin, alice),
  ],
};

for (const [program, changes] of Object.entries(programs)) {
  describe(`Administration of ${program}`, function () {
    this.timeout(120_000);
    const chain = scratchChain(admin, program);
    const call = (by: Account, name: string, ...inputs: string[]): Call => ({
      by,
      program,
      function: name,
      inputs,
    });
    const offer = (by: Account, to: Account) => call(by, "offer_admin", to.address);
    const paused = () => chain.value(program, "paused", "0u8");
    const currentAdmin = () => chain.value(program, "admin", "0u8");
    const edition = () => chain.node.programEdition(program);

    before(async () => {
      if (program === "agent_registry_v3.aleo") {
        await chain.accepts(registry.register(alice, "1field", { stake: 5_000_000n }));
        await chain.accepts(registry.request(alice, "1field", 1_000_000n));
      } else {
        await chain.accepts(verifier.authorize(admin, alice));
      }
    });

    it("begins with the account that deployed it, and not paused", async () => {
      assert.equal(await currentAdmin(), admin.address);
      assert.equal(await paused(), undefined);
    });

    it("lets nobody else pause, unpause or offer the administration", async () => {
      await chain.rejects(
        call(stranger, "pause"),
        call(stranger, "unpause"),
        offer(stranger, stranger),
      );
    });

    it("refuses every change while paused, and takes it when unpaused", async () => {
      await chain.accepts(call(admin, "pause"));
      assert.equal(await paused(), "true");
      const refused = await changes();
      await chain.rejects(...refused);
      await chain.accepts(call(admin, "unpause"));
      assert.equal(await paused(), "false");
      for (const change of refused) await chain.accepts(change);
    });

    it("may be paused twice and unpaused twice", async () => {
      await chain.accepts(call(admin, "pause"));
      await chain.accepts(call(admin, "pause"));
      assert.equal(await paused(), "true");
      await chain.accepts(call(admin, "unpause"));
      await chain.accepts(call(admin, "unpause"));
      assert.equal(await paused(), "false");
    });

    it("takes an upgrade by the admin only", async () => {
      const source = compiledProgram(program);
      assert.equal(await chain.deploy(stranger, program, source), "rejected");
      assert.equal(await edition(), 0);
      assert.equal(await chain.deploy(admin, program, source), "accepted");
      assert.equal(await edition(), 1);
      assert.equal(await currentAdmin(), admin.address);
    });

    it("refuses to accept what was not offered", async () => {
      await chain.rejects(call(bob, "accept_admin"), call(admin, "accept_admin"));
    });

    it("stays with the admin until the offer is accepted", async () => {
      await chain.accepts(offer(admin, bob));
      assert.equal(await chain.value(program, "offered_admin", "0u8"), bob.address);
      assert.equal(await currentAdmin(), admin.address);
      await chain.rejects(call(bob, "pause"), call(stranger, "accept_admin"));
    });

    it("forgets an offer when another one takes its place", async () => {
      await chain.accepts(offer(admin, alice));
      await chain.rejects(call(bob, "accept_admin"));
      await chain.accepts(offer(admin, bob));
      await chain.rejects(call(alice, "accept_admin"));
    });

    it("goes over to who accepts, once", async () => {
      await chain.accepts(call(bob, "accept_admin"));
      assert.equal(await currentAdmin(), bob.address);
      assert.equal(await chain.value(program, "offered_admin", "0u8"), undefined);
      await chain.rejects(call(bob, "accept_admin"), call(admin, "pause"), offer(admin, admin));
      await chain.accepts(call(bob, "pause"));
      await chain.accepts(call(bob, "unpause"));
    });

    it("takes an upgrade by the new admin, and no more by the old one", async () => {
      const source = compiledProgram(program);
      assert.equal(await chain.deploy(admin, program, source), "rejected");
      assert.equal(await edition(), 1);
      assert.equal(await chain.deploy(bob, program, source), "accepted");
      assert.equal(await edition(), 2);
      assert.equal(await currentAdmin(), bob.address);
    });

    it("takes an upgrade while paused, and stays paused", async () => {
      await chain.accepts(call(bob, "pause"));
      assert.equal(await chain.deploy(bob, program), "accepted");
      assert.equal(await paused(), "true");
      await chain.accepts(call(bob, "unpause"));
    });
  });
}

for (const program of ["agent_registry_v2.aleo", "trust_verifier_v2.aleo"]) {
  describe(`Administration of ${program}`, function () {
    this.timeout(120_000);
    const chain = scratchChain(admin, program);

    it("takes no upgrade, not even by the account that deployed it", async () => {
      assert.equal(await chain.deploy(admin, program), "rejected");
      assert.equal(await chain.node.programEdition(program), 0);
    });
  });
}
