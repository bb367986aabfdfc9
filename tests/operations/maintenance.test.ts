import assert from "node:assert/strict";
import { join } from "node:path";
import { readRules } from "../../monitor/rule/rule-file.ts";
import { monitorSettings } from "../../monitor/settings.ts";
import { Store } from "../../monitor/store/store.ts";
import {
  codeOf,
  endMaintenance,
  maintenanceText,
  startMaintenance,
} from "../../operations/maintenance/maintenance.ts";
import type { EscalationSettings } from "../../settings.ts";
import { type StandIn, startStandIn } from "../local/pagerduty/stand-in.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const escalation: EscalationSettings = {
  onCall: { schedule: "PONCALL" },
  teamLead: { user: "PLEAD01" },
  cto: { user: "PCTO001" },
  support: { user: "PSUPP01" },
  supportHours: { timeZone: "Europe/Berlin", days: [1], from: "09:00", to: "17:00" },
};
const hour = 3_600_000;

describe("A maintenance", function () {
  this.timeout(60_000);
  const directory = temporaryDirectory("maintenance");
  const database = join(directory.path, "monitor.sqlite");
  let pager: StandIn;
  const environment = () => ({ MONITOR_DATABASE: database, PAGERDUTY_TOKEN: pager.token });
  const where = () => ({
    network: "local" as const,
    escalation,
    services: { aws: undefined, pagerDuty: pager.url },
  });
  const options = { last: "2h", reason: "migration", critical: false };

  before(async () => {
    Store.open(database, "local").close();
    pager = await startStandIn();
    const { body: policy } = await pager.call<{ escalation_policy: { id: string } }>(
      "POST",
      "/escalation_policies",
      {
        escalation_policy: {
          name: "All",
          escalation_rules: [
            {
              escalation_delay_in_minutes: 5,
              targets: [{ id: "PLEAD01", type: "user_reference" }],
            },
          ],
        },
      },
    );
    for (const name of ["critical", "high", "medium"]) {
      await pager.call("POST", "/services", {
        service: {
          name: `Aleo local: ${name} alerts`,
          escalation_policy: { id: policy.escalation_policy.id },
        },
      });
    }
  });
  after(async () => {
    await pager.stop();
    directory.remove();
  });

  const silences = (at = Date.now()) => {
    const store = Store.open(database, "local");
    try {
      return store.alerts.silences(at);
    } finally {
      store.close();
    }
  };
  interface Window {
    readonly description: string;
    readonly end_time: string;
    readonly services: readonly { readonly summary: string }[];
  }
  const windows = async () => {
    const { body } = await pager.call<{ maintenance_windows: Window[] }>(
      "GET",
      "/maintenance_windows",
    );
    return body.maintenance_windows;
  };

  it("keeps all but critical alerts back, in the monitor and in PagerDuty, until its end", async () => {
    const parts = await startMaintenance(where(), environment(), options);
    assert.equal(codeOf(parts), 0, maintenanceText(parts));
    const rules = readRules(monitorSettings("local", environment()).rulesFile);
    const quiet = rules.filter(({ severity }) => severity !== "critical").map(({ id }) => id);
    assert.ok(quiet.length > 0 && quiet.length < rules.length);
    assert.deepEqual(
      silences().map(({ rule, reason }) => [rule, reason]),
      quiet.map((id) => [id, "maintenance: migration"]),
    );
    assert.deepEqual(silences(Date.now() + 2 * hour + 1), []);
    const [window, ...others] = await windows();
    assert.equal(others.length, 0);
    assert.equal(window?.description, "aleo-ops maintenance on local: migration");
    assert.deepEqual(window.services.map(({ summary }) => summary).sort(), [
      "Aleo local: high alerts",
      "Aleo local: medium alerts",
    ]);
    const left = Date.parse(window.end_time) - Date.now();
    assert.ok(left > 2 * hour - 60_000 && left <= 2 * hour);
  });

  it("that is on is left as it is by a second start", async () => {
    const before = silences().length;
    const parts = await startMaintenance(where(), environment(), options);
    assert.deepEqual(
      parts.map(({ outcome }) => outcome),
      ["unchanged", "unchanged"],
    );
    assert.equal(silences().length, before);
    assert.equal((await windows()).length, 1);
  });

  it("ends before its time, and other silences stay", async () => {
    const store = Store.open(database, "local");
    store.alerts.silence(
      { rule: "paused", subject: undefined, reason: "known", endsAt: Date.now() + hour },
      Date.now(),
    );
    store.close();
    const parts = await endMaintenance(where(), environment());
    assert.deepEqual(
      parts.map(({ outcome }) => outcome),
      ["done", "done"],
    );
    assert.deepEqual(
      silences().map(({ reason }) => reason),
      ["known"],
    );
    const open = (await windows()).filter(({ end_time }) => Date.parse(end_time) > Date.now());
    assert.deepEqual(open, []);
  });

  it("of which only a part can be had says which, and what to do", async () => {
    const parts = await startMaintenance(where(), { MONITOR_DATABASE: database }, options);
    assert.equal(codeOf(parts), 4);
    assert.match(maintenanceText(parts), /✔ Monitor .*\n✖ PagerDuty +PAGERDUTY_TOKEN is not set/);
    await endMaintenance(where(), environment());

    const elsewhere = { ...environment(), MONITOR_DATABASE: "nowhere.sqlite" };
    const wrong = { ...elsewhere, PAGERDUTY_TOKEN: "wrong" };
    const neither = await startMaintenance(where(), wrong, options);
    assert.equal(codeOf(neither), 1);
    assert.match(maintenanceText(neither), /✖ PagerDuty +PagerDuty refuses the token \(HTTP 401/);
    assert.doesNotMatch(maintenanceText(neither), /wrong/);

    const alone = { ...where(), escalation: undefined };
    const critical = await startMaintenance(alone, environment(), { ...options, critical: true });
    assert.deepEqual(
      critical.map(({ outcome }) => outcome),
      ["done", "not here"],
    );
    const rules = readRules(monitorSettings("local", environment()).rulesFile);
    assert.equal(silences().length, rules.length + 1);
  });
});
