import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { Journal, JournalError } from "../../../aleo/transaction/journal.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";
import { sentTransaction } from "./sent.ts";

describe("the journal of sent transactions", () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  let journal: Journal;

  beforeEach(() => {
    directory = temporaryDirectory("journal");
    journal = new Journal(directory.path, "local");
  });
  afterEach(() => {
    directory.remove();
  });

  const files = () => readdirSync(join(directory.path, "local"));
  const startProcess = async (task: "write" | "hold"): Promise<ChildProcess> => {
    const script = fileURLToPath(new URL("journal-process.ts", import.meta.url));
    const child = spawn(process.execPath, [script, directory.path, task], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    return child;
  };
  const kill = async (child: ChildProcess): Promise<void> => {
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  };

  it("remembers an entry for each subject until it is removed", async () => {
    assert.equal(await journal.read("token.aleo"), undefined);
    await journal.write("token.aleo", sentTransaction());
    await journal.write("other.aleo", sentTransaction({ taken: true }));
    const later = new Journal(directory.path, "local");
    assert.deepEqual(await later.read("token.aleo"), sentTransaction());
    assert.deepEqual(await later.read("other.aleo"), sentTransaction({ taken: true }));
    await later.remove("token.aleo");
    await later.remove("token.aleo");
    assert.equal(await journal.read("token.aleo"), undefined);
    assert.equal((await journal.read("other.aleo"))?.taken, true);
  });

  it("keeps networks apart", async () => {
    await journal.write("token.aleo", sentTransaction());
    assert.equal(await new Journal(directory.path, "testnet").read("token.aleo"), undefined);
  });

  it("is readable by its owner only", async () => {
    await journal.write("token.aleo", sentTransaction());
    assert.deepEqual(files(), ["token.aleo.json"]);
    const modeOf = (path: string) => statSync(path).mode & 0o777;
    assert.equal(modeOf(join(directory.path, "local", "token.aleo.json")), 0o600);
    assert.equal(modeOf(join(directory.path, "local")), 0o700);
  });

  it("holds a whole entry, whenever the process that writes is killed", async () => {
    for (const delayMs of [0, 5, 20]) {
      const child = await startProcess("write");
      await sleep(delayMs);
      await kill(child);
      const sent = await journal.read("token.aleo");
      assert.ok(sent === undefined || sent.text === (sent.text[0] ?? "").repeat(200_000));
    }
  });

  it("says that a damaged entry can't be read, and where it is", async () => {
    await journal.write("token.aleo", sentTransaction());
    const path = join(directory.path, "local", "token.aleo.json");
    for (const damaged of ["", "{", "[]", '{"purpose":"x"}', '{"id":"at1x","text":"{}"}']) {
      writeFileSync(path, damaged);
      await assert.rejects(
        journal.read("token.aleo"),
        (error) =>
          error instanceof JournalError &&
          error.message.includes(path) &&
          error.message.includes("token.aleo") &&
          error.remedy.includes("account on chain"),
      );
    }
  });

  it("keeps any two subjects apart, whatever they are made of", async () => {
    const key = fc.oneof(fc.string(), fc.string({ minLength: 150, maxLength: 400 }));
    await fc.assert(
      fc.asyncProperty(key, key, async (one, other) => {
        fc.pre(one !== other);
        const subjects = [`token.aleo/m[${one}]`, `token.aleo/m[${other}]`];
        for (const subject of subjects) {
          await journal.write(subject, sentTransaction({ purpose: subject }));
        }
        for (const subject of subjects) {
          assert.equal((await journal.read(subject))?.purpose, subject);
          await journal.remove(subject);
        }
      }),
      { numRuns: 30, examples: [["-1i8", " 1i8"]] },
    );
  });

  describe("lets one run at a time send for a subject", () => {
    it("in one process", async () => {
      const seen: string[] = [];
      const work = (name: string) => async () => {
        seen.push(`${name} starts`);
        await sleep(20);
        seen.push(`${name} ends`);
      };
      await Promise.all([
        journal.exclusively("token.aleo", work("first")),
        journal.exclusively("token.aleo", work("second")),
      ]);
      const [first = "", , second = ""] = seen.map((line) => line.split(" ")[0]);
      assert.deepEqual(seen, [
        `${first} starts`,
        `${first} ends`,
        `${second} starts`,
        `${second} ends`,
      ]);
    });

    it("and others for other subjects meanwhile", async () => {
      await journal.exclusively("token.aleo", () =>
        journal.exclusively("other.aleo", () => Promise.resolve()),
      );
    });

    it("also when work fails", async () => {
      await assert.rejects(
        journal.exclusively("token.aleo", () => Promise.reject(new Error("work failed"))),
        /work failed/,
      );
      await journal.exclusively("token.aleo", () => Promise.resolve());
    });

    it("across processes, even while a proof stops all else in one; its lock ends with it", async () => {
      const child = await startProcess("hold");
      let entered = false;
      const turn = journal.exclusively("token.aleo", () => {
        entered = true;
        return Promise.resolve();
      });
      await sleep(1_000);
      assert.equal(entered, false);
      await kill(child);
      await turn;
      assert.equal(entered, true);
    });
  });
});
