import assert from "node:assert/strict";
import type { IncomingHttpHeaders } from "node:http";
import {
  dashboardAccess,
  isLoopback,
  isSameOrigin,
  isToken,
  localPath,
  personIn,
  personName,
  sessionMs,
  sessionText,
} from "../../../monitor/dashboard/access.ts";
import { MonitorSettingError } from "../../../monitor/errors.ts";
import { fire, program, serve, type Served, token } from "./served.ts";

/** What a browser sends with a form of the dashboard's own. */
const own = { host: "127.0.0.1", origin: "http://127.0.0.1", "sec-fetch-site": "same-origin" };
const form = { "content-type": "application/x-www-form-urlencoded" };

describe("who may look at the dashboard and change something", () => {
  let served: Served;
  afterEach(() => served.close());

  const get = (url: string, headers: IncomingHttpHeaders = {}) =>
    served.server.inject({ url, headers });
  const post = (url: string, payload: string, headers: IncomingHttpHeaders = own) =>
    served.server.inject({ method: "POST", url, headers: { ...form, ...headers }, payload });
  const signIn = async (given: string, name = "Ada") =>
    post("/sign-in", new URLSearchParams({ name, token: given, to: "/incidents/1" }).toString());
  const cookieOf = async () => {
    const [cookie] = (await signIn(token)).cookies;
    assert.ok(cookie !== undefined);
    return { cookie: `${cookie.name}=${cookie.value}` };
  };
  const statusOf = (id: number) => served.store.alerts.get(id)?.status;

  it("lets who has the token acknowledge, and keeps who it was", async () => {
    served = await serve();
    const id = fire(served.store);
    const signedIn = await signIn(token);
    assert.equal(signedIn.statusCode, 303);
    assert.equal(signedIn.headers.location, "/incidents/1");
    const [cookie] = signedIn.cookies;
    assert.equal(cookie?.httpOnly, true);
    assert.equal(cookie.sameSite, "Strict");
    assert.equal(cookie.maxAge, sessionMs / 1_000);
    assert.doesNotMatch(JSON.stringify(cookie), new RegExp(token));
    const answer = await post(`/incidents/${id}/acknowledge`, "", {
      ...own,
      ...(await cookieOf()),
    });
    assert.equal(answer.statusCode, 303);
    assert.equal(served.store.alerts.get(id)?.acknowledgedBy, "Ada");
    assert.deepEqual(
      served.store.alerts.history(id).map(({ what, detail }) => `${what} ${detail}`),
      [`fired ${program} is paused`, "acknowledged Ada"],
    );
  });

  it("leaves the first acknowledgement as it is", async () => {
    served = await serve();
    const id = fire(served.store);
    served.store.alerts.acknowledge(id, "Grace");
    await post(`/incidents/${id}/acknowledge`, "", { ...own, ...(await cookieOf()) });
    assert.equal(served.store.alerts.get(id)?.acknowledgedBy, "Grace");
    assert.equal(served.store.alerts.history(id).length, 1);
  });

  it("refuses a wrong token, a part of it and none, and says so", async () => {
    served = await serve();
    for (const wrong of ["", "wrong", token.slice(1), `${token} `]) {
      const answer = await signIn(wrong);
      assert.equal(answer.statusCode, 401);
      assert.equal(answer.cookies.length, 0);
      assert.match(answer.body, /That is not the token/);
      assert.doesNotMatch(answer.body, new RegExp(token));
    }
    assert.match((await signIn(token, " ")).body, /give your name/);
  });

  it("refuses to acknowledge for who is not signed in", async () => {
    served = await serve();
    const id = fire(served.store);
    const forged = `aleo-ops-session=${sessionText("Mallory", Date.now())}.bm90IHNpZ25lZA`;
    for (const headers of [
      own,
      { ...own, cookie: forged },
      { ...own, cookie: "aleo-ops-session=" },
    ]) {
      const answer = await post(`/incidents/${id}/acknowledge`, "", headers);
      assert.equal(answer.statusCode, 401);
    }
    assert.equal(statusOf(id), "firing");
  });

  it("refuses what another site sends, even with the cookie", async () => {
    served = await serve();
    const id = fire(served.store);
    const cookie = await cookieOf();
    for (const foreign of [
      { ...own, "sec-fetch-site": "cross-site" },
      { ...own, "sec-fetch-site": "same-site" },
      { host: "127.0.0.1", origin: "http://evil.example" },
      { host: "127.0.0.1", origin: "http://127.0.0.1:9" },
      { host: "127.0.0.1", origin: "null" },
      { host: "127.0.0.1" },
    ]) {
      const answer = await post(`/incidents/${id}/acknowledge`, "", { ...foreign, ...cookie });
      assert.equal(answer.statusCode, 403, JSON.stringify(foreign));
      assert.match(answer.body, /Nothing was changed/);
      assert.equal((await post("/sign-in", `name=A&token=${token}`, foreign)).statusCode, 403);
    }
    assert.equal(statusOf(id), "firing");
  });

  it("ends a session after a shift, at signing out, and with another token", async () => {
    let now = Date.now();
    served = await serve({ now: () => now });
    const id = fire(served.store);
    const cookie = await cookieOf();
    assert.match((await get("/", cookie)).body, /Sign out/);
    const out = await post("/sign-out", "", { ...own, ...cookie });
    assert.equal(out.cookies[0]?.value, "");
    now += sessionMs + 1;
    assert.doesNotMatch((await get("/", cookie)).body, /Sign out/);
    assert.equal(
      (await post(`/incidents/${id}/acknowledge`, "", { ...own, ...cookie })).statusCode,
      401,
    );
    now -= sessionMs + 1;
    const other = await serve({ access: dashboardAccess({ MONITOR_TOKEN: "another long token" }) });
    const answer = await other.server.inject({ url: "/", headers: cookie });
    await other.close();
    assert.doesNotMatch(answer.body, /Sign out/);
  });

  it("without a token offers no form, and its route refuses", async () => {
    served = await serve({ access: dashboardAccess({}) });
    const id = fire(served.store);
    const { body } = await get(`/incidents/${id}`);
    assert.doesNotMatch(body, /<form|Sign in/);
    assert.match(body, /aleo-ops alerts acknowledge 1 --by NAME/);
    assert.equal((await post(`/incidents/${id}/acknowledge`, "")).statusCode, 401);
    assert.equal((await get("/sign-in")).statusCode, 404);
    assert.equal((await post("/sign-in", "name=A&token=")).statusCode, 404);
    assert.equal(statusOf(id), "firing");
  });

  it("takes the person whom an OIDC proxy names that proves itself with the token, and nobody else's word", async () => {
    served = await serve({ host: "10.0.0.7" });
    const id = fire(served.store);
    const basic = (name: string, given: string) => ({
      authorization: `Basic ${Buffer.from(`${name}:${given}`).toString("base64")}`,
    });
    const ada = basic("ada@example.org", token);
    const answer = await get(`/incidents/${id}`, ada);
    assert.match(answer.body, /Acknowledge as ada@example.org/);
    assert.doesNotMatch(answer.body, /Sign out/);
    for (const said of [
      { "x-auth-request-email": "eve@example.org", "x-forwarded-user": "eve" },
      basic("eve@example.org", ""),
      basic("eve@example.org", `${token}x`),
      basic("", token),
      { authorization: `Bearer ${token}` },
      { authorization: "Basic " },
    ]) {
      const shown = JSON.stringify(said);
      assert.equal((await get("/", said)).statusCode, 303, shown);
      const refused = await post(`/incidents/${id}/acknowledge`, "", { ...own, ...said });
      assert.equal(
        refused.headers.location,
        `/sign-in?to=${encodeURIComponent(`/incidents/${id}/acknowledge`)}`,
        shown,
      );
    }
    assert.equal(statusOf(id), "firing");
    const foreign = await post(`/incidents/${id}/acknowledge`, "", { host: "127.0.0.1", ...ada });
    assert.equal(foreign.statusCode, 403);
    await post(`/incidents/${id}/acknowledge`, "", { ...own, ...ada });
    assert.equal(served.store.alerts.get(id)?.acknowledgedBy, "ada@example.org");
  });

  it("beyond this machine shows nothing to who is not signed in", async () => {
    served = await serve({ host: "10.0.0.7" });
    fire(served.store);
    for (const url of [
      "/",
      "/incidents",
      "/incidents/1",
      `/programs/${program}`,
      "/backups",
      "/escalation",
      "/live",
    ]) {
      const answer = await get(url);
      assert.equal(answer.statusCode, 303, url);
      assert.equal(answer.headers.location, `/sign-in?to=${encodeURIComponent(url)}`);
    }
    const page = await get("/sign-in?to=/incidents/1");
    assert.equal(page.statusCode, 200);
    assert.doesNotMatch(page.body, /paused/);
    assert.match((await get("/incidents/1", await cookieOf())).body, /is paused/);
    const open = await serve({ host: "10.0.0.7", access: dashboardAccess({}) });
    const answer = await open.server.inject({ url: "/" });
    await open.close();
    assert.equal(answer.statusCode, 403);
    assert.match(answer.body, /Set MONITOR_TOKEN/);
  });

  it("sends the headers that keep a page to itself, with pages, files and refusals", async () => {
    served = await serve();
    for (const url of ["/", "/incidents/9", "/assets/dashboard.js", "/nothing"]) {
      const { headers } = await get(url);
      const policy = String(headers["content-security-policy"]);
      assert.match(policy, /default-src 'none'/);
      assert.match(policy, /script-src 'self'(;|$)/);
      assert.match(policy, /style-src 'self'(;|$)/);
      assert.match(policy, /frame-ancestors 'none'/);
      assert.doesNotMatch(policy, /unsafe|http|\*|data:/);
      assert.equal(headers["x-content-type-options"], "nosniff");
      assert.equal(headers["referrer-policy"], "same-origin");
      assert.equal(headers["cross-origin-opener-policy"], "same-origin");
    }
  });

  it("serves only its own files", async () => {
    served = await serve();
    for (const url of [
      "/assets/../dashboard.ts",
      "/assets/..%2fdashboard.ts",
      "/assets/uPlot.esm.js",
    ]) {
      assert.equal((await get(url)).statusCode, 404, url);
    }
    for (const name of [
      "dashboard.css",
      "dashboard.js",
      "icon.svg",
      "uPlot.iife.min.js",
      "uPlot.min.css",
    ]) {
      assert.equal((await get(`/assets/${name}`)).statusCode, 200, name);
    }
  });

  it("writes no text of the chain or of people as HTML", async () => {
    served = await serve();
    const { store } = served;
    const bad = `<img src=x onerror="alert(1)">'`;
    const id = fire(store, { summary: bad, subject: bad, value: bad, rule: bad, runbook: bad });
    store.alerts.acknowledge(id, bad);
    store.alerts.record(id, Date.now(), bad, bad);
    store.alerts.silence(
      { rule: bad, subject: bad, reason: bad, endsAt: Date.now() + 9e5 },
      Date.now(),
    );
    store.probes.set(`entry:${program}/${bad}`, bad, 1, Date.now());
    store.probes.set(
      `program:${program}`,
      JSON.stringify({ edition: 0, owner: bad }),
      1,
      Date.now(),
    );
    store.probes.set("backups", JSON.stringify({ [program]: {} }), 1, Date.now());
    store.probes.fail("backups", bad);
    store.looks.add({
      ...{ endpoint: bad, time: Date.now() - 1_000, answeredMs: 1, height: 1, hash: bad },
      problem: bad,
    });
    const time = Date.now() - 5_000;
    for (const [height, kind] of ["execute", "deploy", "transfer"].entries()) {
      store.database.run(
        `INSERT INTO transactions (id, program, sent_as, height, time, kind, function, status, payer,
           fee, credits_in, credits_out, operations, edition, owner)
         VALUES (:id, :program, :bad, :height, :time, :kind, :bad, 'rejected', :bad, 1, 1, 1, 1, 0, :bad)`,
        { id: `${bad}${height}`, program, bad, height, time, kind },
      );
    }
    const cookie = await cookieOf();
    for (const url of [
      "/",
      "/incidents",
      `/incidents/${id}`,
      `/programs/${program}`,
      "/backups",
      "/escalation",
      `/sign-in?to=/${bad}`,
      `/programs/${encodeURIComponent(bad)}`,
    ]) {
      const { body } = await get(encodeURI(decodeURI(url)), cookie);
      assert.doesNotMatch(body, /<img/i, url);
      assert.doesNotMatch(body, /onerror="/, url);
      // The badges' shapes are markup, and so is all else: nothing is shown as if it were text.
      assert.doesNotMatch(body, /&#60;(svg|span|time|code|a) /, url);
    }
  });
});

describe("the settings of the dashboard", () => {
  it("refuse a token that could be guessed, without showing it", () => {
    assert.throws(
      () => dashboardAccess({ MONITOR_TOKEN: "short-secret" }),
      (error) => {
        assert.ok(error instanceof MonitorSettingError);
        assert.doesNotMatch(error.message + error.remedy, /short-secret/);
        return true;
      },
    );
  });

  it("take none at all", () => {
    assert.deepEqual(dashboardAccess({ MONITOR_TOKEN: "" }), { token: undefined });
  });
});

describe("the parts of it", () => {
  it("compare tokens", () => {
    assert.equal(isToken(token, token), true);
    assert.equal(isToken(token, `${token}x`), false);
    assert.equal(isToken(token, ""), false);
  });

  it("know addresses that only this machine reaches", () => {
    for (const host of ["127.0.0.1", "127.8.0.3", "localhost", "::1"]) {
      assert.equal(isLoopback(host), true, host);
    }
    for (const host of ["0.0.0.0", "::", "10.1.2.3", "example.org", "127.evil.example"]) {
      assert.equal(isLoopback(host), false, host);
    }
  });

  it("go on to paths of this site only", () => {
    assert.equal(localPath("/incidents/3?before=9"), "/incidents/3?before=9");
    for (const to of [
      "//evil.example",
      "/\\evil.example",
      "https://evil.example",
      "",
      undefined,
      "/a b",
    ]) {
      assert.equal(localPath(to), "/", String(to));
    }
  });

  it("take names on one line", () => {
    assert.equal(personName("  Ada \n Lovelace "), "Ada Lovelace");
    assert.equal(personName("Zoë 陈"), "Zoë 陈");
    for (const name of ["", " ", "a".repeat(81), "a\u0000b", undefined]) {
      assert.equal(personName(name), undefined);
    }
  });

  it("know the person of a session until its end", () => {
    const text = sessionText("Zoë", 1_000);
    assert.equal(personIn(text, 1_000 + sessionMs - 1), "Zoë");
    assert.equal(personIn(text, 1_000 + sessionMs), undefined);
    assert.equal(personIn("", 0), undefined);
  });

  it("know a request of their own by its origin where the browser says no more", () => {
    assert.equal(isSameOrigin({ host: "a.example:1", origin: "http://a.example:1" }), true);
    assert.equal(isSameOrigin({ host: "a.example:1", origin: "http://a.example:2" }), false);
  });
});
