import assert from "node:assert/strict";
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { pino } from "pino";
import { formatCredits } from "../../../aleo/network.ts";
import { dashboardAccess } from "../../../monitor/dashboard/access.ts";
import type { Route } from "../../../monitor/deliver/route.ts";
import { startServer } from "../../../monitor/http/server.ts";
import { parseRules } from "../../../monitor/rule/rule-file.ts";
import { minimumStake, registryCalls } from "../../contracts/agent-registry.ts";
import { admin, alice, bob, stranger } from "../../contracts/accounts.ts";
import { scratchChain } from "../../contracts/chain.ts";
import { type MonitorUnderTest, openMonitor } from "../support/monitor.ts";
import { truthOf } from "../support/busy-chain.ts";
import { keepScreenshot, scratchBrowser, visit } from "./browser.ts";

const program = "agent_registry_v3.aleo";
const token = "a token that is long enough";
const rules = JSON.stringify({
  rules: {
    rate: { kind: "failure-rate", severity: "high", threshold: 0.2, minimumCount: 3 },
    paused: { kind: "paused", severity: "critical", runbook: "runbooks/emergency-pause.md#paused" },
    solvency: { kind: "solvency", severity: "critical" },
    changed: { kind: "program-changed", severity: "critical" },
    backups: { kind: "backup-age", severity: "medium", for: "1h" },
  },
});

const backups = {
  ...{ newest: "2026-11-24T00:00:00.000Z", verified: undefined },
  latest: [
    {
      ...{ id: "20261124T000000Z", state: "good", begunAt: "2026-11-24T00:00:00.000Z" },
      ...{ verifiedAt: null, height: 1_234, entries: 56, bytes: 7_890 },
    },
    {
      ...{ id: "20261123T000000Z", state: "damaged", begunAt: "2026-11-23T00:00:00.000Z" },
      ...{ verifiedAt: null, height: null, entries: null, bytes: 12 },
    },
  ],
};

