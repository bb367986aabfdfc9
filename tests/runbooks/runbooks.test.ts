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

/** The parts that each runbook has. */
const parts: Readonly<Record<string, RegExp>> = {
  "symptoms, or when": /^\*\*(?:Symptoms|When)\*\*: \S/m,
  severity: /\*\*Severity\*\*: (?:critical|high|medium|low)\b/,
  who: /\*\*Who\*\*: \S/,
  "the first 5 minutes": /^## First 5 minutes\n\n\S/m,
  "decision points": /^## Decide\n\n[-|] ?\S/m,
  commands: /^```sh$/m,
  "how to know that it worked": /^## How you know that it worked\n\n\S/m,
  "how to undo it": /^## Undo\n\n\S/m,
  "what to tell": /^## Tell people\n\n```text\n\S/m,
};

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
        it("has all its parts", () => {
          const missing = Object.keys(parts).filter((part) => parts[part]?.test(text) !== true);
          assert.deepEqual(missing, []);
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
