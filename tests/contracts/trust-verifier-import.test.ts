import assert from "node:assert/strict";
import { type Account, admin, alice, bob, stranger } from "./accounts.ts";
import { type Call, scratchChain } from "./chain.ts";
import { executionHash, listOf, verifierCalls } from "./trust-verifier.ts";

const program = "trust_verifier_v3.aleo";
const verifier = verifierCalls(program);
const { call } = verifier;

function importProofs(by: Account, hashes: readonly string[], count = hashes.length): Call {
  const proof = `{ verifier: ${alice.address}, recorded_at: 5u32 }`;
  return call(
    by,
    "import_proofs",
    `${count}u8`,
    listOf(16, hashes),
    `[${Array<string>(16).fill(proof).join(", ")}]`,
  );
}

function importVerifiers(
  by: Account,
  verifiers: readonly (readonly [Account, boolean])[],
  count = verifiers.length,
): Call {
  const places = Array.from(
    { length: 16 },
    (_, index) => verifiers[index] ?? ([stranger, true] as const),
  );
  return call(
    by,
    "import_verifiers",
    `${count}u8`,
    `[${places.map(([{ address }]) => address).join(", ")}]`,
    `[${places.map(([, authorized]) => String(authorized)).join(", ")}]`,
  );
}

describe(`Import into ${program}`, function () {
  this.timeout(120_000);
  const chain = scratchChain(admin, program);
  const count = () => chain.number(program, "proof_count");
  const sixteen = Array.from({ length: 16 }, (_, index) => `${100 + index}field`);

  it("is refused while the program is not paused", async () => {
    await chain.rejects(importProofs(admin, ["1field"]), importVerifiers(admin, [[alice, true]]));
    await chain.accepts(call(admin, "pause"));
  });

  it("is the admin's alone", async () => {
    await chain.rejects(importProofs(bob, ["1field"]), importVerifiers(bob, [[bob, true]]));
    assert.equal(await chain.value(program, "verifiers", bob.address), undefined);
  });

  it("sets sixteen proofs and counts them, once if they are sent again", async () => {
    await chain.accepts(importProofs(admin, sixteen));
    await chain.accepts(importProofs(admin, sixteen));
    for (const hash of sixteen) {
      assert.deepEqual(await chain.struct(program, "proofs", hash), {
        verifier: alice.address,
        recorded_at: "5u32",
      });
    }
    assert.equal(await count(), 16n);
  });

  it("counts a proof once that a batch holds twice, and ignores what stands behind the count", async () => {
    await chain.accepts(importProofs(admin, ["1field", "1field", "2field"], 2));
    assert.equal(await chain.value(program, "proofs", "2field"), undefined);
    assert.equal(await count(), 17n);
  });

  it("sets verifiers as they were, and ignores what stands behind the count", async () => {
    await chain.accepts(
      importVerifiers(admin, [
        [alice, true],
        [bob, false],
      ]),
    );
    assert.equal(await chain.value(program, "verifiers", alice.address), "true");
    assert.equal(await chain.value(program, "verifiers", bob.address), "false");
    assert.equal(await chain.value(program, "verifiers", stranger.address), undefined);
  });

  it("refuses a count of 0 and of more than 16", async () => {
    await chain.cannotBuild(
      importProofs(admin, sixteen, 0),
      importProofs(admin, sixteen, 17),
      importVerifiers(admin, [], 0),
      importVerifiers(admin, [], 17),
    );
  });

  it("leaves proofs that can't be recorded again, and verifiers that go on", async () => {
    const [known, unknown] = [await executionHash("1field"), await executionHash("2field")];
    await chain.accepts(importProofs(admin, [known]));
    await chain.accepts(call(admin, "unpause"));
    await chain.rejects(
      verifier.verify(alice, "1field", known),
      verifier.verify(bob, "2field", unknown),
    );
    await chain.accepts(verifier.verify(alice, "2field", unknown));
    assert.equal(await count(), 19n);
  });
});
