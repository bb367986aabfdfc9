import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { LocalError } from "../../local/errors.ts";
import { freePort, requireFreePort } from "../../local/ports.ts";

describe("a port", () => {
  it("that is free is let through", async () => {
    await requireFreePort(await freePort());
  });

  it("that is in use is named, with the process that holds it and what to do", async () => {
    const port = await freePort();
    const holder = spawn(
      process.execPath,
      [
        "-e",
        `require("node:net").createServer().listen(${port}, "127.0.0.1", () => console.log("up"))`,
      ],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    try {
      await once(holder.stdout, "data");
      await assert.rejects(requireFreePort(port), (error: LocalError) => {
        assert.ok(error instanceof LocalError);
        assert.match(
          error.message,
          new RegExp(`Port ${port} is in use by .+ \\(process ${holder.pid ?? -1}\\)`),
        );
        assert.match(error.remedy, /PORT=/);
        return true;
      });
    } finally {
      holder.kill();
      await once(holder, "exit");
    }
  });
});
