import assert from "node:assert/strict";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseProgram } from "../../aleo/program/parse.ts";
import { compiledProgram } from "../../contracts/compiled-program.ts";
import { lockDifferences, lockFileIn, programsIn } from "../../contracts/programs-lock.ts";
import { projectDirectory } from "../../local/paths.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const contracts = join(projectDirectory, "contracts");
const ids = [
  "agent_registry_v2.aleo",
  "agent_registry_v3.aleo",
  "trust_verifier_v2.aleo",
  "trust_verifier_v3.aleo",
];

describe("The programs' lock", () => {
  it("ties each Leo source to its compiled program (else run `make contracts`)", () => {
    assert.deepEqual(lockDifferences(contracts), []);
  });

  it("covers the four programs, each compiled under its own name", () => {
    assert.deepEqual(
      programsIn(contracts).map(({ id }) => id),
      ids,
    );
    assert.deepEqual(
      ids.map((id) => parseProgram(compiledProgram(id)).id),
      ids,
    );
  });

  describe("tells", () => {
    const copy = temporaryDirectory("contracts");
    const file = (...names: string[]) => join(copy.path, ...names);
    const append = (path: string, text: string) => {
      writeFileSync(path, readFileSync(path, "utf8") + text);
    };
    const replace = (path: string, text: string, by: string) => {
      writeFileSync(path, readFileSync(path, "utf8").replace(text, by));
    };

    beforeEach(() => {
      cpSync(contracts, copy.path, { recursive: true });
    });
    afterEach(() => {
      rmSync(copy.path, { recursive: true });
    });

    it("a source that was changed and not compiled", () => {
      append(file("agent_registry_v3", "src", "main.leo"), "// later\n");
      assert.deepEqual(lockDifferences(copy.path), [
        "the source of agent_registry_v3.aleo was changed",
      ]);
    });

    it("a compiled program that was changed by hand", () => {
      replace(file("trust_verifier_v2", "trust_verifier_v2.aleo"), "0u16", "1u16");
      assert.deepEqual(lockDifferences(copy.path), [
        "the compiled trust_verifier_v2.aleo was changed",
      ]);
    });

    it("a source without its compiled program, and a program that is gone", () => {
      rmSync(file("agent_registry_v2", "agent_registry_v2.aleo"));
      rmSync(file("trust_verifier_v3"), { recursive: true });
      assert.deepEqual(lockDifferences(copy.path), [
        "trust_verifier_v3.aleo is locked, but not there",
        "the compiled agent_registry_v2.aleo is not there",
      ]);
    });

    it("a program that is not locked", () => {
      cpSync(file("trust_verifier_v3"), file("trust_verifier_v4"), { recursive: true });
      assert.deepEqual(lockDifferences(copy.path), ["trust_verifier_v4.aleo is not locked"]);
    });

    it("another version of Leo", () => {
      replace(lockFileIn(copy.path), '"leo": "4.0.2"', '"leo": "4.0.1"');
      assert.deepEqual(lockDifferences(copy.path), ["compiled with Leo 4.0.1, not 4.0.2"]);
    });
  });
});
