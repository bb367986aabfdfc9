import assert from "node:assert/strict";
import type { Notice } from "../../../monitor/alert/notices.ts";
import { pagerDuty as routeTo } from "../../../monitor/deliver/pagerduty.ts";
import type { Route } from "../../../monitor/deliver/route.ts";
import { routingKeyTo, type StandIn, startStandIn } from "./stand-in.ts";

const notice = (
  action: Notice["action"],
  dedupKey: string,
  summary = "Balance is low",
): Notice => ({
  action,
  dedupKey,
  rule: "low-balance",
  subject: "agent_registry_v3.aleo",
  severity: "critical",
  summary,
  network: "local",
  value: "1 credit",
  height: 42,
  time: "2026-01-14T12:00:00.000Z",
  runbook: undefined,
  test: false,
});

describe("what the monitor tells PagerDuty", () => {
  let standIn: StandIn;
  let route: Route;

  before(async () => {
    standIn = await startStandIn();
    const critical = await routingKeyTo(standIn, "PLEAD01");
    route = routeTo(`${standIn.url}/v2/enqueue`, { critical });
  });

  after(() => standIn.stop());

  async function statuses(key: string): Promise<readonly string[]> {
    const { body } = await standIn.call<{ incidents: { status: string }[] }>(
      "GET",
      `/incidents?incident_key=${key}`,
    );
    return body.incidents.map(({ status }) => status);
  }

  it("opens an incident, acknowledges it and ends it", async () => {
    for (const [action, status] of [
      ["trigger", "triggered"],
      ["acknowledge", "acknowledged"],
      ["resolve", "resolved"],
    ] as const) {
      assert.deepEqual(await route.send(notice(action, "whole")), { kind: "sent" });
      assert.deepEqual(await statuses("whole"), [status]);
    }
  });

  it("fits into PagerDuty's limits however long it is", async () => {
    assert.equal((await route.send(notice("trigger", "long", "x".repeat(5_000)))).kind, "sent");
  });

  it("is one incident when it is sent again because the answer was lost", async () => {
    await standIn.call("POST", "/_faults", { answer: "lost" });
    assert.equal((await route.send(notice("trigger", "again"))).kind, "failed");
    assert.equal((await route.send(notice("trigger", "again"))).kind, "sent");
    assert.deepEqual(await statuses("again"), ["triggered"]);
  });

  it("is to be sent again where PagerDuty is busy or broken, and not where it refuses", async () => {
    for (const [status, kind] of [
      [429, "failed"],
      [500, "failed"],
      [400, "refused"],
    ] as const) {
      await standIn.call("POST", "/_faults", { answer: "status", status });
      assert.equal((await route.send(notice("trigger", "never"))).kind, kind);
    }
    assert.deepEqual(await statuses("never"), []);
  });
});
