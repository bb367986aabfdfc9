import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { lockFileIn } from "../../contracts/programs-lock.ts";
import { projectDirectory } from "../../local/paths.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

describe("make contracts", () => {
  const home = temporaryDirectory("home");
  const lock = () => readFileSync(lockFileIn(join(projectDirectory, "contracts")), "utf8");

  after(() => {
    home.remove();
  });

  const compile = (path: string) =>
    execa(process.execPath, [join(projectDirectory, "contracts", "compile.ts")], {
      env: { PATH: path, HOME: home.path },
      extendEnv: false,
      reject: false,
    });

  /** A leo that does what the lines of shell say. */
  const leoThat = (name: string, lines: string): string => {
    const folder = join(home.path, name);
    mkdirSync(folder);
    writeFileSync(join(folder, "leo"), `#!/bin/sh\n${lines}\n`, { mode: 0o755 });
    return folder;
  };

  it("says how to get leo where it is missing", async () => {
    const before = lock();
    const { exitCode, stderr } = await compile(join(home.path, "nothing"));
    assert.equal(exitCode, 1);
    assert.match(stderr, /leo, the compiler, was not found/);
    assert.match(stderr, /cargo install leo-lang@4\.0\.2 --locked/);
    assert.equal(lock(), before);
  });

  it("names the version that it found where it is another one", async () => {
    const { exitCode, stderr } = await compile(leoThat("newer", "echo 'leo 5.1.0 (abc)'"));
    assert.equal(exitCode, 1);
    assert.match(stderr, /leo 5\.1\.0 was found; the programs are compiled with leo 4\.0\.2/);
    assert.match(stderr, /cargo install leo-lang@4\.0\.2 --locked/);
  });

  it("shows what leo says about a source that it refuses, and writes nothing", async () => {
    const before = lock();
    const { exitCode, stderr } = await compile(
      leoThat(
        "strict",
        '[ "$1" = --version ] && echo "leo 4.0.2" || { echo "Error: no"; exit 1; }',
      ),
    );
    assert.equal(exitCode, 1);
    assert.match(stderr, /leo refused agent_registry_v2\.aleo:\nError: no/);
    assert.match(stderr, /Nothing was written/);
    assert.equal(lock(), before);
  });
});
