import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { projectDirectory } from "../../local/paths.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

describe("the last line of a test run", function () {
  this.timeout(30_000);
  const scratch = temporaryDirectory("reporter");
  after(() => {
    scratch.remove();
  });

  const run = async (tests: string) => {
    const file = join(scratch.path, "sample.test.mjs");
    writeFileSync(file, tests);
    const reporter = join(projectDirectory, "tests", "support", "reporter.ts");
    const mocha = join(projectDirectory, "node_modules", "mocha", "bin", "mocha.js");
    const { exitCode, stdout } = await execa(
      process.execPath,
      [mocha, "--no-config", "--reporter", reporter, file],
      { cwd: scratch.path, reject: false },
    );
    return { code: exitCode, last: stdout.trimEnd().split("\n").at(-1) };
  };

  it("counts what passed and failed", async () => {
    assert.deepEqual(
      await run(`it("a", () => {}); it("b", () => {}); it("c", () => { throw new Error("c"); });`),
      { code: 1, last: "2 passed, 1 failed" },
    );
  });

  it("names the skipped ones where there are some", async () => {
    assert.deepEqual(await run(`it("a", () => {}); it.skip("b", () => {});`), {
      code: 0,
      last: "1 passed, 0 failed, 1 skipped",
    });
  });

  it("counts a failed hook", async () => {
    assert.deepEqual(
      await run(
        `describe("d", () => { before(() => { throw new Error("x"); }); it("a", () => {}); });`,
      ),
      { code: 1, last: "0 passed, 1 failed" },
    );
  });
});
