import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { Store } from "../../../monitor/store/store.ts";
import { projectDirectory } from "../../../local/paths.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";

describe("an incident", () => {
  const directory = temporaryDirectory("incident");
  const database = join(directory.path, "monitor.sqlite");
  const run = async (...args: string[]) => {
    const { exitCode, stdout, stderr } = await execa(
      process.execPath,
      [join(projectDirectory, "operations", "cli.ts"), "incident", ...args],
      {
        ...{ cwd: directory.path, reject: false },
        env: { MONITOR_DATABASE: database, MONITOR_URL: "", ALEO_NETWORK: undefined },
      },
    );
    return { code: exitCode, stdout, stderr };
  };
  before(() => {
    writeFileSync(
      join(directory.path, "Pulumi.local.yaml"),
      'config:\n  aleo-ops:network: local\n  aleo-ops:endpoints: ["http://127.0.0.1:1"]\n  aleo-ops:maxFee: "1"\n',
    );
    const store = Store.open(database, "local");
    const now = Date.now() - 60_000;
    const id = store.alerts.add({
      ...{ rule: "unusual-outflow", subject: "a.aleo", severity: "critical", status: "firing" },
      ...{ dedupKey: "k", since: now, firedAt: now, height: 7, summary: "900 credits", value: "1" },
      runbook: undefined,
    });
    store.alerts.record(id, now, "firing", "900 credits");
    store.close();
  });
  after(() => {
    directory.remove();
  });

  it("has a timeline and ends in a draft with what the monitor knew, in the order of the times", async () => {
    assert.equal((await run("note", "nothing is open")).code, 1);
    const opened = await run(
      "open",
      "credits leave a.aleo",
      "--severity",
      "critical",
      "--by",
      "Ada",
    );
    assert.equal(opened.code, 0, opened.stderr);
    const id = /Incident (\S+) is open/.exec(opened.stdout)?.[1] ?? "";
    assert.match(id, /^\d{4}-\d{2}-\d{2}-1$/);
    assert.equal((await run("note", "paused\na.aleo", "--by", "Ada")).code, 0);
    const closed = await run("close", "fixed by edition 2", "--by", "Bo");
    assert.equal(closed.code, 0, closed.stderr);
    assert.equal(closed.stdout.includes("Without what"), false);

    const text = (name: string) => readFileSync(join(directory.path, "incidents", name), "utf8");
    assert.match(
      text(`${id}.md`),
      /· Ada · paused a\.aleo\n.* · Bo · Closed: fixed by edition 2\n$/,
    );
    const draft = text(`${id}-post-mortem.md`);
    const order = [
      "monitor: alert 1 (unusual-outflow, a.aleo, critical) firing: 900 credits",
      "Ada: Opened",
      "Ada: paused a.aleo",
      "Bo: Closed",
    ];
    const places = order.map((part) => draft.indexOf(part));
    assert.ok(
      places.every((place, index) => place > (places[index - 1] ?? 0)),
      draft,
    );
    assert.match(draft, /\| Incident opened \| \S+ \| 6\d s \|/);
  });

  it("takes no note once it is closed, and is named where two are open", async () => {
    const id = new Date().toISOString().slice(0, 10);
    const late = await run("note", "late", "--id", `${id}-1`);
    assert.equal(late.code, 1);
    assert.match(late.stderr, /is closed/);
    await run("open", "one");
    await run("open", "two");
    const unclear = await run("note", "which");
    assert.equal(unclear.code, 1);
    assert.match(unclear.stderr, new RegExp(`2 incidents are open: ${id}-2, ${id}-3`));
    assert.equal((await run("note", "this", "--id", `${id}-3`)).code, 0);
  });

  it("is closed without the monitor too, and says so", async () => {
    writeFileSync(database, "no database");
    const id = new Date().toISOString().slice(0, 10);
    const { code, stdout } = await run("close", "over", "--id", `${id}-2`);
    assert.equal(code, 0);
    assert.match(stdout, /Without what the monitor knew: .*no whole SQLite database/);
  });
});
