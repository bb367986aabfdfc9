import assert from "node:assert/strict";
import { freePort } from "../../../local/ports.ts";
import type { Notice } from "../../../monitor/alert/notices.ts";
import { Deliverer } from "../../../monitor/deliver/deliverer.ts";
import { pagerDuty } from "../../../monitor/deliver/pagerduty.ts";
import type { Outcome, Route } from "../../../monitor/deliver/route.ts";
import { Store } from "../../../monitor/store/store.ts";
import { routingKeyTo, type StandIn, startStandIn } from "../../local/pagerduty/stand-in.ts";

const minute = 60_000;
const actions = ["trigger", "acknowledge", "resolve"] as const;

function notice(action: Notice["action"], dedupKey: string): Notice {
  return {
    ...{ action, dedupKey, network: "local", rule: "paused", severity: "critical" },
    ...{ subject: "notes.aleo", summary: `${dedupKey} is paused`, value: "1", height: 7 },
    ...{ time: "2026-01-01T00:00:00.000Z", runbook: undefined, test: false },
  };
}

/** What a stand-in of PagerDuty does for the ten minutes. */
const outages: Record<string, readonly Record<string, unknown>[] | "gone"> = {
  "answers 429": [{ answer: "status", status: 429, count: 1_000 }],
  "answers 500": [{ answer: "status", status: 500, count: 1_000 }],
  "does not answer, then cuts every connection": [
    { answer: "silence" },
    { answer: "cut", count: 1_000 },
  ],
  "takes what it is told, and its answers are lost": [{ answer: "lost", count: 1_000 }],
  "refuses connections": "gone",
};

describe("PagerDuty that is away for ten minutes", function () {
  this.timeout(90_000);
  let standIn: StandIn;
  let key: string;

  before(async () => {
    standIn = await startStandIn();
    key = await routingKeyTo(standIn, "PLEAD01");
  });
  after(() => standIn.stop());

  /** Events that the stand-in took, each as `action dedup_key`, in order. */
  const taken = async (prefix: string) => {
    const { body } = await standIn.call<{ events: { status: number; body: string }[] }>(
      "GET",
      "/_received",
    );
    return body.events.flatMap(({ status, body: text }) => {
      const event = JSON.parse(text) as { event_action: string; dedup_key: string };
      const isOurs = event.dedup_key.startsWith(prefix);
      return status === 202 && isOurs ? [`${event.event_action} ${event.dedup_key}`] : [];
    });
  };

  for (const [position, [what, faults]] of Object.entries(outages).entries()) {
    it(`and ${what}: nothing is lost, each incident keeps its order, and no storm comes after`, async () => {
      const prefix = `outage-${position}`;
      const store = Store.open(":memory:", "local");
      let now = 0;
      const attempts: { at: number; kind: Outcome["kind"] }[] = [];
      const real = pagerDuty(`${standIn.url}/v2/enqueue`, { critical: key });
      const nowhere = pagerDuty(`http://127.0.0.1:${await freePort()}/v2/enqueue`, {
        critical: key,
      });
      let isGone = faults === "gone";
      const route: Route = { ...real, send: (one) => (isGone ? nowhere : real).send(one) };
      const deliverer = new Deliverer({
        ...{ outbox: store.outbox, routes: [], now: () => now },
        told: (_, { kind }) => attempts.push({ at: now, kind }),
        failed: (error) => {
          throw error;
        },
      });
      try {
        for (const fault of faults === "gone" ? [] : faults) {
          await standIn.call("POST", "/_faults", fault);
        }
        // Every half minute one more incident begins, goes on or ends.
        const letters = actions.flatMap((action) =>
          Array.from({ length: 7 }, (_, incident) => notice(action, `${prefix}-${incident}`)),
        );
        let next = 0;
        while (now < 10 * minute) {
          for (; next < letters.length && next * (minute / 2) <= now; next += 1) {
            const letter = letters[next];
            if (letter !== undefined) store.outbox.add("pagerduty", letter, now);
          }
          now += Math.max(1, Math.min(await deliverer.turn(route), minute / 2));
        }
        const during = attempts.splice(0);
        assert.ok(during.length >= 10 && during.length <= 18, `asked ${during.length} times`);
        assert.ok(during.every(({ kind }) => kind === "failed"));
        assert.ok(
          during.slice(7).every(({ at }, index) => at - (during[index + 6]?.at ?? 0) >= minute),
          "in the end it asks once a minute",
        );

        await standIn.call("DELETE", "/_faults");
        isGone = false;
        const before = await taken(prefix);
        assert.deepEqual(before, []);
        for (; next < letters.length; next += 1) {
          const letter = letters[next];
          if (letter !== undefined) store.outbox.add("pagerduty", letter, now);
        }
        while (store.outbox.next("pagerduty") !== undefined) {
          now += Math.max(1, await deliverer.turn(route));
        }
        const events = await taken(prefix);
        assert.equal(events.length, letters.length);
        assert.equal(new Set(events).size, letters.length, "each exactly once");
        for (let incident = 0; incident < 7; incident += 1) {
          const name = `${prefix}-${incident}`;
          assert.deepEqual(
            events.filter((event) => event.endsWith(` ${name}`)),
            actions.map((action) => `${action} ${name}`),
          );
          const { body } = await standIn.call<{ incidents: { status: string }[] }>(
            "GET",
            `/incidents?incident_key=${name}`,
          );
          assert.deepEqual(
            body.incidents.map(({ status }) => status),
            ["resolved"],
          );
        }
        const waits = attempts.slice(1).map(({ at }, index) => at - (attempts[index]?.at ?? 0));
        assert.ok(Math.min(...waits) >= 500, `sent too fast: ${waits.join(", ")}`);
      } finally {
        store.close();
      }
    });
  }
});
