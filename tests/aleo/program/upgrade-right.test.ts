import assert from "node:assert/strict";
import { parseProgram } from "../../../aleo/program/parse.ts";
import { upgradeRight } from "../../../aleo/program/upgrade-right.ts";
import { compiledProgram } from "../../../contracts/compiled-program.ts";

const owner = "aleo1rhgdu77hgyqd3xjj8ucu3jj9r2krwz6mnzyd80gncr5fxcwlh5rsvzp9px";

function rightOf(constructor: string) {
  return upgradeRight(
    parseProgram(`program right_test.aleo;

mapping admins:
    key as u8.public;
    value as address.public;

function main:
    input r0 as u8.public;

constructor:
${constructor}
`),
  );
}

describe("upgradeRight", () => {
  it("is the address that the constructor names", () => {
    const expected = { kind: "address", address: owner };
    assert.deepEqual(rightOf(`    assert.eq program_owner ${owner};`), expected);
    assert.deepEqual(rightOf(`    assert.eq ${owner} program_owner;`), expected);
  });

  it("is the mapping entry that the constructor compares with", () => {
    assert.deepEqual(rightOf("    get admins[3u8] into r0;\n    assert.eq program_owner r0;"), {
      kind: "entry",
      mapping: "admins",
      key: "3u8",
    });
    assert.deepEqual(upgradeRight(parseProgram(compiledProgram("agent_registry_v3.aleo"))), {
      kind: "entry",
      mapping: "admin",
      key: "0u8",
    });
  });

  it("is not known where the constructor decides otherwise", () => {
    assert.equal(rightOf("    assert.eq edition 0u16;"), undefined);
    assert.equal(rightOf("    assert.eq program_owner program_owner;"), undefined);
    assert.equal(
      rightOf(
        "    cast 1u8 into r0 as u8;\n    get admins[r0] into r1;\n    assert.eq program_owner r1;",
      ),
      undefined,
    );
  });
});
