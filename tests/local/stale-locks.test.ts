import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { removeStaleLocks } from "../../local/stale-locks.ts";
import { createLocalProject, type LocalProject } from "../support/local-project.ts";

/** Of a process that has ended. */
const endedPid = spawnSync(process.execPath, ["--version"]).pid;

describe("the lock of a run that was killed", function () {
  this.timeout(120_000);
  let project: LocalProject;

  before(async () => {
    project = await createLocalProject("export const nothing = 1;\n");
  });
  after(() => project.dispose());

  const backend = () => join(project.directory, ".state", "local", "pulumi");
  const writeLock = (name: string, text: string) => {
    const file = join(backend(), ".pulumi/locks/organization/aleo-ops/local", `${name}.json`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  };
  const lockOf = (pid: number, host = hostname()) => JSON.stringify({ pid, hostname: host });

  it("is removed, and that of a run that goes on or is elsewhere is kept", async () => {
    const ended = writeLock("ended", lockOf(endedPid));
    const empty = writeLock("empty", "");
    const running = writeLock("running", lockOf(process.pid));
    const elsewhere = writeLock("elsewhere", lockOf(endedPid, "another.example"));
    await removeStaleLocks(backend());
    assert.deepEqual([ended, empty, running, elsewhere].map(existsSync), [
      false,
      false,
      true,
      true,
    ]);
    await project.run("reset", "--yes");
  });

  it("does not keep the next `up` from running", async () => {
    const first = await project.run("up", "--port", String(project.port));
    assert.equal(first.code, 0, first.stderr);
    writeLock("killed", lockOf(endedPid));
    const second = await project.run("up", "--port", String(project.port));
    assert.equal(second.code, 0, second.stdout + second.stderr);
  });

  it("of a run that goes on keeps another from running", async () => {
    writeLock("running", lockOf(process.pid));
    const { code, stdout, stderr } = await project.run("up", "--port", String(project.port));
    assert.notEqual(code, 0);
    assert.match(stdout + stderr, /locked/);
  });
});
