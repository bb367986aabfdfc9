import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  identify,
  isRunning,
  readRecord,
  signal,
  waitForEnd,
  writeRecord,
} from "../../local/processes.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

describe("a recorded process", () => {
  const scratch = temporaryDirectory("processes");
  const file = join(scratch.path, "record.json");
  let child: ChildProcess;

  beforeEach(() => {
    child = spawn("sleep", ["60"], { stdio: "ignore" });
  });
  afterEach(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
  });
  after(() => {
    scratch.remove();
  });

  const identity = () => {
    const found = identify(child.pid ?? -1);
    assert.ok(found);
    return found;
  };

  it("is read back while it runs", () => {
    writeRecord(file, { ...identity(), port: 1 });
    assert.deepEqual(readRecord(file), { ...identity(), port: 1 });
  });

  it("is forgotten when it has ended", async () => {
    writeRecord(file, { ...identity(), port: 1 });
    child.kill("SIGKILL");
    await once(child, "exit");
    assert.equal(readRecord(file), undefined);
    assert.equal(existsSync(file), false);
  });

  it("is not taken for a later one with the same id, which gets no signal", () => {
    const earlier = { ...identity(), startedAt: "1" };
    writeRecord(file, { ...earlier, port: 1 });
    assert.equal(readRecord(file), undefined);
    signal(earlier, "SIGKILL");
    assert.ok(isRunning(identity()));
  });

  it("is forgotten when its record is not whole", () => {
    writeFileSync(file, '{"pid": 12');
    assert.equal(readRecord(file), undefined);
  });

  it("is waited for until it has ended", async () => {
    const running = identity();
    assert.equal(await waitForEnd(running, 0), false);
    signal(running, "SIGTERM");
    assert.equal(await waitForEnd(running, 10_000), true);
  });
});
