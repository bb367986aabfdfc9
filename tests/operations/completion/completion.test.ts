import assert from "node:assert/strict";
import { execa } from "execa";
import { projectDirectory } from "../../../local/paths.ts";

const aleoOps = (...args: string[]) =>
  execa(process.execPath, ["operations/cli.ts", ...args], { cwd: projectDirectory, reject: false });

describe("shell completion", () => {
  it("gives the commands, their commands and their options", async () => {
    assert.match((await aleoOps("complete", "--", "heal")).stdout, /^health\t/m);
    assert.match((await aleoOps("complete", "--", "alerts", "si")).stdout, /^silence\t/m);
    assert.match((await aleoOps("complete", "--", "backup", "--al")).stdout, /^--all\t/m);
  });

  it("is a script that the shell takes", async () => {
    const { stdout } = await aleoOps("completion", "bash");
    const { exitCode, stdout: answer } = await execa(
      "bash",
      ["-c", `${stdout}\ncomplete -p aleo-ops`],
      { reject: false },
    );
    assert.equal(exitCode, 0);
    assert.match(answer, /complete .*aleo-ops/);
    for (const shell of ["zsh", "fish"]) {
      assert.match((await aleoOps("completion", shell)).stdout, /aleo-ops/);
    }
  });

  it("is told of in the help, and refuses a shell that it does not know with code 2", async () => {
    assert.match((await aleoOps("--help")).stdout, /completion <shell>/);
    assert.equal((await aleoOps("completion", "tcsh")).exitCode, 2);
  });
});
