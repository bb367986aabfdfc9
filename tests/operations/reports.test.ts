import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { compiledProgram } from "../../contracts/compiled-program.ts";
import { Store } from "../../monitor/store/store.ts";
import { audit } from "../../operations/audit/audit.ts";
import { programStatus } from "../../operations/look/program.ts";
import { dailyReport } from "../../operations/report/daily.ts";
import type { Line, Report } from "../../operations/report/report.ts";
import { weeklyReport } from "../../operations/report/weekly.ts";
import { settingsOf } from "../../settings.ts";
import { admin, alice } from "../contracts/accounts.ts";
import { callsOf, scratchChain } from "../contracts/chain.ts";
import { openMonitor, type MonitorUnderTest } from "../monitor/support/monitor.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const program = "agent_registry_v3.aleo";
const other = "trust_verifier_v2.aleo";
const dayMs = 86_400_000;

const linesOf = ({ sections }: Report, title: RegExp): readonly Line[] =>
  sections.filter((section) => title.test(section.title)).flatMap(({ lines }) => lines);
const bad = ({ sections }: Report): string[] =>
  sections
    .flatMap(({ lines }) => lines)
    .filter(({ verdict }) => verdict === "bad")
    .map(({ subject, finding }) => `${subject}: ${finding}`);

