import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { AlertError } from "../../operations/alerts/alerts.ts";
import { unfinished } from "../../aleo/files.ts";
import { addContract } from "../../operations/alerts/setup.ts";
import { admin, alice } from "../contracts/accounts.ts";
import { registryCalls } from "../contracts/agent-registry.ts";
import { scratchChain } from "../contracts/chain.ts";
import { openMonitor } from "./support/monitor.ts";

const program = "agent_registry_v3.aleo";
const project = join(import.meta.dirname, "..", "..");
const rules = `# Ours
rules:
  paused: # the older one
    { kind: paused, severity: high, programs: [agent_registry_v2.aleo] }
`;

describe("alerts setup and alerts add-contract", function () {
  this.timeout(120_000);
  const chain = scratchChain(admin, program);
  const { call, register } = registryCalls(program);
  const url = () => chain.node.endpoints[0] ?? "";
  const stack = { network: "local" as const, programs: [] };
  const aleoOps = (folder: string, ...args: string[]) =>
    execa(process.execPath, [join(project, "operations", "cli.ts"), "alerts", ...args], {
      cwd: project,
      env: { ALEO_NODE_URL: url(), MONITOR_RULES: folder },
      reject: false,
    });

  it("lets a monitor that runs watch one more program, without a restart", async () => {
    const watch = await openMonitor({ endpoints: [url()], programs: [], rules, fromBlock: 1 });
    try {
      assert.deepEqual(await watch.firing(), []);
      await chain.accepts(register(alice, "1field"), call(admin, "pause"));
      assert.deepEqual(await watch.firing(), []);
      assert.deepEqual(watch.monitor.status().programs, []);
      const folder = dirname(watch.database);
      const { text } = await addContract(stack, { MONITOR_RULES: folder }, chain.node, program);
      assert.match(text, /^\+.*programs: \[agent_registry_v2\.aleo, agent_registry_v3\.aleo\]/m);
      assert.match(
        readFileSync(join(folder, "local.yaml"), "utf8"),
        /^# Ours\n.*\n.*the older one/,
      );
      assert.deepEqual(await watch.firing(), [`paused ${program}`]);
      assert.deepEqual(watch.monitor.status().programs, [program]);
      await chain.accepts(call(admin, "unpause"));
      await watch.firing();
      const row = watch.monitor.store.database.get(
        "SELECT count(*) AS count FROM transactions WHERE program = :program",
        { program },
      );
      assert.equal(row?.count, 1, "what comes from then on is seen");
    } finally {
      await watch.close();
    }
  });

  it("shows what it changes, and does it once", async () => {
    const watch = await openMonitor({ endpoints: [url()], programs: [], rules });
    const folder = dirname(watch.database);
    const file = join(folder, "local.yaml");
    try {
      const setup = (...more: string[]) => aleoOps(folder, "setup", "--contract", program, ...more);
      const thresholds = ["--threshold-tx-fail-rate", "0.2", "--threshold-response-time", "1500"];
      const first = await setup(...thresholds);
      assert.equal(first.exitCode, 0, first.stderr);
      assert.match(first.stdout, /^\+ {4}threshold: 0\.2$/m);
      assert.match(first.stdout, /^\+ {4}thresholdMs: 1500$/m);
      const written = readFileSync(file, "utf8");
      const second = await setup(...thresholds, "--json");
      assert.equal((JSON.parse(second.stdout) as { changed: boolean }).changed, false);
      assert.equal(readFileSync(file, "utf8"), written);
      assert.equal((await aleoOps(folder, "check")).exitCode, 0);

      const wrong = await setup("--threshold-tx-fail-rate", "2");
      assert.equal(wrong.exitCode, 1);
      assert.match(wrong.stderr, /tx-failure-rate\.threshold is 2: .* Nothing is written/);
      assert.match(wrong.stderr, /a number over 0, up to 1/);
      assert.equal((await setup("--threshold-tx-fail-rate", "much")).exitCode, 2);
      const missing = await aleoOps(folder, "add-contract", "agent_registry_v9.aleo");
      assert.equal(missing.exitCode, 1);
      assert.match(missing.stderr, /no program agent_registry_v9\.aleo on local.*\n.*Did you mean/);
      assert.equal((await aleoOps(folder, "add-contract", "notes")).exitCode, 2);
      assert.equal(readFileSync(file, "utf8"), written);
      assert.deepEqual(
        readdirSync(folder).filter((name) => name.startsWith(unfinished)),
        [],
      );
    } finally {
      await watch.close();
    }
  });

  it("makes the file where there is none, and says where it can't", async () => {
    const watch = await openMonitor({ endpoints: [url()], programs: [], rules });
    try {
      const folder = dirname(watch.database);
      const fresh = join(folder, "fresh");
      mkdirSync(fresh);
      const made = await aleoOps(fresh, "setup", "--contract", program);
      assert.equal(made.exitCode, 0, made.stderr);
      assert.equal((await aleoOps(fresh, "check")).exitCode, 0);
      const nowhere = join(folder, "nowhere");
      await assert.rejects(
        addContract(stack, { MONITOR_RULES: nowhere }, chain.node, program),
        (error: unknown) =>
          error instanceof AlertError &&
          /nowhere.*can't be written/.test(error.message) &&
          error.remedy.includes("pulumi up"),
      );
    } finally {
      await watch.close();
    }
  });
});
