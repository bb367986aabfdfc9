import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { AlertPolicies, AlertPoliciesArgs } from "../../components/alert-policies.ts";
import {
  escalationMatrix,
  reachedAfterMinutes,
  severities,
  type Severity,
} from "../../components/alerts/escalation-matrix.ts";

interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
  readonly parent: string | undefined;
  readonly secretOutputs: readonly string[];
}

const policyType = "pagerduty:index/escalationPolicy:EscalationPolicy";
const serviceType = "pagerduty:index/service:Service";
const integrationType = "pagerduty:index/serviceIntegration:ServiceIntegration";

const people = {
  onCall: { schedule: "PONCALL" },
  teamLead: { user: "PLEAD01" },
  cto: { user: "PCTO001" },
  support: { schedule: "PSUPPOR" },
} as const;

const args: AlertPoliciesArgs = {
  network: "testnet",
  ...people,
  supportHours: { timeZone: "Europe/Berlin", days: [1, 2, 3, 4, 5], from: "09:00", to: "17:00" },
};

const idOfRole = {
  onCall: people.onCall.schedule,
  teamLead: people.teamLead.user,
  cto: people.cto.user,
  support: people.support.schedule,
} as const;

describe("AlertPolicies", () => {
  const registered: Registered[] = [];
  const names = new Map<unknown, string>();

  before(async () => {
    await pulumi.runtime.setMocks({
      newResource: ({ name, type, inputs }) => {
        const declared = inputs as Record<string, unknown>;
        const found = registered.find((one) => one.name === name);
        // What the provider is told: all Outputs are values by now.
        if (found !== undefined) Object.assign(found.inputs, declared);
        const made = type === integrationType ? { integrationKey: `key of ${name}` } : {};
        return { id: `id of ${name}`, state: { ...declared, ...made } };
      },
      call: () => ({}),
    });
  });

  beforeEach(() => {
    registered.length = 0;
    names.clear();
  });

  const record: pulumi.ResourceTransformation = ({ resource, type, name, opts }) => {
    names.set(resource, name);
    const { additionalSecretOutputs = [] } = opts as { additionalSecretOutputs?: string[] };
    registered.push({
      type,
      name,
      inputs: {},
      parent: names.get(opts.parent),
      secretOutputs: additionalSecretOutputs,
    });
    return undefined;
  };

  async function declare(more: Partial<AlertPoliciesArgs> = {}): Promise<AlertPolicies> {
    const { AlertPolicies: Component } = await import("../../components/alert-policies.ts");
    return new Component("alerts", { ...args, ...more }, { transformations: [record] });
  }

  /** Waits until all of it is registered. */
  async function declared(more: Partial<AlertPoliciesArgs> = {}): Promise<AlertPolicies> {
    const component = await declare(more);
    await valueOf(component.routingKeys);
    return component;
  }

  const valueOf = <T>(output: pulumi.Output<T>): Promise<T> =>
    new Promise((resolve) => output.apply(resolve));

  const inputsOf = (name: string) =>
    registered.find((one) => one.name === name)?.inputs ?? assert.fail(`${name} is not registered`);

  it("declares a policy, a service and an integration for each severity, named after it", async () => {
    await declared();
    const [component, ...children] = registered;
    assert.deepEqual([component?.type, component?.name], ["aleops:alert:AlertPolicies", "alerts"]);
    assert.deepEqual(
      children.map(({ type, name, parent }) => [type, name, parent]),
      severities.flatMap((severity) => [
        [policyType, `alerts-${severity}-policy`, "alerts"],
        [serviceType, `alerts-${severity}-service`, "alerts"],
        [integrationType, `alerts-${severity}-integration`, "alerts"],
      ]),
    );
  });

  it("ties the three together, under names that say network and severity", async () => {
    await declared({ network: "mainnet" });
    for (const severity of severities) {
      const title = `Aleo mainnet: ${severity} alerts`;
      assert.equal(inputsOf(`alerts-${severity}-policy`).name, title);
      const service = inputsOf(`alerts-${severity}-service`);
      assert.deepEqual(
        [service.name, service.escalationPolicy],
        [title, `id of alerts-${severity}-policy`],
      );
      const { service: of, type } = inputsOf(`alerts-${severity}-integration`);
      assert.deepEqual(
        [of, type],
        [`id of alerts-${severity}-service`, "events_api_v2_inbound_integration"],
      );
    }
  });

  /** Worked out from what PagerDuty is told, and not from the component's own figures. */
  const reached = (severity: Severity) =>
    reachedAfterMinutes(
      inputsOf(`alerts-${severity}-policy`),
      inputsOf(`alerts-${severity}-service`),
    ) ?? assert.fail("not plain");

  for (const severity of severities) {
    const { people: row, withinMinutes } = escalationMatrix[severity];
    it(`reaches ${row.join(", ")} within ${withinMinutes} minutes of a ${severity} alert`, async () => {
      await declared();
      const minutes = reached(severity);
      assert.deepEqual(
        [...minutes.keys()],
        row.map((role) => idOfRole[role]),
      );
      for (const [who, after] of minutes)
        assert.ok(after <= withinMinutes, `${String(who)}: ${after}`);
      assert.deepEqual(
        [...minutes.values()],
        [...minutes.values()].sort((one, other) => one - other),
      );
    });
  }

  it("says of a schedule that it is one, and of a user as well", async () => {
    await declared();
    assert.deepEqual(inputsOf("alerts-high-policy").rules, [
      {
        escalationDelayInMinutes: 30,
        targets: [{ type: "schedule_reference", id: "PONCALL" }],
      },
      { escalationDelayInMinutes: 30, targets: [{ type: "user_reference", id: "PLEAD01" }] },
    ]);
  });

  it("takes ids that other resources give", async () => {
    await declared({ cto: { user: pulumi.output("PMADE01") } });
    assert.equal(reached("critical").get("PMADE01"), 10);
  });

  it("leaves the end of an incident to the monitor, and pages again what is only acknowledged", async () => {
    await declared();
    const timeouts = severities.map((severity) => {
      const { autoResolveTimeout, acknowledgementTimeout } = inputsOf(`alerts-${severity}-service`);
      return [autoResolveTimeout, acknowledgementTimeout];
    });
    assert.deepEqual(timeouts, [
      ["null", "1800"],
      ["null", "3600"],
      ["null", "14400"],
      ["null", "null"],
    ]);
  });

  it("pages severity low in support hours: at once, or when they begin", async () => {
    await declared();
    const { incidentUrgencyRule, supportHours, scheduledActions } = inputsOf("alerts-low-service");
    assert.deepEqual(incidentUrgencyRule, {
      type: "use_support_hours",
      duringSupportHours: { type: "constant", urgency: "high" },
      outsideSupportHours: { type: "constant", urgency: "low" },
    });
    assert.deepEqual(supportHours, {
      type: "fixed_time_per_day",
      timeZone: "Europe/Berlin",
      daysOfWeeks: [1, 2, 3, 4, 5],
      startTime: "09:00:00",
      endTime: "17:00:00",
    });
    assert.deepEqual(scheduledActions, [
      {
        type: "urgency_change",
        toUrgency: "high",
        ats: [{ type: "named_time", name: "support_hours_start" }],
      },
    ]);
    for (const severity of ["critical", "high", "medium"]) {
      const service = inputsOf(`alerts-${severity}-service`);
      assert.deepEqual(service.incidentUrgencyRule, { type: "constant", urgency: "high" });
      assert.equal(service.supportHours, undefined);
    }
  });

  it("takes other delays, within the matrix", async () => {
    await declared({ delaysInMinutes: { critical: [1, 14, 1], high: [60, 1] } });
    assert.deepEqual([...reached("critical").values()], [0, 1, 15]);
    assert.deepEqual([...reached("high").values()], [0, 60]);
    assert.deepEqual([...reached("medium").values()], [0]);
  });

  it("lets a transform change any child", async () => {
    await declared({
      transform: {
        policy: (policy, severity) =>
          severity === "medium" ? { ...policy, numLoops: 5, teams: "PTEAM01" } : policy,
        service: (service, severity) => ({ ...service, description: `of ${severity}` }),
        integration: (integration) => ({ ...integration, name: "renamed" }),
      },
    });
    const { numLoops, teams } = inputsOf("alerts-medium-policy");
    assert.deepEqual([numLoops, teams], [5, "PTEAM01"]);
    assert.equal(inputsOf("alerts-high-policy").teams, undefined);
    assert.equal(inputsOf("alerts-low-service").description, "of low");
    assert.equal(inputsOf("alerts-low-integration").name, "renamed");
  });

  describe("gives out", () => {
    it("ids by severity", async () => {
      const { policies, services } = await declared();
      assert.equal((await valueOf(policies)).critical, "id of alerts-critical-policy");
      assert.equal((await valueOf(services)).low, "id of alerts-low-service");
      assert.deepEqual(Object.keys(await valueOf(services)), [...severities]);
    });

    it("routing keys as secrets, that the provider's state keeps encrypted too", async () => {
      const { routingKeys } = await declared();
      assert.equal(await pulumi.isSecret(routingKeys), true);
      assert.equal((await valueOf(routingKeys)).high, "key of alerts-high-integration");
      for (const { type, secretOutputs } of registered) {
        assert.deepEqual(secretOutputs, type === integrationType ? ["integrationKey"] : []);
      }
    });

    it("what the monitor needs, under the names of its variables", async () => {
      const { monitorSecrets } = await declared({
        routes: {
          slackWebhook: "https://hooks.example.org/slack",
          webhook: { url: "https://example.org/alerts", secret: "signs" },
        },
      });
      const values: Record<string, string> = {};
      for (const [name, value] of Object.entries(monitorSecrets)) {
        assert.equal(await pulumi.isSecret(value), true, name);
        values[name] = await valueOf(value);
      }
      assert.deepEqual(values, {
        PAGERDUTY_KEY_CRITICAL: "key of alerts-critical-integration",
        PAGERDUTY_KEY_HIGH: "key of alerts-high-integration",
        PAGERDUTY_KEY_MEDIUM: "key of alerts-medium-integration",
        PAGERDUTY_KEY_LOW: "key of alerts-low-integration",
        ALERT_WEBHOOK: "https://hooks.example.org/slack",
        ALERT_WEBHOOK_URL: "https://example.org/alerts",
        ALERT_WEBHOOK_SECRET: "signs",
      });
    });

    it("no name that the monitor does not read, and only what is set", async () => {
      const { monitorSecrets: read } = await import("../../components/monitoring/monitor-args.ts");
      const all = { slackWebhook: "https://a", webhook: { url: "https://b", secret: "c" } };
      const known: readonly string[] = read;
      const { monitorSecrets } = await declared({ routes: all });
      assert.deepEqual(
        Object.keys(monitorSecrets).filter((name) => !known.includes(name)),
        [],
      );
      const { monitorSecrets: fewer } = await declared();
      assert.equal(Object.keys(fewer).length, severities.length);
    });
  });

  describe("refuses, before it registers anything,", () => {
    const without = (key: keyof AlertPoliciesArgs) => ({ [key]: undefined });
    const hours = (more: object) => ({ supportHours: { ...args.supportHours, ...more } });
    const onlyIn =
      <Args>(wanted: Severity, change: (given: Args) => Args) =>
      (given: Args, severity: Severity) =>
        severity === wanted ? change(given) : given;
    const refusals: [what: string, args: object, text: RegExp][] = [
      [
        "a missing person",
        without("cto"),
        /^cto is missing\.\n {2}What to do: Set cto to \{user: id\}/,
      ],
      ["a person with neither user nor schedule", { support: {} }, /^support is neither/],
      ["a person who is both", { onCall: { user: "P1", schedule: "P2" } }, /^onCall is neither/],
      ["an id that is empty", { teamLead: { user: "" } }, /^teamLead is neither/],
      [
        "a severity that there is not",
        { delaysInMinutes: { urgent: [1] } },
        /^delaysInMinutes names "urgent".*\n.*critical, high, medium, low/,
      ],
      [
        "too few delays",
        { delaysInMinutes: { critical: [5, 5] } },
        /^delaysInMinutes\.critical is \[5, 5\]\.\n.*3 whole numbers.*onCall, then with teamLead, then with cto/,
      ],
      [
        "a delay of none",
        { delaysInMinutes: { high: [0, 5] } },
        /^delaysInMinutes\.high is \[0, 5\]/,
      ],
      ["missing support hours", without("supportHours"), /^supportHours is missing/],
      ["a day that there is not", hours({ days: [0] }), /^supportHours\.days is \[0\]/],
      ["no days", hours({ days: [] }), /^supportHours\.days is \[\]/],
      ["a time that is none", hours({ from: "9" }), /^supportHours\.from is "9"/],
      [
        "hours over midnight",
        hours({ from: "17:00", to: "09:00" }),
        /^supportHours\.to is "09:00", which is not after "17:00"/,
      ],
      [
        "a time zone that there is not",
        hours({ timeZone: "Mars/Base" }),
        /^supportHours\.timeZone is "Mars\/Base"/,
      ],
      [
        "delays that reach somebody too late",
        { delaysInMinutes: { critical: [5, 11, 5] } },
        /^An alert of severity critical would reach cto only after 16 minutes; the escalation matrix says within 15\.\n.*delaysInMinutes\.critical/,
      ],
      [
        "delays of another severity that do",
        { delaysInMinutes: { high: [61, 5] } },
        /severity high would reach teamLead only after 61 minutes.*within 60/,
      ],
      [
        "a transform that leaves somebody out",
        {
          transform: {
            policy: onlyIn("critical", (policy: { rules: unknown[] }) => ({
              ...policy,
              rules: policy.rules.slice(0, 2),
            })),
          },
        },
        /severity critical might not reach cto/,
      ],
      [
        "a transform to low urgency, which does not escalate",
        {
          transform: {
            service: onlyIn("high", (service) => ({
              ...Object(service),
              incidentUrgencyRule: { type: "constant", urgency: "low" },
            })),
          },
        },
        /severity high might not reach onCall/,
      ],
      [
        "a transform after which nobody is paged when support hours begin",
        {
          transform: {
            service: onlyIn("low", (service) => ({ ...Object(service), scheduledActions: [] })),
          },
        },
        /severity low might not reach support/,
      ],
      [
        "a transform whose outcome is not known before the run",
        {
          transform: {
            policy: onlyIn("medium", (policy: { rules: unknown }) => ({
              ...policy,
              rules: pulumi.output(policy.rules),
            })),
          },
        },
        /^Whom an alert of severity medium reaches when can't be said/,
      ],
    ];
    for (const [what, more, text] of refusals) {
      it(`${what}, with an error that Pulumi shows without a stack`, async () => {
        await assert.rejects(declare(more), (error: Error) => {
          assert.ok(pulumi.RunError.isInstance(error));
          assert.match(error.message, text);
          return true;
        });
        assert.deepEqual(registered, []);
      });
    }
  });
});