describe("reports on a network", function () {
  this.timeout(120_000);
  const chain = scratchChain(admin, program);
  const call = callsOf(program);
  const scratch = temporaryDirectory("reports");
  const alone = {
    MONITOR_DATABASE: join(scratch.path, "none.sqlite"),
    BACKUP_STORE: join(scratch.path, "backups"),
  };
  let monitor: MonitorUnderTest | undefined;

  const settings = (...programs: string[]) =>
    settingsOf(
      {
        file: "Pulumi.local.yaml",
        get: (key) =>
          ({
            network: "local",
            endpoints: JSON.stringify(chain.node.endpoints),
            maxFee: "100000000",
            programs: JSON.stringify(programs.map((id) => ({ program: id }))),
          })[key],
      },
      {},
    );
  const look = (options: { admin?: string } = {}, env: NodeJS.ProcessEnv = alone) =>
    audit(settings(program), chain.node, env, { isFull: false, admin: options.admin });

  after(async () => {
    await monitor?.close();
    scratch.remove();
  });

  it("audit: finds nothing on a clean network", async () => {
    const rules = "rules:\n  changed:\n    kind: program-changed\n    severity: critical\n";
    monitor = await openMonitor({ endpoints: chain.node.endpoints, programs: [program], rules });
    await monitor.monitor.poll();
    const env = {
      ...alone,
      MONITOR_DATABASE: monitor.database,
      MONITOR_RULES: join(monitor.database, ".."),
    };
    const found = await look({}, env);
    assert.deepEqual(bad(found), []);
    assert.deepEqual(
      linesOf(found, /rules/).map(({ subject, verdict }) => [subject, verdict]),
      [[`changed ${program}`, "good"]],
    );
    assert.deepEqual(bad(await look()), [], "nor without a monitor");
    assert.ok(linesOf(await look(), /rules/).some(({ verdict }) => verdict === "unseen"));
  });

  it("audit: looks beside the chain only when asked to, and says what it could not look at", async () => {
    const full = await audit(settings(program), chain.node, alone, {
      isFull: true,
      admin: undefined,
    });
    assert.match(bad(full).join("\n"), /has no good backup[^]*ever restored as a whole/);
    assert.deepEqual(
      linesOf(full, /bucket|people/).map(({ verdict }) => verdict),
      ["unseen", "unseen"],
    );
    const chainOnly = await look();
    assert.equal(linesOf(chainOnly, /Backups|bucket|people/).length, 0);
  });

  it("daily: is the checklist, each with a verdict and what to do", async () => {
    const report = await dailyReport(settings(program), chain.node, alone);
    assert.deepEqual(
      report.sections.map(({ title }) => title.split(/[ ,:]/)[0]),
      ["Health", "Alerts", "Backups", "Balances", "Withdrawals", "Drift", "Drift"],
    );
    for (const { verdict, subject, remedy } of report.sections.flatMap(({ lines }) => lines)) {
      if (verdict === "bad" || verdict === "unseen")
        assert.ok(remedy, `${subject} says not what to do`);
    }
    assert.equal(linesOf(report, /^Alerts/)[0]?.verdict, "unseen");
    assert.match(linesOf(report, /^Backups/)[0]?.finding ?? "", /no good backup/);
    assert.equal(linesOf(report, /^Withdrawals/)[0]?.verdict, "good");
  });

  it("daily: is there where the monitor's database can't be used, and says so", async () => {
    const database = join(scratch.path, "damaged.sqlite");
    writeFileSync(database, "no database of a monitor, but a text that is long enough for one");
    const report = await dailyReport(settings(program), chain.node, {
      ...alone,
      MONITOR_DATABASE: database,
    });
    for (const title of [/^Alerts/, /^Balances/]) {
      const [line] = linesOf(report, title);
      assert.equal(line?.verdict, "unseen");
      assert.match(line.finding, /damaged\.sqlite/);
    }
    assert.equal(linesOf(report, /^Withdrawals/)[0]?.verdict, "good");
  });

  it("daily: asks for each program once, whose source is long", async () => {
    const asked: unknown[] = [];
    const counting = new Proxy(chain.node, {
      get: (node, name) => {
        const member: unknown = Reflect.get(node, name);
        if (typeof member !== "function") return member;
        return (...args: unknown[]): unknown => {
          if (name === "program" || name === "programSource") asked.push(args[0]);
          return Reflect.apply(member, node, args);
        };
      },
    });
    await dailyReport(settings(program), counting, alone);
    assert.deepEqual(asked, [program]);
  });

  it("daily and audit: find a declared program that is not there, and one that is another", async () => {
    const both = settings(program, other);
    const options = { isFull: false, admin: undefined };
    const missing = await audit(both, chain.node, alone, options);
    assert.match(bad(missing).join("\n"), /trust_verifier_v2\.aleo is not deployed on local/);
    const changed = compiledProgram(other).replace("add r6 1u64 into r7;", "add r6 2u64 into r7;");
    const different = changed === compiledProgram(other) ? undefined : changed;
    assert.ok(different, "the planted fault is in the text");
    assert.equal(await chain.deploy(admin, other, different), "accepted");
    for (const report of [
      await audit(both, chain.node, alone, options),
      await dailyReport(both, chain.node, alone),
    ]) {
      const drift = linesOf(report, /^Drift/);
      assert.equal(drift.find(({ subject }) => subject === other)?.verdict, "bad");
      assert.equal(drift.find(({ subject }) => subject === program)?.verdict, "good");
    }
  });

  it("audit: goes by what the stack declared last, where an older image has another program", async () => {
    const status = await programStatus(settings(other), chain.node, other);
    const file = join(scratch.path, "programs.json");
    const verdictFor = async (checksum: string) => {
      writeFileSync(file, JSON.stringify({ [other]: checksum }));
      const env = { ...alone, MONITOR_PROGRAMS: file };
      const options = { isFull: false, admin: undefined };
      const report = await audit(settings(other), chain.node, env, options);
      return linesOf(report, /^Drift/).find(({ subject }) => subject === other)?.verdict;
    };
    assert.equal(await verdictFor(status.checksum), "good");
    assert.equal(await verdictFor("0".repeat(64)), "bad");
  });

  it("audit: finds that the admin is offered to somebody, and then that it has changed", async () => {
    await chain.accepts(call(admin, "offer_admin", alice.address));
    assert.match(
      bad(await look()).join("\n"),
      new RegExp(`${alice.address} may take over as admin`),
    );
    await chain.accepts(call(alice, "accept_admin"));
    const [changed, ...others] = bad(await look());
    assert.match(
      changed ?? "",
      new RegExp(`its admin is ${alice.address}, and not ${admin.address}`),
    );
    assert.deepEqual(others, []);
    const known = await look({ admin: alice.address });
    assert.deepEqual(bad(known), [], "it was handed over on purpose");
    const byKey = await look({}, { ...alone, ALEO_PRIVATE_KEY: alice.privateKey });
    assert.deepEqual(bad(byKey), []);
    assert.ok(!JSON.stringify(byKey).includes(alice.privateKey));
  });
});