describe("The dashboard in a browser, over a real ledger", function () {
  this.timeout(90_000);
  const browser = scratchBrowser();
  const chain = scratchChain(admin, program);
  const pager: Route = {
    ...{ name: "pager", takes: () => true, send: () => Promise.resolve({ kind: "sent" }) },
  };
  const { call, register, verify } = registryCalls(program);
  let watch: MonitorUnderTest;
  let server: Awaited<ReturnType<typeof startServer>>;
  let site: string;
  const url = () => chain.node.endpoints[0] ?? "";
  const idOf = (rule: string) => watch.open(rule)?.id ?? 0;

  const serve = (port: number) =>
    startServer(watch.monitor, {
      ...{ host: "127.0.0.1", port, access: dashboardAccess({ MONITOR_TOKEN: token }) },
      log: pino({ level: "silent" }),
      routes: [pager],
      rules: () => parseRules(rules, "rules"),
    });

  before(async () => {
    watch = await openMonitor({
      ...{ endpoints: [url()], programs: [program], rules },
      backups: () => Promise.resolve({ [program]: backups }),
      routes: [pager],
    });
    server = await serve(0);
    site = server.address;
    await chain.accepts(register(alice, "1field"), register(bob, "2field"));
    await chain.rejects(verify(stranger, "1field"), verify(alice, "2field"));
    await chain.accepts(call(admin, "pause"));
    await watch.firing();
    assert.deepEqual((await watch.firing()).toSorted(), [`paused ${program}`, `rate ${program}`]);
  });
  after(async () => {
    await server.close();
    await watch.close();
  });

  const pages = () => ({
    overview: "/",
    program: `/programs/${program}`,
    incidents: "/incidents",
    incident: `/incidents/${idOf("paused")}`,
    backups: "/backups",
    escalation: "/escalation",
    "sign-in": "/sign-in?to=/",
    missing: "/incidents/999",
  });
  const narrow = { width: 360, height: 740 };
  const wide = { width: 1280, height: 900 };
  const looks = [
    { name: "wide-light", viewport: wide, colorScheme: "light", isAnalysed: true },
    { name: "wide-dark", viewport: wide, colorScheme: "dark", isAnalysed: false },
    { name: "narrow-light", viewport: narrow, colorScheme: "light", isAnalysed: false },
    { name: "narrow-dark", viewport: narrow, colorScheme: "dark", isAnalysed: true },
  ] as const;

  for (const { name, viewport, colorScheme, isAnalysed } of looks) {
    it(`fits, complains of nothing and can be used by everybody: ${name}`, async () => {
      const { page, complaints, close } = await visit(browser.get(), site, {
        ...{ viewport, colorScheme, reducedMotion: "reduce" },
      });
      for (const [what, path] of Object.entries(pages())) {
        const answer = await page.goto(path);
        assert.equal(answer?.status(), what === "missing" ? 404 : 200, what);
        await page
          .locator("details > summary")
          .first()
          .click({ timeout: 500 })
          .catch(() => null);
        if (isAnalysed) assert.deepEqual(await faults(page), [], what);
        assert.equal(await sidewaysScroll(page), 0, `${what} scrolls sideways`);
        await keepScreenshot(page, `${what}-${name}`);
      }
      // The browser itself tells of the page that is not there.
      assert.deepEqual(
        complaints.filter((text) => !text.includes("status of 404")),
        [],
      );
      await close();
    });
  }

  it("shows the figures that the ledger has", async () => {
    const { page, close } = await visit(browser.get(), site);
    const truth = await truthOf(url());
    const height = await chain.node.latestHeight();
    await page.goto("/");
    assert.match(await page.locator("h1").innerText(), /2 alerts are open/);
    assert.match(await page.locator("#standing").innerText(), new RegExp(`Block ${height},`));
    const card = await page.locator(".light", { hasText: program }).innerText();
    assert.match(card, /Trouble/);
    assert.match(card, /Calls in 24 h\s+5\b/);
    assert.match(card, /Rejected\s+40 %/);
    const ids = await page.locator("tbody[data-live] td.id code").all();
    const shown = await Promise.all(ids.map((one) => one.getAttribute("title")));
    const sent = watch.monitor.store.database
      .all("SELECT id, sent_as FROM transactions")
      .map(({ id, sent_as: original }) => String(original ?? id));
    assert.deepEqual(shown.toSorted(), sent.toSorted());
    assert.equal(shown.length, truth.transactions.length);
    assert.equal(
      await page.locator("tbody[data-live] .rejected").count(),
      4,
      "rows and their words",
    );
    assert.ok((await page.locator(".plot canvas").count()) === 2, "both charts are drawn");

    await page.goto(`/programs/${program}`);
    const main = await page.locator("main").innerText();
    assert.match(main, new RegExp(`Edition\\s+${await chain.node.programEdition(program)}`));
    const held = formatCredits(await chain.held(program));
    assert.equal(held, formatCredits(2n * (minimumStake + 100_000n)));
    assert.match(main, new RegExp(`Holds\\s+${held.replace(".", "\\.")}`));
    assert.equal(await chain.value(program, "paused", "0u8"), "true");
    assert.match(main, /paused\[0u8\]\s+true/);
    assert.match(main, /register_agent\s+2\s+0\s+0 %/);
    assert.match(main, /verify_agent\s+2\s+2\s+100 %/);
    for (const { address } of [admin, alice, bob, stranger]) {
      assert.ok((await page.locator(`code[title="${address}"]`).count()) > 0, address);
    }

    await page.goto("/backups");
    assert.match(await page.locator("main").innerText(), /2026-11-24 00:00:00 UTC/);
    assert.match(await page.locator("main").innerText(), /never/);
    assert.match(await page.locator("main").innerText(), /✓ good\s+1\u202f234\s+56\s+7\.9 kB/);
    assert.match(await page.locator("main").innerText(), /✕ damaged\s+–\s+–\s+12 B/);
    await close();
  });

  it("says on an incident what to do and whom it told", async () => {
    const { page, close } = await visit(browser.get(), site);
    await page.goto(`/incidents/${idOf("paused")}`);
    const text = await page.locator("main").innerText();
    assert.match(text, /find out who did and why before you lift it/);
    assert.match(text, /The whole runbook/);
    assert.match(text, /Fired/);
    assert.match(text, /Not told to pager yet/);
    await close();
  });

  it("shows a new transaction at once, and what has changed with it", async () => {
    const { page, complaints, close } = await visit(browser.get(), site);
    await page.goto("/");
    await page.getByText("Live", { exact: true }).waitFor();
    const rows = page.locator("tbody[data-live] tr");
    const before = await rows.count();
    await chain.accepts(call(admin, "unpause"));
    await watch.firing();
    const height = await chain.node.latestHeight();
    const fresh = page.locator("tbody[data-live] tr", { hasText: "unpause" });
    await fresh.waitFor({ timeout: 5_000 });
    assert.match(await fresh.innerText(), new RegExp(`\\b${height}\\b`));
    assert.equal(await rows.count(), before + 1);
    await page.getByText(`Block ${height}`).waitFor({ timeout: 5_000 });

    await page.getByRole("button", { name: "Hold the list" }).click();
    await chain.accepts(register(bob, "3field"));
    await watch.firing();
    await page.getByText(`Block ${height + 1}`).waitFor({ timeout: 5_000 });
    assert.equal(await rows.count(), before + 1, "no row moves while the list is held");
    await page.getByRole("button", { name: "Go on" }).click();
    assert.equal(await rows.count(), before + 2);
    assert.deepEqual(complaints, []);
    await close();
  });

  it("can be read and used without scripts", async () => {
    const { page, close } = await visit(browser.get(), site, { javaScriptEnabled: false });
    await page.goto("/");
    assert.match(await page.locator("main").innerText(), /alerts? (is|are) open/);
    assert.ok((await page.locator("tbody[data-live] tr").count()) > 3);
    await page.locator("details > summary").first().click();
    assert.match(await page.locator("details").first().innerText(), /\d+ % of \d/);
    assert.equal(await page.locator(".plot").first().isVisible(), false);
    await page.locator(".alert a", { hasText: "rejected" }).click();
    assert.match(page.url(), new RegExp(`/incidents/${idOf("rate")}$`));
    await close();
  });

  it("is used by keyboard from the overview to an acknowledged incident", async () => {
    const id = idOf("rate");
    const { page, complaints, close } = await visit(browser.get(), site);
    await page.goto("/");
    await tabTo(page, `a[href="/incidents/${id}"]`);
    await page.keyboard.press("Enter");
    await page.waitForURL(`**/incidents/${id}`);
    await tabTo(page, "a.button");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/sign-in/);
    await tabTo(page, "#name");
    await page.keyboard.type("Ada");
    await page.keyboard.press("Tab");
    await page.keyboard.type(token);
    await page.keyboard.press("Enter");
    await page.waitForURL(`**/incidents/${id}`);
    await tabTo(page, "form.act button");
    await page.keyboard.press("Enter");
    await page.getByText("Acknowledged by Ada").first().waitFor();
    await keepScreenshot(page, "acknowledged-wide-light");
    const alert = watch.monitor.store.alerts.get(id);
    assert.equal(alert?.acknowledgedBy, "Ada");
    assert.equal(alert.notified, "acknowledge", "its receivers are told before the next poll");
    assert.equal(await page.locator("form.act").count(), 0);
    assert.deepEqual(complaints, []);
    await close();
  });

  it("says what is wrong with a request on a page to people, as JSON to machines", async () => {
    const wrong = `${site}/summary?last=soon`;
    const page = await fetch(wrong, { headers: { accept: "text/html" } });
    assert.equal(page.status, 400);
    assert.match(await page.text(), /<h1>This could not be shown<\/h1>[\s\S]*Not a time span/);
    const answer = await fetch(wrong);
    assert.equal(answer.status, 400);
    assert.match(await answer.text(), /^\{"problem":".*Not a time span/);
    const { headers } = await fetch(`${site}/healthz`);
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.equal(headers.get("cache-control"), "no-store");
  });

  it("gives no other site the power to acknowledge, even in a browser that is signed in", async () => {
    await chain.accepts(call(admin, "pause"));
    watch.clock.forward(3_600_000);
    await watch.firing();
    watch.clock.reset();
    await watch.firing();
    const id = idOf("paused");
    assert.notEqual(id, 0);
    const { page, close } = await visit(browser.get(), site);
    await page.goto(`/sign-in?to=/incidents/${id}`);
    await page.fill("#name", "Ada");
    await page.fill("#token", token);
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: /Acknowledge as Ada/ }).waitFor();
    // The same server under another name is another site to the browser.
    const elsewhere = site.replace("127.0.0.1", "localhost");
    await page.route(`${elsewhere}/trap`, (route) =>
      route.fulfill({
        contentType: "text/html",
        body: `<form method="post" action="${site}/incidents/${id}/acknowledge"><button>Win</button></form>`,
      }),
    );
    await page.goto(`${elsewhere}/trap`);
    await page.click("button");
    await page.getByText("Nothing was changed").waitFor();
    assert.equal(watch.monitor.store.alerts.get(id)?.status, "firing");
    await close();
  });

  it("does not go on saying how things are when nothing more is heard of the monitor", async () => {
    const { page, close } = await visit(browser.get(), site);
    await page.clock.install();
    await page.goto("/");
    const live = page.getByText("Live", { exact: true });
    const cut = page.locator("#cut", { hasText: "No connection to the monitor" });
    await live.waitFor();
    assert.equal(await cut.isVisible(), false);

    // A connection that is dead and not closed gives no sign: silence is one.
    await page.clock.fastForward(50_000);
    await cut.waitFor();
    assert.match(await page.title(), /^\(\?\) Overview/);
    assert.equal(await page.locator("#standing").isVisible(), false);

    await chain.accepts(call(admin, "unpause"));
    await watch.firing();
    await live.waitFor();
    assert.equal(await cut.isVisible(), false);
    assert.doesNotMatch(await page.title(), /\?/);

    await server.close();
    await page.clock.runFor(5_000);
    await cut.waitFor();
    assert.deepEqual(await faults(page), []);
    await keepScreenshot(page, "cut-wide-light");
    server = await serve(Number(new URL(site).port));
    await page.clock.runFor(5_000);
    await live.waitFor({ timeout: 20_000 });
    assert.equal(await cut.isVisible(), false);
    await close();
  });
});

/** What axe finds that keeps people from using the page. */
async function faults(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(" ")}`));
}

function sidewaysScroll(page: Page): Promise<number> {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = (
      globalThis as unknown as {
        document: { documentElement: { scrollWidth: number; clientWidth: number } };
      }
    ).document.documentElement;
    return scrollWidth - clientWidth;
  });
}

/** Presses Tab until the focus is where it should go; a place that is not reached is a fault. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press("Tab");
    if ((await page.locator(`${selector}:focus`).count()) === 1) return;
  }
  assert.fail(`${selector} can't be reached by keyboard`);
}
