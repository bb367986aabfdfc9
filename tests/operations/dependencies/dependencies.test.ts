import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { connect } from "../../../aleo/node/client.ts";
import { freePort } from "../../../local/ports.ts";
import { identify, waitForEnd } from "../../../local/processes.ts";
import {
  dependencies,
  dependenciesText,
  type DependenciesReport,
  needsAction,
  outdatedIn,
} from "../../../operations/dependencies/dependencies.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";

const fine: DependenciesReport = {
  outdated: { answer: [] },
  vulnerable: { answer: [] },
  leo: { used: "4.0.2", newest: { answer: "4.0.2" } },
  sdk: { version: "0.11.10", knows: 19, network: { answer: 19 } },
};

describe("the dependencies", () => {
  it("need nothing where all is new and the SDK knows the network's rules", () => {
    assert.equal(needsAction(fine), false);
    assert.doesNotMatch(dependenciesText(fine), /[✖!]/);
  });

  it("need an SDK that knows the network's consensus version", () => {
    const behind = { ...fine, sdk: { ...fine.sdk, network: { answer: 20 } } };
    assert.equal(needsAction(behind), true);
    assert.match(
      dependenciesText(behind),
      /knows consensus version 19, the network has 20\n.*deploy nothing before/,
    );
  });

  it("need what was not looked at to be told, and no action for it", () => {
    const unknown: DependenciesReport = {
      outdated: { problem: "no registry" },
      vulnerable: { problem: "no registry" },
      leo: { used: undefined, newest: { problem: "cargo is not installed" } },
      sdk: { ...fine.sdk, network: { problem: "no node answers" } },
    };
    assert.equal(needsAction(unknown), false);
    assert.equal(dependenciesText(unknown).match(/not looked at/g)?.length, 4);
  });

  it("are read from npm's answer, and a failure of npm's is no answer", () => {
    assert.deepEqual(
      outdatedIn(
        '{"a":{"current":"1.0.0","latest":"2.0.0"},"b":{"latest":"1.0.0"},"c":{"current":"v3.0.0","latest":"3.0.0"}}',
      ),
      [{ name: "a", current: "1.0.0", latest: "2.0.0" }],
    );
    assert.deepEqual(outdatedIn(""), []);
    assert.throws(() => outdatedIn('{"error":{"code":"ENOTFOUND"}}'));
  });

  it("are asked for no longer than somebody waits: npm does not go on without him", async function () {
    this.timeout(30_000);
    const scratch = temporaryDirectory("dependencies");
    const script = `#!/bin/sh\necho $$ > "${scratch.path}/$1.pid"\nexec sleep 60\n`;
    writeFileSync(join(scratch.path, "npm"), script, { mode: 0o755 });
    writeFileSync(join(scratch.path, "package-lock.json"), "{}");
    const path = process.env.PATH ?? "";
    process.env.PATH = [scratch.path, path].join(delimiter);
    const endpoint = `http://127.0.0.1:${await freePort()}`;
    const node = connect({ network: "local", endpoints: [endpoint], retryBudgetMs: 100 });
    try {
      const ended = AbortSignal.timeout(2_000);
      const found = await dependencies(scratch.path, { network: "local" }, node, ended);
      assert.ok("problem" in found.outdated && "problem" in found.vulnerable);
      for (const name of ["outdated", "audit"]) {
        const npm = identify(Number(readFileSync(join(scratch.path, `${name}.pid`), "utf8")));
        assert.ok(npm === undefined || (await waitForEnd(npm, 5_000)), `npm ${name} has ended`);
      }
    } finally {
      process.env.PATH = path;
      await node.close();
      scratch.remove();
    }
  });
});