describe("the weekly report", () => {
  const scratch = temporaryDirectory("weekly");
  const database = join(scratch.path, "monitor.sqlite");
  const now = Date.now();
  const settings = { network: "local" as const, programs: [{ program }] };

  before(() => {
    const store = Store.open(database, "local");
    store.probes.setFact(`address:${program}`, "aleo1address");
    store.chain.begin({ height: 0, hash: "", time: 0 });
    store.database.atomically(() => {
      // An hour between blocks; the older week has half of the calls, and none rejected.
      const blocks = 15 * 24;
      for (let height = 1; height <= blocks; height += 1) {
        const age = (blocks - height) * 3_600_000;
        const isOld = age >= 7 * dayMs;
        const calls = isOld ? 1 : 2;
        store.chain.add({
          ...{ height, hash: `ab${height}`, previousHash: "", time: now - age - 1_000 },
          ...{ transactions: calls, aborted: [] },
          watched: Array.from({ length: calls }, (_, position) => ({
            ...{ id: `at${height}x${position}`, position, program, kind: "execute" as const },
            function: "register_agent",
            status:
              !isOld && position === 1 && height % 4 === 0
                ? ("rejected" as const)
                : ("accepted" as const),
            ...{ payer: "aleo1a", fee: 3_000n, creditsIn: 1_000_000n, creditsOut: 0n },
            ...{ movements: [], changes: [], edition: undefined },
          })),
        });
      }
    });
    for (let look = 0; look < 40; look += 1) {
      const answeredMs = look === 0 ? undefined : 100 + look;
      store.looks.add({
        ...{ endpoint: "http://node", time: now - look * 1_000, answeredMs, height: 1 },
        ...{ hash: "ab", problem: undefined },
      });
      store.looks.add({
        ...{ endpoint: "http://node", time: now - 8 * dayMs + look, answeredMs: 200, height: 1 },
        ...{ hash: "ab", problem: undefined },
      });
    }
    store.looks.sumUp(now);
    store.looks.forgetBefore(now - dayMs);
    store.close();
  });
  after(() => {
    scratch.remove();
  });

  it("sets the week against the one before, day by day", async () => {
    const report = await weeklyReport(settings, { MONITOR_DATABASE: database });
    const finding = (title: RegExp) => linesOf(report, title)[0]?.finding ?? "";
    assert.match(finding(/Throughput/), /^336 calls, 48 a day; the week before 168 \(\+100 %\)/);
    assert.match(
      finding(/Latency/),
      /^one every 3,600 s; the week before every 3,600 s \(as before\)/,
    );
    assert.match(finding(/Failures/), /^12\.5 % of 336 calls were rejected; the week before 0 %/);
    assert.match(finding(/Fees/), /^1\.008 credits; the week before 0\.504 credits \(\+100 %\)/);
    assert.equal(linesOf(report, /Failures/)[0]?.verdict, "bad", "over the limit of the rules");
    assert.match(
      linesOf(report, /Latency/)[1]?.finding ?? "",
      /95 of 100 within 137 ms; the week before 202 ms \(−40 %\) and 202 ms \(−32.3 %\); 1 of 40 looks failed/,
    );
    const [calls] = report.sections[0]?.charts ?? [];
    assert.equal(calls?.labels.length, 14);
    assert.deepEqual(
      calls.series.map(({ values }) => values.map(Number)),
      [
        [...Array<number>(7).fill(24), ...Array<number>(7).fill(42)],
        [...Array<number>(7).fill(0), ...Array<number>(7).fill(6)],
      ],
    );
  });

  it("says that there is nothing to report from where no monitor is, and not that all is well", async () => {
    const none = { MONITOR_DATABASE: join(scratch.path, "none.sqlite") };
    const report = await weeklyReport(settings, none);
    const lines = report.sections.flatMap(({ lines: all }) => all);
    assert.deepEqual(
      lines.map(({ verdict }) => verdict),
      ["unseen"],
    );
  });
});
