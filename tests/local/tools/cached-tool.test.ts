import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { ensureCached } from "../../../local/tools/cached-tool.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../../support/temporary-directory.ts";

const quiet = () => undefined;

describe("a tool in the cache", () => {
  let cache: TemporaryDirectory;
  let directory: string;

  beforeEach(() => {
    cache = temporaryDirectory("cache");
    directory = join(cache.path, "tool", "1.0.0");
  });
  afterEach(() => {
    cache.remove();
  });

  const make = (aside: string) => {
    writeFileSync(join(aside, "tool"), "whole");
    return Promise.resolve();
  };

  it("is made once and found from then on", async () => {
    let made = 0;
    const counted = (aside: string) => {
      made++;
      return make(aside);
    };
    assert.equal(await ensureCached({ directory, make: counted, progress: quiet }), directory);
    await ensureCached({ directory, make: counted, progress: quiet });
    assert.equal(made, 1);
    assert.equal(readFileSync(join(directory, "tool"), "utf8"), "whole");
  });

  it("is not there at all when its making fails, and can be made again", async () => {
    const fail = (aside: string) => {
      writeFileSync(join(aside, "tool"), "ha");
      return Promise.reject(new Error("the line was cut"));
    };
    await assert.rejects(ensureCached({ directory, make: fail, progress: quiet }), /cut/);
    assert.deepEqual(readdirSync(join(cache.path, "tool")), []);
    await ensureCached({ directory, make, progress: quiet });
    assert.ok(existsSync(join(directory, "tool")));
  });

  it("is made once by two runs at the same time, and the second says that it waits", async () => {
    let made = 0;
    const lines: string[] = [];
    let begun: () => void = quiet;
    const firstIsAtIt = new Promise<void>((resolve) => (begun = resolve));
    let finish: () => void = quiet;
    const mayFinish = new Promise<void>((resolve) => (finish = resolve));
    const slow = async (aside: string) => {
      made++;
      begun();
      await mayFinish;
      await make(aside);
    };
    const first = ensureCached({ directory, make: slow, progress: quiet });
    await firstIsAtIt;
    const second = ensureCached({
      directory,
      make: slow,
      progress: (line) => {
        lines.push(line);
        finish();
      },
    });
    await Promise.all([first, second]);
    assert.equal(made, 1);
    assert.deepEqual(lines, ["another run is getting it, waiting"]);
  });

  it("is made anew after a run that was killed, whose half tool is removed", async function () {
    this.timeout(30_000);
    const script = `
      import { ensureCached } from ${JSON.stringify(join(import.meta.dirname, "../../../local/tools/cached-tool.ts"))};
      import { writeFileSync } from "node:fs";
      await ensureCached({
        directory: ${JSON.stringify(directory)},
        progress: () => undefined,
        make: async (aside) => {
          writeFileSync(aside + "/tool", "ha");
          console.log("half");
          await new Promise((resolve) => setTimeout(resolve, 60_000));
        },
      });`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    child.kill("SIGKILL");
    await once(child, "exit");
    assert.equal(existsSync(directory), false);
    assert.ok(existsSync(`${directory}.lock`), "the killed run left its lock");

    await ensureCached({ directory, make, progress: quiet, staleMs: 2_000 });
    assert.equal(readFileSync(join(directory, "tool"), "utf8"), "whole");
    assert.deepEqual(readdirSync(join(cache.path, "tool")), ["1.0.0"]);
  });

  it("takes a lock over that has gone without a sign of life", async () => {
    mkdirSync(`${directory}.lock`, { recursive: true });
    const longAgo = new Date(Date.now() - 3_600_000);
    utimesSync(`${directory}.lock`, longAgo, longAgo);
    await ensureCached({ directory, make, progress: quiet });
    assert.ok(existsSync(join(directory, "tool")));
  });
});
