import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { networks } from "../../aleo/network.ts";
import { projectDirectory } from "../../local/paths.ts";
import { sectionOf } from "../../monitor/dashboard/runbook.ts";
import { readRules } from "../../monitor/rule/rule-file.ts";
import { readPage } from "../../operations/docs-check/markdown.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { reasonNotToRun } from "./run-block.ts";

/** Rules that share the heading of another one. */
const shared: Readonly<Record<string, string>> = { "tx-failure-burn": "tx-failure-rate" };

describe("the runbook of an alert", () => {
  for (const network of networks) {
    it(`is the heading of its rule, with something to do below it, on ${network}`, () => {
      const rules = readRules(join(projectDirectory, "monitor", "rules", `${network}.yaml`));
      assert.ok(rules.length > 0);
      for (const { id, runbook = "" } of rules) {
        const [path = "", anchor = ""] = runbook.split("#", 2);
        assert.match(path, /^runbooks\/[a-z-]+\.md$/, id);
        assert.equal(anchor, shared[id] ?? id);
        const file = join(projectDirectory, path);
        assert.ok(existsSync(file), `${id}: ${path}`);
        const text = readFileSync(file, "utf8");
        assert.ok(readPage(text).anchors.has(anchor), `${id}: ${runbook}`);
        const section = sectionOf(text, anchor) ?? "";
        assert.ok(section.length > 60, `${id}: ${section}`);
        assert.ok(!section.includes("expect:"), section);
      }
    });
  }
});

describe("the first block of an emergency", () => {
  const scratch = temporaryDirectory("first-block");
  after(() => {
    scratch.remove();
  });

  for (const name of [
    "README",
    "exploit",
    "emergency-pause",
    "key-rotation",
    "disaster-recovery",
  ]) {
    it(`of ${name} does nothing before a network is named`, async () => {
      const text = readFileSync(join(projectDirectory, "runbooks", `${name}.md`), "utf8");
      const [block] = readPage(text).blocks.filter(({ language }) => language === "sh");
      const done = join(scratch.path, name);
      const script = `aleo-ops() { touch '${done}'; }\n${(block?.lines ?? []).join("\n")}`;
      const run = (environment: NodeJS.ProcessEnv) =>
        promisify(execFile)("bash", ["-c", script], {
          env: { PATH: process.env.PATH, ...environment },
        });
      await assert.rejects(
        run({ KEY_FILE: done }),
        /ALEO_NETWORK: export ALEO_NETWORK=mainnet first, or testnet/,
      );
      assert.equal(existsSync(done), false);
      await run({ ALEO_NETWORK: "mainnet", KEY_FILE: done });
      assert.equal(existsSync(done), name !== "README");
    });
  }
});

describe("a block of a runbook that is not run with the others", () => {
  const folder = join(projectDirectory, "runbooks");
  const blocksOf = (name: string) =>
    readPage(readFileSync(join(folder, `${name}.md`), "utf8")).blocks.filter(
      ({ language }) => language === "sh",
    );
  /** The lines of a runbook that are run. */
  const run = (name: string) =>
    existsSync(join(folder, `${name}.md`))
      ? blocksOf(name).flatMap((block) => (reasonNotToRun(block) === undefined ? block.lines : []))
      : [];
  /** The command of a line by its last word: `preview` of `make preview STACK=…`. */
  const commandOf = (line: string) => {
    const [tool = "", ...words] = line.split(" ");
    const end = words.findIndex((word) => !/^[a-z][a-z-]*$/.test(word));
    const command = words.slice(0, end === -1 ? undefined : end).at(-1);
    return tool === "aleo-ops" || tool === "make" ? command : undefined;
  };

  for (const name of readdirSync(folder).map((file) => file.replace(/\.md$/, ""))) {
    for (const block of blocksOf(name)) {
      const reason = reasonNotToRun(block);
      if (reason === undefined) continue;
      it(`${name}, line ${block.line}, says why, and who runs it`, () => {
        const [why = "", who = ""] = reason.split("; ");
        assert.ok(why.length > 20, reason);
        const other = /is run in "([a-z-]+)"/.exec(who)?.[1];
        if (other !== undefined) {
          for (const line of block.lines) assert.ok(run(other).includes(line), `${other}: ${line}`);
          return;
        }
        const files = who.match(/tests\/[\w/-]+\.test\.ts/g) ?? [];
        assert.ok(files.length > 0, `it names no test: ${reason}`);
        const texts = files.map((file) => readFileSync(join(projectDirectory, file), "utf8"));
        for (const command of block.lines.flatMap((line) => commandOf(line) ?? [])) {
          const word = new RegExp(`\\b${command}\\b`);
          assert.ok(
            texts.some((text) => word.test(text)),
            `${files.join()}: ${command}`,
          );
        }
      });
    }
  }
});
