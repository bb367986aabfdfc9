import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import type { Notice } from "../../monitor/alert/notices.ts";
import type { Outcome, Route } from "../../monitor/deliver/route.ts";
import { runScheduled, type ScheduledRun } from "../../operations/scheduled/run.ts";
import { tellOfRun, toldText } from "../../operations/scheduled/tell.ts";
import { stranger } from "../contracts/accounts.ts";
import { routingKeyTo, type StandIn, startStandIn } from "../local/pagerduty/stand-in.ts";
import { liveChain } from "./live-chain.ts";

const cli = join(import.meta.dirname, "..", "..", "operations", "cli.ts");

/** Nothing listens there. */
const nowhere = { ...process.env, ALEO_NODE_URL: "http://127.0.0.1:1" };
const command = {
  words: ["node", "--network", "local"],
  environment: nowhere,
  withinMs: 60_000,
  retries: 0,
  firstWaitMs: 10,
};

describe("A scheduled operation", function () {
  this.timeout(60_000);
  const chain = liveChain();
  let standIn: StandIn;
  let medium: string;
  const posts: { text: string }[] = [];
  const channel = createServer((request, response) => {
    void json(request).then((body) => {
      posts.push(body as (typeof posts)[number]);
      response.end("ok");
    });
  });

  before(async () => {
    standIn = await startStandIn();
    medium = await routingKeyTo(standIn, "PLEAD01");
    channel.listen(0, "127.0.0.1");
    await once(channel, "listening");
  });
  after(async () => {
    channel.close();
    await standIn.stop();
  });
  beforeEach(() => {
    posts.length = 0;
  });

  const declare = (programs: string) => {
    writeFileSync(
      join(chain.directory, "Pulumi.local.yaml"),
      `config:\n  aleo-ops:network: local\n  aleo-ops:endpoints: ["${chain.url}"]\n  aleo-ops:maxFee: "1"\n  aleo-ops:programs: ${programs}\n`,
    );
  };
  const receivers = () => ({
    XDG_CACHE_HOME: chain.directory,
    PAGERDUTY_KEY_MEDIUM: medium,
    PAGERDUTY_EVENTS_URL: `${standIn.url}/v2/enqueue`,
    ALERT_WEBHOOK: `http://127.0.0.1:${(channel.address() as AddressInfo).port}/a-secret-path`,
  });
  const run = (name: string, ...words: string[]) =>
    chain.run(stranger, ["scheduled", name, "--severity", "medium", ...words], receivers());
  const incidents = async (name: string) => {
    const { body } = await standIn.call<{ incidents: { status: string; title: string }[] }>(
      "GET",
      `/incidents?incident_key=aleo-ops/local/scheduled/${name}`,
    );
    return body.incidents;
  };

  it("that fails is an incident and a message, that fails again is the same one, the next good run ends it", async () => {
    declare('[{ program: "nothing_here.aleo" }]');
    for (const way of ["pagerduty was told that it did not go well\n✔ slack", "pagerduty"]) {
      const failed = await run("look", "--runbook", "runbooks/daily.md", "--", "health");
      assert.equal(failed.code, 1, failed.stderr);
      assert.ok(failed.stdout.endsWith(`✔ ${way} was told that it did not go well`), failed.stdout);
      const [incident, ...more] = await incidents("look");
      assert.deepEqual([incident?.status, more], ["triggered", []]);
      assert.match(incident?.title ?? "", /The scheduled look of local failed \(exit code 1\)/);
      assert.equal(posts.length, 1);
    }
    assert.match(posts[0]?.text ?? "", /\*medium\* look on local\n.*\nWhat to do: runbooks\/daily/);
    assert.match(posts[0]?.text ?? "", /✖ nothing_here\.aleo/);
    declare("[]");
    const good = await run("look", "--", "health");
    assert.equal(good.code, 0, good.stderr);
    assert.deepEqual(
      (await incidents("look")).map(({ status }) => status),
      ["resolved"],
    );
    const [, end, ...more] = posts;
    assert.match(
      end?.text ?? "",
      /resolved: \*medium\* look on local\nThe scheduled look of local is done/,
    );
    assert.deepEqual(more, []);
    await run("look", "--", "health");
    assert.equal(posts.length, 2, "an end is told once");
  });

  it("whose findings are for people is posted to them, and is no incident", async () => {
    const { code, stdout, stderr } = await run("morning", "--post", "--", "health");
    assert.equal(code, 0, stderr);
    assert.match(stdout, /height \d+/);
    assert.match(
      posts[0]?.text ?? "",
      /The scheduled morning of local is done\n.*```\n✔ .*height/s,
    );
    assert.deepEqual(await incidents("morning"), []);
  });

  it("tells what is wrong without what is secret", async () => {
    const secret = "a-token-that-nobody-sees";
    const failed = await chain.run(
      stranger,
      ["scheduled", "leak", "--severity", "medium", "--", "program", secret],
      { ...receivers(), MONITOR_TOKEN: secret },
    );
    assert.notEqual(failed.code, 0);
    assert.doesNotMatch(failed.stdout, new RegExp(secret));
    assert.equal(posts.length, 1);
    assert.doesNotMatch(posts[0]?.text ?? "", new RegExp(secret));
    assert.match(posts[0]?.text ?? "", /\[secret\]/);
  });

  it("keeps its exit code where a receiver can't be told, and says so", async () => {
    const env = { ...receivers(), PAGERDUTY_KEY_MEDIUM: "0".repeat(32), ALERT_WEBHOOK: "" };
    const words = ["scheduled", "look", "--severity", "medium", "--", "health"];
    const good = await chain.run(stranger, words, env);
    assert.equal(good.code, 0);
    assert.match(good.stdout, /✖ pagerduty was not told that it went well: HTTP 400/);
    const wrong = await chain.run(stranger, words, { ALERT_WEBHOOK: "no URL" });
    assert.equal(wrong.code, 0);
    assert.match(wrong.stdout, /✖ Nobody was told: ALERT_WEBHOOK is not an/);
    const alone = await chain.run(stranger, [...words.slice(0, 5), "program", "nowhere.aleo"]);
    assert.equal(alone.code, 1);
    assert.match(alone.stdout, /✖ Nobody was told: no receiver of alerts is set/);
  });

  it("is tried again where it failed, and not where that gives the same", async () => {
    const failed = await runScheduled({ ...command, retries: 2 });
    assert.deepEqual([failed.code, failed.tries], [1, 3]);
    const wrong = await runScheduled({ ...command, retries: 2, words: ["no-such-command"] });
    assert.deepEqual([wrong.code, wrong.tries], [2, 1]);
    const noTime = await runScheduled({ ...command, retries: 2, firstWaitMs: 100_000 });
    assert.equal(noTime.tries, 1);
  });

  const database = join(chain.directory, "monitor.sqlite");
  const monitor = {
    words: ["monitor", "--network", "local"],
    environment: { ...nowhere, MONITOR_DATABASE: database, MONITOR_PORT: "0" },
  };

  it("is ended when its time is over, and has failed then, whatever its exit code", async () => {
    const { code, end, tries } = await runScheduled({
      ...{ ...command, ...monitor, withinMs: 2_500, retries: 1 },
    });
    assert.deepEqual([code, end, tries], [null, "not done after 0 min", 1]);
  });

  it("is no failure where somebody ends it, as Kubernetes does that moves it", async () => {
    declare("[]");
    rmSync(database, { force: true });
    const words = ["scheduled", "moved", "--severity", "medium", "--", "monitor"];
    const child = spawn(process.execPath, [cli, ...words], {
      cwd: chain.directory,
      env: { ...monitor.environment, ...receivers() },
      stdio: "ignore",
    });
    const ended = once(child, "exit") as Promise<[number | null]>;
    while (!existsSync(database)) await new Promise((resolve) => setTimeout(resolve, 50));
    child.kill("SIGTERM");
    assert.deepEqual((await ended)[0], 143);
    assert.deepEqual([posts, await incidents("moved")], [[], []]);
  });

  describe("tells", () => {
    const told: { route: string; notice: Notice }[] = [];
    const route = (name: string, outcome: Outcome = { kind: "sent" }): Route => ({
      name,
      takes: (severity) => name !== "pagerduty" || severity !== "low",
      send: (notice) => {
        told.push({ route: name, notice });
        return Promise.resolve(outcome);
      },
    });
    const ended = (more: Partial<ScheduledRun>): ScheduledRun => ({
      ...{ code: 0, end: "exit code 0", tries: 1, stdout: "all of it\n", stderr: "" },
      interruptedBy: undefined,
      ...more,
    });
    const scheduled = {
      ...({ operation: "audit", network: "testnet", runbook: undefined } as const),
      ...({ severity: "medium", isPosted: false } as const),
    };
    const time = new Date("2026-01-14T12:00:00Z");
    beforeEach(() => {
      told.length = 0;
    });

    it("nobody but PagerDuty that all is well, and that only for a severity that it takes", async () => {
      const routes = [route("pagerduty"), route("slack")];
      await tellOfRun(routes, scheduled, ended({}), time, undefined);
      assert.deepEqual(
        told.map(({ route: name, notice }) => [name, notice.action]),
        [["pagerduty", "resolve"]],
      );
      const run = ended({});
      const low = await tellOfRun(routes, { ...scheduled, severity: "low" }, run, time, undefined);
      assert.deepEqual(toldText(run, low), []);
    });

    it("PagerDuty of each failure in a row, and by messages of the first, every six hours and of the end", async () => {
      const routes = [route("pagerduty"), route("mail")];
      const run = ended({ code: null, end: "SIGABRT", tries: 3 });
      let last: Date | undefined;
      for (const hour of [0, 1, 5.9, 6, 7]) {
        const at = new Date(hour * 3_600_000);
        last = (await tellOfRun(routes, scheduled, run, at, last)).inMessages;
      }
      last = (await tellOfRun(routes, scheduled, ended({}), time, last)).inMessages;
      assert.equal(last, undefined);
      const noticesTo = (name: string) =>
        told.filter((one) => one.route === name).map(({ notice }) => notice);
      assert.equal(noticesTo("pagerduty").length, 6);
      assert.equal(new Set(noticesTo("pagerduty").map(({ dedupKey }) => dedupKey)).size, 1);
      assert.deepEqual(
        noticesTo("mail").map(({ action, dedupKey }) => [action, dedupKey.split("/").at(-1)]),
        [
          ["trigger", "1970-01-01T00:00:00.000Z"],
          ["trigger", "1970-01-01T06:00:00.000Z"],
          ["resolve", "1970-01-01T06:00:00.000Z"],
        ],
      );
      assert.match(
        told[0]?.notice.summary ?? "",
        /audit of testnet was ended \(SIGABRT, 3 times\)/,
      );
    });

    it("again, and its end again, where no message arrived", async () => {
      const away = [route("mail", { kind: "refused", problem: "not now" })];
      const failed = ended({ code: 1 });
      const first = await tellOfRun(away, scheduled, failed, time, undefined);
      assert.equal(first.inMessages, undefined);
      const earlier = new Date(0);
      assert.equal((await tellOfRun(away, scheduled, failed, time, earlier)).inMessages, earlier);
      const end = await tellOfRun(away, scheduled, ended({}), time, earlier);
      assert.equal(end.inMessages, earlier);
      assert.match(
        toldText(failed, { routes: [], inMessages: earlier })[0] ?? "",
        /^Told of at 1970/,
      );
      assert.match(toldText(failed, { routes: [], inMessages: undefined })[0] ?? "", /Nobody/);
    });

    it("what was found by its beginning and its end, however long it is", async () => {
      const stdout = `first\n${"x".repeat(50_000)}\nlast`;
      await tellOfRun([route("slack")], scheduled, ended({ code: 3, stdout }), time, undefined);
      const { details = "" } = told[0]?.notice ?? {};
      assert.match(details, /^first\n/);
      assert.match(details, /last$/);
      assert.ok(details.length < 10_000);
    });
  });
});
