import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pino } from "pino";
import { AleoError } from "../../aleo/errors.ts";
import { dashboardAccess } from "../../monitor/dashboard/access.ts";
import type { Outcome, Route } from "../../monitor/deliver/route.ts";
import { startServer } from "../../monitor/http/server.ts";
import { readRules } from "../../monitor/rule/rule-file.ts";
import {
  acknowledge,
  alertSummary,
  endSilence,
  listSilences,
  openAlerts,
  silence,
  testAlert,
} from "../../operations/alerts/alerts.ts";
import { routesSection } from "../../operations/audit/routes-section.ts";
import { endMaintenance, startMaintenance } from "../../operations/maintenance/maintenance.ts";
import { askMonitor } from "../../operations/monitor/ask.ts";
import { weeklyReport } from "../../operations/report/weekly.ts";
import { fire } from "../monitor/dashboard/served.ts";
import { openMonitor, type MonitorUnderTest } from "../monitor/support/monitor.ts";

const token = "a token that is long enough";
const rules = [
  "rules:",
  "  paused: { kind: paused, severity: high }",
  "  solvency: { kind: solvency, severity: critical }",
  "",
].join("\n");

describe("A monitor that is asked over HTTP", () => {
  let watch: MonitorUnderTest;
  let server: Awaited<ReturnType<typeof startServer>>;
  const log: Record<string, unknown>[] = [];
  const outcomes: Outcome[] = [];
  const routes: readonly Route[] = [
    {
      ...{ name: "pager", takes: (severity) => severity !== "low" },
      send: () => Promise.resolve(outcomes.shift() ?? { kind: "sent" }),
    },
  ];

  const serve = (environment: Record<string, string>) =>
    startServer(watch.monitor, {
      ...{ host: "127.0.0.1", port: 0, access: dashboardAccess(environment) },
      log: pino({}, { write: (line) => log.push(JSON.parse(line) as Record<string, unknown>) }),
      routes,
      rules: () => readRules(join(watch.database, "..", "local.yaml")),
    });
  const over = (address = server.address, given = token) => ({
    ...{ MONITOR_URL: address, MONITOR_TOKEN: given },
  });
  const inDatabase = () => ({
    ...{ MONITOR_DATABASE: watch.database, MONITOR_URL: "http://127.0.0.1:1" },
    MONITOR_RULES: join(watch.database, ".."),
  });
  const store = () => watch.monitor.store;
  const refuses = (work: () => Promise<unknown>, message: RegExp, remedy: RegExp) =>
    assert.rejects(work, (error: unknown) => {
      assert.ok(error instanceof AleoError, String(error));
      assert.match(error.message, message);
      assert.match(error.remedy, remedy);
      assert.ok(!error.explain().includes(token));
      return true;
    });

  before(async () => {
    watch = await openMonitor({ endpoints: ["http://127.0.0.1:1"], programs: [], rules });
    server = await serve({ MONITOR_TOKEN: token });
  });
  after(async () => {
    await server.close();
    await watch.close();
  });

  it("tells what its database tells", async () => {
    fire(store());
    const { chain, database } = store();
    chain.begin({ height: 0, hash: "", time: 0 });
    database.atomically(() => {
      chain.add({
        ...{ height: 1, hash: "ab1", previousHash: "", time: Date.now(), transactions: 1 },
        aborted: [],
        watched: [
          {
            ...{ id: "at1", position: 0, program: "a.aleo", kind: "execute", function: "pay" },
            ...{
              status: "accepted",
              payer: "aleo1p",
              fee: 1n,
              creditsIn: 0n,
              creditsOut: 2_500_000n,
            },
            movements: [{ direction: "out", other: "aleo1thief", microcredits: 2_500_000n }],
            ...{ changes: [], edition: undefined },
          },
        ],
      });
    });
    for (const ask of [openAlerts, listSilences, alertSummary]) {
      const asked = await ask("local", over(), "1h");
      const own = await ask("local", inDatabase(), "1h");
      assert.equal(asked.text, own.text);
    }
    const weekly = async (environment: Record<string, string>) =>
      (await weeklyReport({ network: "local" }, environment)).sections;
    assert.deepEqual(
      JSON.stringify(await weekly(over(undefined, ""))),
      JSON.stringify(await weekly(inDatabase())),
    );
    assert.match((await openAlerts("local", over())).text, /high +firing +paused/);
    const { text } = await alertSummary("local", over(), "1h");
    assert.match(
      text,
      /Who got credits +From +Times +Credits\naleo1thief +a\.aleo +1 +2\.5 credits$/,
    );
  });

  it("takes what is changed, tells the receivers at once, and logs it without the token", async () => {
    const id = fire(store(), { subject: "other.aleo" });
    assert.match((await acknowledge("local", over(), id, "Ada")).text, /acknowledged by Ada/);
    assert.equal(store().alerts.get(id)?.acknowledgedBy, "Ada");
    assert.equal(store().alerts.get(id)?.notified, "acknowledge", "told without a poll");
    const { text } = await silence("local", over(), {
      rule: "paused",
      last: "1h",
      reason: "known",
    });
    assert.match(text, /^paused is silent until .* \(silence 1\)/);
    await endSilence("local", over(), 1);
    assert.deepEqual(store().alerts.silences(Date.now()), []);
    assert.deepEqual(
      log.flatMap(({ action }) => (action === undefined ? [] : [action])),
      ["acknowledge", "silence", "unsilence"],
    );
    assert.ok(!JSON.stringify(log).includes(token));
  });

  it("keeps its alerts back during a maintenance", async () => {
    const where = {
      network: "local" as const,
      escalation: undefined,
      services: { aws: undefined, pagerDuty: undefined },
    };
    const options = { last: "2h", reason: "migration", critical: false };
    const outcomes = async (parts: ReturnType<typeof startMaintenance>) =>
      (await parts).map(({ finding }) => finding.replace(/ until .*/, ""));
    const [started] = await outcomes(startMaintenance(where, over(), options));
    assert.equal(started, "1 rule silent");
    assert.deepEqual(
      store()
        .alerts.silences(Date.now())
        .map(({ rule }) => rule),
      ["paused"],
    );
    const [again] = await outcomes(startMaintenance(where, over(), options));
    assert.equal(again, "a maintenance is on");
    const [ended] = await outcomes(endMaintenance(where, inDatabase()));
    assert.equal(ended, "1 rule may tell again");
    const [refused] = await startMaintenance(where, over(undefined, "wrong"), options);
    assert.equal(refused?.outcome, "failed");
    assert.match(refused.remedy ?? "", /MONITOR_TOKEN/);
  });

  it("sends a test by its own routes, which the audit then knows of", async () => {
    assert.match((await testAlert("local", over(), "paused")).text, /^pager +resolve +sent$/m);
    const lastLine = async () =>
      (await routesSection({ network: "local" }, { MONITOR_URL: server.address })).lines.at(-1);
    assert.equal((await lastLine())?.verdict, "good");
    outcomes.push({ kind: "refused", problem: "no such channel" });
    assert.equal((await testAlert("local", over(), "solvency")).code, 1);
    const { verdict, finding } = (await lastLine()) ?? {};
    assert.equal(verdict, "bad");
    assert.match(finding ?? "", /did not take a test .*: no such channel/);
    await refuses(
      () => testAlert("local", over(undefined, ""), "paused"),
      /needs a token/,
      /MONITOR_TOKEN/,
    );
  });

  it("refuses a change without its token, and leaves everything as it was", async () => {
    const id = fire(store(), { subject: "third.aleo" });
    const attempt = (given: string, address?: string) => () =>
      acknowledge("local", over(address, given), id, "Mallory");
    await refuses(attempt(""), /refuses: A change needs a token/, /Set MONITOR_TOKEN/);
    await refuses(attempt(token.slice(1)), /not the monitor's token/, /Set MONITOR_TOKEN/);
    const open = await serve({});
    try {
      await refuses(attempt("", open.address), /has no token/, /dashboardToken/);
      await refuses(attempt(token, open.address), /has no token/, /dashboardToken/);
      assert.ok((await openAlerts("local", over(open.address, ""))).text.includes("third.aleo"));
    } finally {
      await open.close();
    }
    assert.equal(store().alerts.get(id)?.status, "firing");
  });

  it("says why it can't do something, as the database does", async () => {
    for (const environment of [over(), inDatabase()]) {
      await refuses(() => acknowledge("local", environment, 99, "Ada"), /no such alert/, /list/);
      await refuses(
        () => silence("local", environment, { rule: "pausd", last: "1h", reason: "known" }),
        /There is no rule "pausd"/,
        /Did you mean paused\?/,
      );
    }
  });

  it("is not taken for that of another network, nor another server for it", async () => {
    await refuses(
      () => openAlerts("mainnet", over()),
      /monitor of local, not of mainnet/,
      /MONITOR_URL/,
    );
    await refuses(
      () => openAlerts("local", over("http://127.0.0.1:1")),
      /does not answer/,
      /healthz/,
    );
    await refuses(() => openAlerts("local", over("nonsense")), /is no URL/, /such as http/);
    const other = createServer((_, response) => response.writeHead(404).end("<h1>No</h1>"));
    other.listen(0, "127.0.0.1");
    await once(other, "listening");
    const address = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    await refuses(() => openAlerts("local", over(address)), /refuses: HTTP 404/, /same version/);
    other.close();
    await refuses(
      () => askMonitor("local", over(), "unsilence", { id: -1 }),
      /refuses: .*>0/,
      /same version/,
    );
    await refuses(
      () => openAlerts("local", { MONITOR_DATABASE: "nowhere.sqlite", MONITOR_URL: "http://a" }),
      /no monitor's database at nowhere/,
      /MONITOR_URL/,
    );
  });
});
