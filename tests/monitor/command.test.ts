import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { freePort } from "../../local/ports.ts";
import {
  accept,
  alertSummary,
  endSilence,
  listSilences,
  openAlerts,
  silence,
  testAlert,
} from "../../operations/alerts/alerts.ts";
import { backupTimes } from "../../operations/monitor/backups.ts";
import { metricDefinitions } from "../../monitor/metrics/definitions.ts";
import { createBlocks } from "../support/create-blocks.ts";
import { scratchDevnode } from "../support/devnode.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { openMonitor } from "./support/monitor.ts";
import { alertReceiver } from "./support/receiver.ts";

const project = join(import.meta.dirname, "..", "..");
const key = `APrivateKey1${"z".repeat(47)}`;

describe("aleo-ops monitor and alerts", function () {
  this.timeout(120_000);
  const devnode = scratchDevnode({ manualBlocks: true });
  const receiver = alertReceiver();
  const scratch = temporaryDirectory("monitor-command");
  const rules = join(scratch.path, "rules");
  const database = join(scratch.path, "monitor.sqlite");
  let port = 0;
  let monitor: ReturnType<typeof spawn> | undefined;
  let output = "";

  const environment = () => ({
    ...process.env,
    ALEO_NODE_URL: devnode.url,
    MONITOR_DATABASE: database,
    MONITOR_RULES: rules,
    MONITOR_PORT: String(port),
    MONITORING_INTERVAL: "0.2",
    PAGERDUTY_KEY_HIGH: "key-h",
    PAGERDUTY_EVENTS_URL: receiver.url,
    ALEO_PRIVATE_KEY: key,
  });
  const aleoOps = (...args: string[]) =>
    execa(process.execPath, [join(project, "operations", "cli.ts"), ...args], {
      cwd: project,
      env: environment(),
      reject: false,
    });
  const get = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);
  const until = async (condition: () => boolean | Promise<boolean>) => {
    while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 100));
  };
  const isReady = async () => (await get("/readyz")).status === 200;

  before(async () => {
    mkdirSync(rules);
    cpSync(join(project, "monitor", "rules", "local.yaml"), join(rules, "local.yaml"));
    port = await freePort();
    const args = [join(project, "operations", "cli.ts"), "monitor", "--network", "local"];
    monitor = spawn(process.execPath, [...args, "--from-block", "1"], {
      cwd: project,
      env: environment(),
    });
    monitor.stdout?.on("data", (chunk: Buffer) => (output += chunk.toString()));
    monitor.stderr?.on("data", (chunk: Buffer) => (output += chunk.toString()));
    await until(() => isReady().catch(() => false));
  });
  after(() => {
    monitor?.kill("SIGKILL");
    scratch.remove();
  });

  it("answers whether it works and follows the chain", async () => {
    assert.equal((await get("/healthz")).status, 200);
    await createBlocks(devnode.url, 2);
    await until(async () => {
      const status = (await (await get("/readyz")).json()) as { height: number };
      return status.height === 24;
    });
  });

  it("gives every metric by the name in its definitions, and no other of its own", async () => {
    let text = "";
    await until(async () => {
      text = await (await get("/metrics")).text();
      return /^aleo_ops_monitor_height 24$/m.test(text);
    });
    const served = [...text.matchAll(/^# TYPE (aleo_ops_\w+)/gm)].map(([, name]) => name);
    assert.deepEqual(
      served.toSorted(),
      Object.values(metricDefinitions)
        .map(({ name }) => name)
        .toSorted(),
    );
    assert.ok(text.includes("\naleo_ops_monitor_lag_blocks 0\n"));
  });

  it("says that it is not ready while its node is away, and goes on after", async () => {
    await devnode.stop();
    await until(async () => !(await isReady()));
    const status = (await (await get("/readyz")).json()) as { problem: string };
    assert.match(status.problem, /No node answered/);
    assert.equal((await get("/healthz")).status, 200, "it needs no restart");
    await devnode.restart();
    await until(isReady);
  });

  it("reads its rules again when they change, and keeps them when they are wrong", async () => {
    const file = join(rules, "local.yaml");
    const text = readFileSync(file, "utf8");
    writeFileSync(file, text.replace("kind: solvency", "kind: solvent"));
    await until(() => output.includes("no kind of rule"));
    writeFileSync(file, `${text}\n`);
    await until(() => output.includes("The rules were read again"));
    const status = (await (await get("/readyz")).json()) as { rules: number };
    assert.equal(status.rules, 16);
  });

  it("sums up over HTTP and from the database, alike", async () => {
    const own = await alertSummary("local", environment(), "1h");
    const address = { MONITOR_URL: `http://127.0.0.1:${port}` };
    const asked = await alertSummary("local", address, "1h");
    assert.match(own.text, /^local, the last 1h, up to block 24\n\n/);
    assert.equal(asked.text, own.text);
    assert.equal((await get("/summary?last=soon")).status, 400);
  });

  it("sends a marked test alert, and resolves it", async () => {
    receiver.received.length = 0;
    const { stdout, exitCode } = await aleoOps("alerts", "test", "paused");
    assert.equal(exitCode, 0, stdout);
    const [trigger, resolve] = receiver.received.map(({ json }) => json);
    assert.equal(trigger?.event_action, "trigger");
    assert.match(JSON.stringify(trigger), /TEST, nothing is wrong/);
    assert.equal(resolve?.event_action, "resolve");
    assert.equal(resolve.dedup_key, trigger.dedup_key);
    receiver.answers.push({ status: 400 });
    assert.equal((await testAlert("local", environment(), "paused")).code, 1);
  });

  it("silences and ends a silence, and refuses what can't be", async () => {
    const env = environment();
    await silence("local", env, { rule: "paused", last: "1h", reason: "planned" });
    assert.match((await listSilences("local", env)).text, /paused +any +.*planned/);
    await endSilence("local", env, 1);
    await assert.rejects(endSilence("local", env, 1), /no silence 1 that still holds/);
    await assert.rejects(accept("local", env, "nothing.aleo"), /has not seen nothing\.aleo/);
    assert.ok(Array.isArray((await openAlerts("local", env)).document));
  });

  it("never shows a key, and ends by itself when it is told to", async () => {
    assert.ok(monitor);
    const ended = once(monitor, "exit");
    monitor.kill("SIGTERM");
    const [code] = (await ended) as [number | null];
    assert.equal(code, 0, output);
    assert.match(output, /The monitor has ended/);
    for (const line of output.trim().split("\n")) JSON.parse(line);
    assert.ok(!output.includes(key) && !output.includes("key-h"));
  });

  it("tells of backups that are too old or were never made", async () => {
    const reading: Record<string, { newest?: string; verified?: string }> = {};
    const program = "notes.aleo";
    const settings = { severity: "high", resolveAfter: "0s" };
    const watch = await openMonitor({
      endpoints: [devnode.url],
      programs: [program],
      rules: JSON.stringify({
        rules: {
          old: { kind: "backup-age", ...settings },
          unproven: { kind: "restore-age", longest: "8d", ...settings },
        },
      }),
      backups: () => Promise.resolve(reading),
    });
    const hours = (count: number) => {
      watch.clock.forward(count * 3_600_000);
    };
    try {
      await watch.monitor.poll();
      assert.deepEqual(await watch.firing(), [`old ${program}`, `unproven ${program}`]);
      const now = new Date(watch.clock.now()).toISOString();
      reading[program] = { newest: now, verified: now };
      hours(1);
      await watch.monitor.poll();
      assert.deepEqual(await watch.firing(), []);
      hours(24);
      assert.deepEqual(await watch.firing(), [`old ${program}`]);
      hours(24 * 8);
      assert.deepEqual(await watch.firing(), [`old ${program}`, `unproven ${program}`]);
    } finally {
      await watch.close();
    }
  });

  it("asks the store of backups as `backups list` does", async () => {
    const store = join(scratch.path, "backups");
    mkdirSync(store);
    const stack = { network: "local" as const, programs: [{ program: "agent_registry_v3.aleo" }] };
    assert.deepEqual(
      await backupTimes(
        stack,
        { ...process.env, BACKUP_STORE: store },
        new AbortController().signal,
      ),
      {
        "agent_registry_v3.aleo": {
          ...{ newest: undefined, verified: undefined, restored: undefined, latest: [] },
        },
      },
    );
  });
});
