import assert from "node:assert/strict";
import { admin, alice, bob, stranger } from "./accounts.ts";
import { scratchChain } from "./chain.ts";
import { executionHash, verifierCalls } from "./trust-verifier.ts";

for (const program of ["trust_verifier_v2.aleo", "trust_verifier_v3.aleo"]) {
  describe(program, function () {
    this.timeout(120_000);
    const chain = scratchChain(admin, program);
    const verifier = verifierCalls(program);
    const proofOf = async (data: string) =>
      chain.struct(program, "proofs", await executionHash(data));
    const isVerifier = (address: string) => chain.value(program, "verifiers", address);
    const count = () => chain.number(program, "proof_count");
    const hashesOf = (data: readonly string[]) => Promise.all(data.map(executionHash));

    describe("authorize_verifier and revoke_verifier", () => {
      it("refuse others than the admin", async () => {
        await chain.rejects(
          verifier.authorize(stranger, stranger),
          verifier.revoke(stranger, alice),
        );
        assert.equal(await isVerifier(stranger.address), undefined);
      });

      it("refuse to revoke who was never authorized", async () => {
        await chain.rejects(verifier.revoke(admin, stranger));
      });

      it("authorize, revoke and authorize again", async () => {
        await chain.accepts(verifier.authorize(admin, alice));
        assert.equal(await isVerifier(alice.address), "true");
        await chain.accepts(verifier.revoke(admin, alice));
        assert.equal(await isVerifier(alice.address), "false");
        await chain.accepts(verifier.authorize(admin, alice));
        assert.equal(await isVerifier(alice.address), "true");
      });
    });

    describe("verify_execution", () => {
      it("records the proof, its verifier and when", async () => {
        await chain.accepts(verifier.verify(alice, "1field", await executionHash("1field")));
        assert.deepEqual(await proofOf("1field"), {
          verifier: alice.address,
          recorded_at: `${await chain.node.latestHeight()}u32`,
        });
        assert.equal(await count(), 1n);
      });

      it("refuses a proof that is recorded, by any verifier", async () => {
        await chain.accepts(verifier.authorize(admin, bob));
        const hash = await executionHash("1field");
        await chain.rejects(
          verifier.verify(alice, "1field", hash),
          verifier.verify(bob, "1field", hash),
        );
        assert.equal((await proofOf("1field"))?.verifier, alice.address);
        assert.equal(await count(), 1n);
      });

      it("records a proof once that two send in the same block", async () => {
        const hash = await executionHash("2field");
        await chain.acceptsOnly(
          1,
          verifier.verify(alice, "2field", hash),
          verifier.verify(bob, "2field", hash),
        );
        assert.equal(await count(), 2n);
      });

      it("refuses a hash of other data", async () => {
        await chain.cannotBuild(verifier.verify(alice, "3field", await executionHash("4field")));
      });

      it("refuses who speaks for another verifier", async () => {
        const hash = await executionHash("3field");
        await chain.cannotBuild(
          verifier.verify(stranger, "3field", hash, alice),
          verifier.verify(bob, "3field", hash, alice),
        );
      });

      it("refuses who is no verifier, the admin too, and who is no more", async () => {
        const hash = await executionHash("3field");
        await chain.accepts(verifier.revoke(admin, bob));
        await chain.rejects(
          verifier.verify(stranger, "3field", hash),
          verifier.verify(admin, "3field", hash),
          verifier.verify(bob, "3field", hash),
        );
        assert.equal(await proofOf("3field"), undefined);
      });
    });

    describe("batch_verify_executions", () => {
      const eight = Array.from({ length: 8 }, (_, index) => `${10 + index}field`);

      it("records eight proofs in one transaction", async () => {
        await chain.accepts(verifier.verifyBatch(alice, eight, await hashesOf(eight)));
        const height = `${await chain.node.latestHeight()}u32`;
        for (const data of eight) {
          assert.deepEqual(await proofOf(data), { verifier: alice.address, recorded_at: height });
        }
        assert.equal(await count(), 10n);
      });

      it("records the first of them and ignores what stands behind", async () => {
        const data = ["20field", "21field", "22field"];
        const hashes = [...(await hashesOf(data.slice(0, 2))), "22field"];
        await chain.accepts(verifier.verifyBatch(alice, data, hashes, { count: 2 }));
        assert.notEqual(await proofOf("21field"), undefined);
        assert.equal(await chain.value(program, "proofs", "22field"), undefined);
        assert.equal(await count(), 12n);
      });

      it("refuses all of a batch with a proof that is recorded, or that it holds twice", async () => {
        await chain.rejects(
          verifier.verifyBatch(alice, ["30field", "1field"], await hashesOf(["30field", "1field"])),
          verifier.verifyBatch(
            alice,
            ["31field", "31field"],
            await hashesOf(["31field", "31field"]),
          ),
        );
        assert.equal(await proofOf("30field"), undefined);
        assert.equal(await proofOf("31field"), undefined);
        assert.equal(await count(), 12n);
      });

      it("refuses a batch with a hash of other data", async () => {
        const hashes = await hashesOf(["30field", "32field"]);
        await chain.cannotBuild(verifier.verifyBatch(alice, ["30field", "31field"], hashes));
      });

      it("refuses a count of 0 and of more than 8", async () => {
        const hashes = await hashesOf(eight);
        await chain.cannotBuild(
          verifier.verifyBatch(alice, eight, hashes, { count: 0 }),
          verifier.verifyBatch(alice, eight, hashes, { count: 9 }),
        );
      });

      it("refuses who is no verifier or speaks for another", async () => {
        const hashes = await hashesOf(["30field"]);
        await chain.rejects(verifier.verifyBatch(stranger, ["30field"], hashes));
        await chain.cannotBuild(
          verifier.verifyBatch(stranger, ["30field"], hashes, { verifier: alice }),
        );
      });

      it("holds as a circuit too", async () => {
        const data = ["40field", "41field"];
        await chain.acceptsWithCircuits(verifier.verifyBatch(alice, data, await hashesOf(data)));
      });
    });
  });
}
