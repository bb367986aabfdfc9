import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { developmentKey } from "../../local/development-account.ts";
import { type Devnode, type DevnodeOptions, startDevnode } from "../../local/devnode.ts";
import { LocalError } from "../../local/errors.ts";
import { freePort } from "../../local/ports.ts";
import { identify } from "../../local/processes.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

describe("a devnode", function () {
  this.timeout(180_000);
  const scratch = temporaryDirectory("devnode");
  let options: DevnodeOptions;
  let devnode: Devnode | undefined;

  before(async () => {
    options = {
      directory: join(scratch.path, "ledger"),
      logFile: join(scratch.path, "devnode.log"),
      port: await freePort(),
      manualBlocks: true,
    };
    devnode = await startDevnode(options);
  });
  after(async () => {
    await devnode?.stop();
    scratch.remove();
  });

  const running = (): Devnode => {
    assert.ok(devnode);
    return devnode;
  };
  const height = async () =>
    Number(await (await fetch(`${running().url}/testnet/block/height/latest`)).text());
  const makeBlocks = async (count: number) => {
    const response = await fetch(`${running().url}/testnet/block/create`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ num_blocks: count }),
    });
    assert.ok(response.ok);
  };

  it("is ready with the newest consensus version", async () => {
    const version = await fetch(`${running().url}/testnet/consensus_version`);
    assert.equal(Number(await version.text()), 19);
  });

  it("shows its key neither to the process list nor in its log", () => {
    const commandLine = readFileSync(`/proc/${running().pid}/cmdline`, "utf8");
    assert.match(commandLine, /aleo-devnode/);
    assert.ok(!commandLine.includes(developmentKey));
    assert.ok(!readFileSync(options.logFile, "utf8").includes(developmentKey));
  });

  it("goes on with its ledger after a stop, and is started without its slow cache file", async () => {
    await makeBlocks(3);
    const before = await height();
    const { pid } = running();
    await running().stop();
    assert.equal(identify(pid), undefined, "stop waits until the process has ended");
    const cache = join(options.directory, "block_tree");
    assert.ok(existsSync(cache), "the devnode wrote the file that makes its next start slow");

    devnode = await startDevnode(options);
    assert.equal(existsSync(cache), false);
    assert.equal(await height(), before);
    await makeBlocks(1);
    assert.equal(await height(), before + 1);
  });

  it("can be stopped twice", async () => {
    await running().stop();
    await running().stop();
    devnode = await startDevnode(options);
  });

  it("is refused a port in use before its ledger is touched", async () => {
    const server: Server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    assert.ok(address !== null && typeof address === "object");
    const directory = join(scratch.path, "other");
    try {
      await assert.rejects(
        startDevnode({ ...options, directory, port: address.port }),
        (error: LocalError) => {
          assert.ok(error instanceof LocalError);
          assert.match(
            error.message,
            new RegExp(`Port ${address.port} is in use by .*${process.pid}`),
          );
          return true;
        },
      );
      assert.equal(existsSync(directory), false);
    } finally {
      server.close();
    }
  });

  it("that ends while it starts is an error with its own words and where they are kept", async () => {
    const directory = join(scratch.path, "broken");
    writeFileSync(directory, "a file where the ledger's folder should be");
    await assert.rejects(startDevnode({ ...options, directory, port: await freePort() }));

    const locked = {
      ...options,
      port: await freePort(),
      logFile: join(scratch.path, "second.log"),
    };
    await assert.rejects(startDevnode(locked), (error: LocalError) => {
      assert.ok(error instanceof LocalError, String(error));
      assert.match(error.message, /ended while it started/);
      assert.ok(error.remedy.includes(locked.logFile));
      return true;
    });
  });
});
