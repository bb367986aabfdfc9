import assert from "node:assert/strict";
import { interfaceOf } from "../../../aleo/program/interface.ts";
import { parseProgram } from "../../../aleo/program/parse.ts";
import { sample, samples } from "./oracle.ts";

describe("interfaceOf", () => {
  it("shows what callers and upgrades see, with names in order", () => {
    const { checksum, size, ...shown } = interfaceOf(parseProgram(sample("token.aleo")));
    assert.match(checksum, /^[0-9a-f]{64}$/);
    assert.ok(size > 1_000);
    assert.deepEqual(shown, {
      program: "sample_token.aleo",
      imports: ["credits.aleo"],
      constructor: "noupgrade",
      mappings: { balances: "address => u64", holdings: "u32 => holding" },
      structs: { holding: "{ holder: address, amount: u64 }" },
      records: {
        receipt: "{ owner: address.public }",
        token:
          "{ owner: address.private, amount: u64.private, issued_at: u32.public, memo: [u8; 4u32].constant }",
      },
      closures: { add_checked: "(u64, u64) -> (u64)" },
      functions: {
        close: "(address.public) -> (sample_token.aleo/close.future); finalize (address.public)",
        deposit:
          "(credits.aleo/credits.record, u64.public) -> (credits.aleo/credits.record, sample_token.aleo/deposit.future); finalize (address.public, u64.public, credits.aleo/transfer_private_to_public.future)",
        join: "(token.record, token.record) -> (token.record)",
        mint: "(address.private, u64.private) -> (token.record)",
      },
      views: {},
    });
    assert.deepEqual(Object.keys(shown.functions), ["close", "deposit", "join", "mint"]);
  });

  it("says who can upgrade", () => {
    const owner = "aleo1rhgdu77hgyqd3xjj8ucu3jj9r2krwz6mnzyd80gncr5fxcwlh5rsvzp9px";
    const expected = new Map([
      ["spelling.aleo", "none"],
      ["token.aleo", "noupgrade"],
      ["many_imports.aleo", `admin ${owner}`],
      ["checksum_upgrade.aleo", "checksum approved[true]"],
    ]);
    for (const [name, constructor] of expected) {
      assert.equal(interfaceOf(parseProgram(sample(name))).constructor, constructor);
    }
    const custom = sample("statements.aleo");
    const before = interfaceOf(parseProgram(custom)).constructor;
    const after = interfaceOf(parseProgram(custom.replace("edition 1u16", "edition 2u16")));
    assert.match(before, /^custom sha256:[0-9a-f]{16}$/);
    assert.notEqual(after.constructor, before);
  });

  it("is the same for another spelling of the same program", () => {
    const text = sample("token.aleo");
    const spaced = text.replaceAll(" as ", "\tas  ").replaceAll("    ", "\n  // note\n ");
    assert.notEqual(spaced, text);
    assert.deepEqual(interfaceOf(parseProgram(spaced)), interfaceOf(parseProgram(text)));
  });

  it("is plain JSON", () => {
    for (const text of samples.values()) {
      const shown = interfaceOf(parseProgram(text));
      assert.deepEqual(JSON.parse(JSON.stringify(shown)), shown);
    }
  });
});
