import assert from "node:assert/strict";
import fc from "fast-check";
import { bitsOf, rawBitsOf } from "../../../aleo/replay/bits.ts";
import { addressNumber, addressOfNumber } from "../../../aleo/bech32.ts";
import { ValueSyntaxError } from "../../../aleo/replay/errors.ts";
import { keccak } from "../../../aleo/replay/keccak.ts";
import { parseFuture, parsePlaintext, plaintextText } from "../../../aleo/replay/text.ts";
import { integerTypes } from "../../../aleo/replay/values.ts";
import { loadSdk, type Sdk } from "../../../aleo/transaction/sdk.ts";
import { admin, alice, bob } from "../../contracts/accounts.ts";

const integer = fc.constantFrom(...integerTypes).chain((type) => {
  const bits = BigInt(type.slice(1));
  const isSigned = type.startsWith("i");
  const min = isSigned ? -(1n << (bits - 1n)) : 0n;
  const max = isSigned ? (1n << (bits - 1n)) - 1n : (1n << bits) - 1n;
  return fc.bigInt({ min, max }).map((value) => `${value}${type}`);
});
const literal = fc.oneof(
  integer,
  fc.boolean().map(String),
  fc.bigInt({ min: 0n, max: 1n << 250n }).map((value) => `${value}field`),
  fc.bigInt({ min: 0n, max: 1n << 249n }).map((value) => `${value}scalar`),
  fc.constantFrom("2group", "0group", "18group", "'name_1'"),
  fc.constantFrom(admin.address, alice.address, bob.address),
);
const { value: anyValue } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    { weight: 3, arbitrary: literal },
    fc
      .array(tie("value"), { minLength: 1, maxLength: 3 })
      .map((members) => `{${members.map((text, index) => `m_${index}:${text}`).join(" , ")}}`),
    fc
      .tuple(tie("value"), fc.integer({ min: 1, max: 3 }))
      .map(([text, count]) => `[ ${Array<string>(count).fill(text).join(",")} ]`),
  ),
}));

describe("values of a replay", () => {
  let sdk: Sdk;
  before(async () => {
    sdk = await loadSdk("testnet");
  });

  it("are printed, and turned into bits, as the chain does it", () => {
    fc.assert(
      fc.property(anyValue, (source) => {
        const theirs = sdk.Plaintext.fromString(source);
        const ours = parsePlaintext(source);
        assert.equal(plaintextText(ours), theirs.toString());
        assert.deepEqual(parsePlaintext(plaintextText(ours)), ours);
        assert.deepEqual(bitsOf(ours), theirs.toBitsLe());
        assert.deepEqual(rawBitsOf(ours), theirs.toBitsRawLe());
        theirs.free();
      }),
      { numRuns: 200 },
    );
  });

  it("holds a signature whole", () => {
    const key = sdk.PrivateKey.from_string(admin.privateKey);
    const signature = sdk.Signature.signValue(key, "5u8").to_string();
    const theirs = sdk.Plaintext.fromString(signature);
    assert.deepEqual(bitsOf(parsePlaintext(signature)), theirs.toBitsLe());
  });

  it("turns addresses into numbers and back", () => {
    for (const { address } of [admin, alice, bob]) {
      assert.equal(addressOfNumber(addressNumber(address)), address);
      assert.equal(
        `${addressNumber(address)}field`,
        sdk.Address.from_string(address).toField().toString(),
      );
    }
  });

  it("reads a future with others in it, however it is indented", () => {
    const future = parseFuture(
      `{\n  program_id: a.aleo,\n  function_name: f,\n  arguments: [\n    1u8,\n    {\n  x: 2u8\n},\n    {\n      program_id: credits.aleo,\n      function_name: g,\n      arguments: []\n    }\n  ]\n}`,
    );
    assert.equal(`${future.program}/${future.function}`, "a.aleo/f");
    assert.deepEqual(
      future.arguments.map(({ kind }) => kind),
      ["number", "struct", "future"],
    );
  });

  it("refuses what is no value, and says where it stops", () => {
    for (const text of ["", "256u8", "{x 1u8}", "[1u8", "1u8 2u8", "aleo1qqq", "{}x"]) {
      assert.throws(() => parsePlaintext(text), ValueSyntaxError, text);
    }
    assert.throws(() => parsePlaintext("[1u8, 300u8]"), /300u8 is no value of type u8/);
  });

  it("hashes bytes with Keccak", () => {
    const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
    // The known answers of Ethereum's empty hash and of the Keccak team for "abc".
    assert.equal(
      hex(keccak(256, new Uint8Array())),
      "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470",
    );
    assert.match(hex(keccak(512, Buffer.from("abc"))), /^18587dc2ea106b9a1563e32b3312421c/);
  });
});
