import assert from "node:assert/strict";
import { once } from "node:events";
import { readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { execa } from "execa";
import type { DrillReport } from "../../operations/drill/disaster.ts";
import { allowed, type Step, timelineText } from "../../operations/drill/timeline.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const cli = join(import.meta.dirname, "..", "..", "operations", "cli.ts");
const agents = 10;

describe("A drill that plays an exploit", function () {
  this.timeout(180_000);
  const directory = temporaryDirectory("drill-played");
  const paged: string[] = [];
  const pagerDuty = createServer((request, response) => {
    void text(request).then((body) => {
      paged.push(body);
      response.writeHead(202).end("{}");
    });
  });
  before(async () => {
    writeFileSync(
      join(directory.path, "Pulumi.local.yaml"),
      `config:\n  aleo-ops:network: local\n  aleo-ops:endpoints: ["http://127.0.0.1:1"]\n  aleo-ops:maxFee: "1"\n`,
    );
    pagerDuty.listen(0, "127.0.0.1");
    await once(pagerDuty, "listening");
  });
  after(() => {
    pagerDuty.close();
    directory.remove();
  });

  /** Runs the drill, and asserts that all is as it was before the exploit, in time. */
  const play = async (name: string): Promise<DrillReport> => {
    const { port } = pagerDuty.address() as AddressInfo;
    const { exitCode, stdout, stderr } = await execa(
      process.execPath,
      [cli, "drill", name, "--agents", String(agents), "--json"],
      {
        cwd: directory.path,
        env: { PAGERDUTY_EVENTS_URL: `http://127.0.0.1:${port}`, TMPDIR: directory.path },
        reject: false,
      },
    );
    assert.equal(exitCode, 0, stdout + stderr);
    const report = JSON.parse(stdout) as DrillReport;
    const { steps, recovery } = report;
    assert.deepEqual(recovery.differences, []);
    // The agents and the one that came after the backup, three entries each; the queue; the totals.
    assert.equal(recovery.compared, 3 * (agents + 1) + 3 + 5);
    assert.equal(recovery.program, "drill_registry_v2.aleo");
    const times = steps.map(({ doneAtMs }) => doneAtMs);
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
    );
    assert.ok(steps.every(({ doneAtMs, allowedMs }) => doneAtMs <= allowedMs));
    const left = readdirSync(directory.path).filter((file) => file.startsWith("aleo-ops-scratch"));
    assert.deepEqual(left, []);
    return report;
  };

  /** What was paged goes no further up after the drill. */
  const assertEnded = () => {
    const events = paged.map((body) => JSON.parse(body) as Record<string, unknown>);
    const [first] = events;
    const { event_action: action, dedup_key: key, routing_key: of } = events.at(-1) ?? {};
    assert.ok(events.length > 1);
    assert.deepEqual([action, key, of], ["resolve", first?.dedup_key, first?.routing_key]);
  };

  it("goes through the disaster runbook's steps in their order, each within its time", async () => {
    const { steps, taken } = await play("disaster");
    assert.equal(taken, "5000000");
    assert.deepEqual(
      steps.map(({ name, allowedMs }) => `${name.split(/[ :]/)[0] ?? ""} ${allowedMs / 60_000}`),
      [
        ...["(the 15", "emergency 15", "alert 15", "pause 15", "clean 60"],
        ...["reconstruct 240", "restore 240", "verify 480", "fund 480"],
      ],
    );
    assert.match(paged[0] ?? "", /"DRILL, nothing is wrong: exploit of drill_registry_v1.aleo/);
    assertEnded();
  });

  it("is seen, paged and stopped while it goes on, and undone", async () => {
    paged.length = 0;
    const { steps, taken } = await play("exploit");
    assert.ok(BigInt(taken) > 0n);
    assert.match(
      paged[0] ?? "",
      /"DRILL, nothing is wrong: drill_registry_v1.aleo holds .* and owes/,
    );
    assertEnded();
    const at = (name: string) => steps.find((step) => step.name.startsWith(name))?.doneAtMs ?? NaN;
    assert.ok(at("alert") <= at("page") && at("page") < at("pause") && at("pause") < at("fund"));
    assert.ok(at("page") < 30_000);
  });

  it("shows a step that came too late", () => {
    const late: Step = {
      name: "pause",
      durationMs: 1_000,
      doneAtMs: allowed.stopTheLoss + 1,
      allowedMs: allowed.stopTheLoss,
    };
    assert.match(timelineText([late]), /✖ {2}pause +1\.0 s +900\.0 s +15 min/);
  });

  it("is refused with a number of agents that is none", async () => {
    const { exitCode, stderr } = await execa(
      process.execPath,
      [cli, "drill", "disaster", "--agents", "3"],
      { cwd: directory.path, reject: false },
    );
    assert.equal(exitCode, 2);
    assert.match(stderr, /a whole number from 10 to/);
  });
});
