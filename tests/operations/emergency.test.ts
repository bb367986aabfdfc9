import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { zstdDecompressSync } from "node:zlib";
import { execaSync } from "execa";
import { catalogOf } from "../../aleo/backup/catalog.ts";
import { verifyBackup } from "../../aleo/backup/verify-backup.ts";
import { openStore } from "../../operations/backup/store/open-store.ts";
import { emergencyAlert, NobodyToAlertError } from "../../operations/emergency/alert.ts";
import {
  codeOf,
  emergencySnapshot,
  type EmergencySnapshotReport,
} from "../../operations/emergency/snapshot.ts";
import { admin, alice, stranger } from "../contracts/accounts.ts";
import { registryCalls } from "../contracts/agent-registry.ts";
import { alertReceiver } from "../monitor/support/receiver.ts";
import { liveChain } from "./live-chain.ts";

const program = "agent_registry_v3.aleo";

describe("In an emergency", function () {
  this.timeout(120_000);
  const chain = liveChain();
  const receiver = alertReceiver();
  const storeFolder = () => join(chain.directory, "store");

  before(async function () {
    this.timeout(120_000);
    await chain.deploy(admin, program);
    await chain.accepts(registryCalls(program).register(alice, "1field"));
    appendFileSync(
      join(chain.directory, "Pulumi.local.yaml"),
      `  aleo-ops:programs: [{ program: ${program} }]\n  aleo-ops:privateKey: { secure: "v1:hidden" }\n`,
    );
  });

  /** What `aleo-ops emergency snapshot` says, and the folder into which its archive was unpacked. */
  const unpack = async () => {
    const args = ["emergency", "snapshot", "--to", storeFolder(), "--blocks", "3", "--json"];
    const { code, stdout, stderr } = await chain.run(stranger, args);
    assert.equal(code, 0, stdout + stderr);
    const report = JSON.parse(stdout) as { file: string; sha256: string; stored: string };
    const folder = join(chain.directory, "unpacked");
    mkdirSync(folder, { recursive: true });
    const input = zstdDecompressSync(readFileSync(report.file));
    execaSync("tar", ["--extract", "--directory", folder], { input });
    return { report, folder };
  };
  // Once for all: it takes its time.
  let taken: ReturnType<typeof unpack> | undefined;
  const unpacked = () => (taken ??= unpack());

  it("state, blocks, balances and settings are kept in one archive, and in the store", async () => {
    const { report, folder } = await unpacked();
    const sumOf = (path: string) => createHash("sha256").update(readFileSync(path)).digest("hex");
    assert.equal(report.sha256, sumOf(report.file));
    const read = (path: string) => readFileSync(join(folder, path), "utf8");
    const sums = read("SHA256SUMS").trimEnd().split("\n");
    assert.ok(sums.length > 15);
    for (const line of sums) {
      const [sum = "", path = ""] = line.split("  ");
      assert.equal(sumOf(join(folder, path)), sum, path);
    }
    assert.match(read(`programs/${program}/agents.ndjson`), /^\["1field","\{/);
    assert.equal(read(`programs/${program}/program.aleo`), await chain.node.programSource(program));
    const blocks = read("blocks.ndjson").trim().split("\n");
    assert.equal(blocks.length, 3);
    const balances = JSON.parse(read("balances.json")) as Record<
      string,
      { address: string; microcredits: string } | undefined
    >;
    assert.equal(balances["operating account"]?.address, stranger.address);
    // The stake of 1 credit and the fee of 0.1.
    assert.equal(balances[program]?.microcredits, "1100000");
    const about = JSON.parse(read("about.json")) as { versions: Record<string, unknown> };
    assert.equal(about.versions.consensus, 19);

    const store = await openStore(storeFolder(), { network: "local", backups: undefined }, {});
    const [backup] = await catalogOf(store, "local", program);
    assert.ok(backup);
    assert.equal((await verifyBackup(store, backup, { readData: true })).state, "good");
    assert.deepEqual(await store.read(report.stored), readFileSync(report.file));
  });

  it("no secret is in the archive", async () => {
    const { folder } = await unpacked();
    for (const name of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (!name.isFile()) continue;
      const text = readFileSync(join(name.parentPath, name.name), "utf8");
      assert.doesNotMatch(text, /APrivateKey1|v1:hidden/, name.name);
    }
  });

  it("what can't be kept is told, and the rest is kept", async () => {
    const { settings, node } = chain.payer(stranger);
    const programs = [{ program: "nowhere.aleo" }, { program }];
    const report = await emergencySnapshot(
      { ...settings, programs },
      node,
      {
        ...{ store: undefined, missing: ["The store is away."], blocks: 2 },
        ...{ folder: join(chain.directory, "archives"), account: undefined, rules: undefined },
      },
      () => undefined,
    );
    assert.equal(codeOf(report), 4);
    assert.equal(report.problems[0], "The store is away.");
    assert.match(report.problems[1] ?? "", /^nowhere\.aleo: /);
    assert.deepEqual(
      report.programs.map(({ program: id, backup }) => [id, backup]),
      [[program, null]],
    );
    assert.equal(report.blocks, 2);
  });

  it("a mistyped key, rules and a store that can't be read keep nothing else from being kept", async () => {
    const args = ["emergency", "snapshot", "--to", "s3://NoBucket", "--blocks", "1", "--json"];
    const { code, stdout, stderr } = await chain.run(stranger, args, {
      ALEO_PRIVATE_KEY: "APrivateKey1mistyped",
      MONITOR_RULES: "no-rules",
    });
    assert.equal(code, 4, stdout + stderr);
    const { file, blocks, programs, problems } = JSON.parse(stdout) as EmergencySnapshotReport;
    assert.deepEqual([existsSync(file ?? ""), blocks, programs.length], [true, 1, 1]);
    assert.match(problems[0] ?? "", /^the backup store: .*is no store of backups\.\n/);
    assert.match(problems[1] ?? "", /^the operating account: .*ALEO_PRIVATE_KEY/);
    assert.match(problems[2] ?? "", /^the monitor's rules: .*no-rules\/local\.yaml/);
    assert.equal(problems.length, 3);
  });

  it("two within a second are kept, each", async () => {
    const { settings, node } = chain.payer(stranger);
    const once = () =>
      emergencySnapshot(
        { ...settings, programs: [] },
        node,
        {
          ...{ store: undefined, missing: [], folder: join(chain.directory, "twice"), blocks: 1 },
          ...{ account: undefined, rules: undefined },
        },
        () => undefined,
      );
    assert.deepEqual([(await once()).problems, (await once()).problems], [[], []]);
    assert.equal(readdirSync(join(chain.directory, "twice")).length, 2);
  });

  const routes = () => ({
    PAGERDUTY_EVENTS_URL: receiver.url,
    PAGERDUTY_KEY_CRITICAL: "key-of-critical",
    ALERT_WEBHOOK: receiver.url,
  });
  const alert = (env: NodeJS.ProcessEnv, ...more: string[]) =>
    chain.run(stranger, ["emergency", "alert", "funds leave the registry", ...more], env);

  it("everybody is alerted, and who was reached is said", async () => {
    const { code, stdout, stderr } = await alert(routes());
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /pagerduty +✔ reached\nslack +✔ reached/);
    const texts = receiver.received.splice(0).map(({ body }) => body);
    assert.equal(texts.length, 2);
    for (const text of texts) assert.match(text, /funds leave the registry/);
  });

  it("a receiver that is away for a moment is told all the same", async () => {
    receiver.answers.push("cut", { status: 503 });
    const { code } = await alert({ ...routes(), ALERT_WEBHOOK: undefined });
    assert.equal(code, 0);
    assert.equal(receiver.events().length, 1);
    receiver.received.length = 0;
  });

  it("one who can't be reached is named, and nobody at all is exit code 1", async () => {
    receiver.answers.push({ status: 404 });
    const none = await alert({ ...routes(), ALERT_WEBHOOK: undefined });
    assert.equal(none.code, 1);
    assert.match(
      none.stdout,
      /pagerduty +✖ not reached +HTTP 404.*PAGERDUTY_KEY_CRITICAL.*\nNobody was reached/,
    );
    const low = await alert(routes(), "--severity", "low");
    assert.equal(low.code, 0);
    assert.match(low.stdout, /pagerduty +✖ not reached +it takes no alert of the severity low/);
    await assert.rejects(
      emergencyAlert([], { network: "local", text: "", severity: "critical", height: undefined }),
      NobodyToAlertError,
    );
  });

  it("people are alerted where no node answers, and told no height that nobody knows", async () => {
    receiver.received.length = 0;
    const { code } = await alert({ ...routes(), ALEO_NODE_URL: "http://127.0.0.1:1" });
    assert.equal(code, 0);
    const texts = receiver.received.splice(0).map(({ body }) => body);
    assert.equal(texts.length, 2);
    for (const text of texts) assert.doesNotMatch(text, /"height"/);
  });
});
