import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { projectDirectory } from "../../local/paths.ts";
import { readPage } from "../../operations/docs-check/markdown.ts";
import { reasonNotToRun, runBlock, variablesFile } from "./run-block.ts";
import { startWorld, type World } from "./world.ts";

/** In the order in which they are run: all of them in one world, as one day after the other. */
const order = [
  "README",
  "on-call-start",
  "daily",
  "restore",
  "service-degradation",
  "high-failure-rate",
  "fees",
  "insufficient-balance",
  "program-not-found",
  "compilation-failure",
  "failed-deployment",
  "deploy",
  "emergency-pause",
  "exploit",
  "reconstruct",
  "withdrawals",
  "disaster-recovery",
  "weekly",
  "monthly",
  // The last: nobody else has the new key.
  "key-rotation",
];

const folder = join(projectDirectory, "runbooks");

/** The parts that each runbook has, by the beginnings of their headings or words. */
const parts = [
  /severity|\*\*when\*\*/i,
  /\*\*who\*\*/i,
  /undo/i,
  /how you know that it worked/i,
  /## tell people/i,
];

describe("the runbooks", function () {
  this.timeout(300_000);
  let world: World | undefined;
  before(async () => {
    world = await startWorld();
  });
  after(async () => {
    await world?.dispose();
  });

  it("are all run", () => {
    const there = readdirSync(folder).map((name) => name.replace(/\.md$/, ""));
    assert.deepEqual(there.toSorted(), order.toSorted());
  });

  for (const name of order) {
    const text = readFileSync(join(folder, `${name}.md`), "utf8");
    describe(name, () => {
      if (name !== "README") {
        it("says how bad it is, who acts, how to know that it worked, how to undo, what to tell", () => {
          for (const part of parts) assert.match(text, part);
        });
      }
      for (const block of readPage(text).blocks.filter(({ language }) => language === "sh")) {
        const reason = reasonNotToRun(block);
        // See rules.test.ts: another test runs it.
        if (reason !== undefined) continue;
        const title = `line ${block.line}: ${block.lines.at(-1) ?? ""}`;
        it(title, async () => {
          assert.ok(world !== undefined);
          await runBlock(world, block, variablesFile(world, name));
        });
      }
    });
  }
});
