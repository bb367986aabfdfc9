import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import type { Notice } from "../../../monitor/alert/notices.ts";
import { Deliverer } from "../../../monitor/deliver/deliverer.ts";
import type { Outcome, Route } from "../../../monitor/deliver/route.ts";
import { MonitorSettingError } from "../../../monitor/errors.ts";
import { routesOf } from "../../../monitor/settings.ts";
import { Store } from "../../../monitor/store/store.ts";
import { alertReceiver, type Answer } from "../support/receiver.ts";

const notice = (incident: string, action: Notice["action"] = "trigger"): Notice => ({
  ...{ action, dedupKey: incident, network: "local", rule: "paused", severity: "critical" },
  ...{ subject: "notes.aleo", summary: `${incident} is <bad>`, value: "1", height: 7 },
  time: "2026-01-01T00:00:00.000Z",
  runbook: "https://example.org/runbook",
  test: false,
});

const minute = 60_000;

describe("The outbox", () => {
  const receiver = alertReceiver();
  let store: Store;
  let now: number;
  let outcomes: Outcome["kind"][];

  beforeEach(() => {
    store = Store.open(":memory:", "local");
    now = 0;
    outcomes = [];
    receiver.received.length = 0;
    receiver.answers.length = 0;
  });
  afterEach(() => {
    store.close();
  });

  const routes = (more: Record<string, string> = {}) =>
    routesOf(
      { PAGERDUTY_KEY_CRITICAL: "key-c", PAGERDUTY_EVENTS_URL: receiver.url, ...more },
      () => now,
    );
  const pagerDuty = (): Route => {
    const [route] = routes();
    assert.ok(route);
    return route;
  };
  const deliverer = () =>
    new Deliverer({
      ...{ outbox: store.outbox, routes: [], now: () => now },
      told: (_, { kind }) => outcomes.push(kind),
      failed: (error) => {
        throw error;
      },
    });
  /** Lets simulated time go by until nothing is left to send, or the time is over. */
  const deliver = async (from: Deliverer, until = Infinity, route = pagerDuty()) => {
    const sentAt: number[] = [];
    while (store.outbox.next(route.name) !== undefined && now < until) {
      const before = outcomes.length;
      const wait = await from.turn(route);
      if (outcomes.length > before) sentAt.push(now);
      now += wait;
    }
    return sentAt;
  };

  it("sends what PagerDuty documents", async () => {
    store.outbox.add("pagerduty", notice("one"), now);
    await deliver(deliverer());
    assert.deepEqual(receiver.received[0]?.json, {
      routing_key: "key-c",
      event_action: "trigger",
      dedup_key: "one",
      client: "aleo-ops",
      payload: {
        summary: "one is <bad>",
        source: "aleo-ops local",
        severity: "critical",
        timestamp: "2026-01-01T00:00:00.000Z",
        component: "notes.aleo",
        group: "local",
        class: "paused",
        custom_details: {
          ...{ rule: "paused", subject: "notes.aleo", value: "1", height: 7, severity: "critical" },
          runbook: "https://example.org/runbook",
        },
      },
      links: [{ href: "https://example.org/runbook", text: "Runbook" }],
    });
    store.outbox.add("pagerduty", { ...notice("two"), summary: "x".repeat(2_000) }, now);
    await deliver(deliverer());
    const { payload } = receiver.received[1]?.json as { payload: { summary: string } };
    assert.equal(payload.summary.length, 1_024);
  });

  const faults: Record<string, Answer> = {
    "429 with Retry-After": { status: 429, headers: { "retry-after": "7" } },
    "500": { status: 500 },
    "503": { status: 503 },
    "a cut connection": "cut",
  };
  for (const [what, answer] of Object.entries(faults)) {
    it(`loses nothing to ${what}, keeps each incident's order, and makes no storm`, async () => {
      // The letter that fails last is the first of its incident: the second must not go before it.
      receiver.answers.push(...Array<Answer>(7).fill(answer));
      for (const incident of ["one", "two", "three"]) {
        store.outbox.add("pagerduty", notice(incident), now);
        store.outbox.add("pagerduty", notice(incident, "resolve"), now);
      }
      const sentAt = await deliver(deliverer());
      assert.equal(outcomes.filter((kind) => kind === "failed").length, 7);
      assert.equal(receiver.events().length, 6);
      for (const incident of ["one", "two", "three"]) {
        const events = receiver.events().filter((event) => event.endsWith(incident));
        assert.deepEqual(events, [`trigger ${incident}`, `resolve ${incident}`]);
      }
      const waits = sentAt.slice(1).map((time, index) => time - (sentAt[index] ?? 0));
      assert.ok(
        waits.every((wait) => wait >= 500),
        `sent too fast: ${waits.join(", ")}`,
      );
      if (what.startsWith("429")) assert.ok((waits[0] ?? 0) >= 7_000, "Retry-After is kept to");
      assert.deepEqual(
        store.outbox.counts().map(({ outcome, count }) => [outcome, count]),
        [["sent", 6]],
      );
    });
  }

  it("bears a receiver that is away for ten minutes, asking at most once a minute in the end", async () => {
    const gone: Route = {
      ...pagerDuty(),
      send: () => Promise.resolve({ kind: "failed", problem: "refused" }),
    };
    for (let incident = 0; incident < 50; incident += 1) {
      store.outbox.add("pagerduty", notice(`i${incident}`), now);
    }
    const sending = deliverer();
    await deliver(sending, 10 * minute, gone);
    assert.ok(outcomes.length <= 16, `asked ${outcomes.length} times`);
    const before = now;
    outcomes.length = 0;
    await deliver(sending);
    assert.equal(new Set(receiver.events()).size, 50);
    assert.equal(receiver.events().length, 50);
    assert.ok(now - before >= 49 * 500, "the letters that piled up come one by one");
  });

  it("puts aside what the receiver refuses for good, and goes on with the rest", async () => {
    receiver.answers.push({ status: 400 });
    store.outbox.add("pagerduty", notice("one"), now);
    store.outbox.add("pagerduty", notice("two"), now);
    await deliver(deliverer());
    assert.deepEqual(outcomes, ["refused", "sent"]);
    assert.deepEqual(receiver.events(), ["trigger two"]);
    assert.deepEqual(
      store.outbox.counts().map(({ outcome, count }) => [outcome, count]),
      [
        ["refused", 1],
        ["sent", 1],
      ],
    );
  });

  it("names the variable of the key that PagerDuty refuses, and not the key", async () => {
    receiver.answers.push({ status: 403 });
    const outcome = await pagerDuty().send(notice("one"));
    assert.deepEqual(outcome, {
      kind: "refused",
      problem: "HTTP 403, {} (with the routing key of PAGERDUTY_KEY_CRITICAL)",
    });
  });

  it("sends a letter again that was sent but not marked, under the same key", async () => {
    store.outbox.add("pagerduty", notice("one"), now);
    const killed = deliverer();
    const { outbox } = store;
    const sent = outbox.sent.bind(outbox);
    outbox.sent = () => {
      throw new Error("killed here");
    };
    await assert.rejects(killed.turn(pagerDuty()), /killed here/);
    outbox.sent = sent;
    await deliver(deliverer());
    assert.deepEqual(receiver.events(), ["trigger one", "trigger one"]);
  });

  it("tells Slack in words, with nothing that could be taken for its markup", async () => {
    const [, slack] = routes({ ALERT_WEBHOOK: receiver.url });
    assert.ok(slack);
    assert.equal(slack.name, "slack");
    await slack.send(notice("one"));
    const text = String(receiver.received[0]?.json.text);
    assert.match(text, /\*critical\* paused on local\none is &lt;bad&gt;\nWhat to do: https:/);
    await slack.send({ ...notice("one"), test: true });
    assert.match(String(receiver.received[1]?.json.text), /TEST, nothing is wrong/);
  });

  it("signs what it posts to any other receiver", async () => {
    const secret = "0123456789abcdef";
    now = 5_000;
    const [, webhook] = routes({ ALERT_WEBHOOK_URL: receiver.url, ALERT_WEBHOOK_SECRET: secret });
    assert.ok(webhook);
    await webhook.send(notice("one"));
    const [request] = receiver.received;
    assert.ok(request);
    const expected = createHmac("sha256", secret).update(`5.${request.body}`).digest("hex");
    assert.equal(request.headers["x-aleo-ops-timestamp"], "5");
    assert.equal(request.headers["x-aleo-ops-signature"], `sha256=${expected}`);
    assert.equal(request.json.dedupKey, "one");
  });

  it("refuses settings that can't work, and shows no secret", () => {
    const secret = "hooks.slack.com/services/SECRET";
    const cases: [Record<string, string>, RegExp][] = [
      [{ ALERT_WEBHOOK: secret }, /^ALERT_WEBHOOK is not an http/],
      [{ ALERT_WEBHOOK_URL: "https://example.org" }, /ALERT_WEBHOOK_SECRET is missing/],
      [
        { ALERT_WEBHOOK_URL: "https://example.org", ALERT_WEBHOOK_SECRET: "short" },
        /shorter than 16/,
      ],
    ];
    for (const [environment, message] of cases) {
      assert.throws(
        () => routesOf(environment, () => 0),
        (error: unknown) =>
          error instanceof MonitorSettingError &&
          message.test(error.message) &&
          !error.explain().includes(secret),
      );
    }
    assert.deepEqual(
      routesOf({}, () => 0),
      [],
    );
    const [onlyCritical] = routes();
    assert.equal(onlyCritical?.takes("low"), false);
  });
});
