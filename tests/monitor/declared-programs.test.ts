import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DeclaredProgramsError } from "../../monitor/errors.ts";
import { Store } from "../../monitor/store/store.ts";
import { acceptDeclared, readDeclaredPrograms } from "../../monitor/watch/declared-programs.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const program = "a.aleo";
const name = `program:${program}`;
const checksum = "ab".repeat(32);
const before = { edition: 1, owner: "aleo1admin", amendments: 2, checksum: "cd".repeat(32) };
const after = { edition: 2, owner: "aleo1admin", amendments: 0, checksum };

describe("A new edition that the stack declares", () => {
  let store: Store;
  beforeEach(() => {
    store = Store.open(":memory:", "local");
    store.probes.setFact(`accepted:${name}`, JSON.stringify(before));
  });
  afterEach(() => {
    store.close();
  });
  const taken = (found: Record<string, unknown>) => {
    store.probes.set(name, JSON.stringify(found), 1, 1);
    return acceptDeclared(store.probes, { [program]: checksum });
  };
  const accepted = () => JSON.parse(store.probes.fact(`accepted:${name}`) ?? "{}") as unknown;

  it("is taken for right, once", () => {
    assert.deepEqual(taken(after), [program]);
    assert.deepEqual(accepted(), after);
    assert.deepEqual(taken(after), []);
  });

  it("is not, where its code or its owner is another, or its keys were amended", () => {
    for (const found of [
      { ...after, checksum: "ef".repeat(32) },
      { ...after, checksum: undefined },
      { ...after, owner: "aleo1stranger" },
      { ...before, checksum, amendments: 3 },
    ]) {
      assert.deepEqual(taken(found), [], JSON.stringify(found));
    }
    assert.deepEqual(accepted(), before);
  });

  it("waits for the program to be seen", () => {
    assert.deepEqual(acceptDeclared(store.probes, { "b.aleo": checksum }), []);
  });

  it("is read from the file of the stack, and from no other", () => {
    const scratch = temporaryDirectory("declared");
    const file = join(scratch.path, "programs.json");
    try {
      assert.throws(() => readDeclaredPrograms(file), DeclaredProgramsError);
      for (const text of ["{", '{"a.aleo": 1}', '{"a": "00"}']) {
        writeFileSync(file, text);
        assert.throws(() => readDeclaredPrograms(file), DeclaredProgramsError, text);
      }
      writeFileSync(file, JSON.stringify({ [program]: checksum }));
      assert.deepEqual(readDeclaredPrograms(file), { [program]: checksum });
    } finally {
      scratch.remove();
    }
  });
});
