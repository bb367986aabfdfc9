import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { networks } from "../../aleo/network.ts";
import { projectDirectory } from "../../local/paths.ts";
import { sectionOf } from "../../monitor/dashboard/runbook.ts";
import { readRules } from "../../monitor/rule/rule-file.ts";
import { readPage } from "../../operations/docs-check/markdown.ts";

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
