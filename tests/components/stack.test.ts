/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-return, @typescript-eslint/no-unsafe-argument -- manifests are read in depth, and what is not there fails */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import { scheduledOperations } from "../../components/kubernetes/scheduled-operations.ts";

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- manifests are read in depth
type Inputs = any;

const person = { user: "PLEAD01" };
const config = {
  "aleo-ops:network": "testnet",
  "aleo-ops:endpoints": ["https://api.example.org/v2"],
  "aleo-ops:programs": [{ program: "agent_registry_v3.aleo" }],
  "aleo-ops:maxFee": "100000000",
  "aleo-ops:proving": { mode: "delegated", url: "https://prover.example.org:8443" },
  "aleo-ops:kubeContext": "ours",
  "aleo-ops:cluster": {
    ...{ namespace: "ops", image: `ghcr.io/ours/aleo-ops@sha256:${"ab".repeat(32)}` },
    existingSecret: "our-keys",
  },
  "aleo-ops:escalation": {
    ...{ onCall: person, teamLead: person, cto: person, support: person },
    supportHours: { timeZone: "Europe/Berlin", days: [1], from: "09:00", to: "17:00" },
  },
  "aleo-ops:slackWebhook": "https://hooks.slack.example/x",
  "aleo-ops:privateKey": "a-key-of-the-stack",
  "aleo-ops:proverApiKey": "an-api-key",
  "pagerduty:serviceRegion": "eu",
};
const secrets = ["slackWebhook", "privateKey", "proverApiKey"].map((key) => `aleo-ops:${key}`);
/** They win over what a stack's file says. */
const variables = ["ALEO_NETWORK", "ALEO_NODE_URL", "PAGERDUTY_API_URL", "AWS_ENDPOINT_URL"];

describe("A stack whose private key is in a Secret of the cluster", function () {
  this.timeout(30_000);
  const jobs = scheduledOperations.map(({ id }) => `operations-${id}`);
  const declared = new Map<string, Inputs>();
  const kept = new Map(variables.map((name) => [name, process.env[name]]));

  before(async () => {
    for (const name of variables) Reflect.deleteProperty(process.env, name);
    await pulumi.runtime.setMocks(
      {
        newResource: ({ name, inputs }) => {
          declared.set(name, inputs);
          const metadata = { name: `${name}-1a2b3c4`, ...inputs.metadata };
          return { id: name, state: { ...inputs, metadata, integrationKey: `key of ${name}` } };
        },
        call: ({ inputs }) => inputs,
      },
      "aleo-ops",
      "testnet",
    );
    const texts = Object.entries(config).map(([key, value]) => [
      key,
      typeof value === "string" ? value : JSON.stringify(value),
    ]);
    pulumi.runtime.setAllConfig(Object.fromEntries(texts), secrets);
    await import("../../index.ts");
    const last = ["monitor-stateful-set", "operations-network-policy", ...jobs];
    while (!last.every((name) => declared.has(name))) await sleep(10);
  });
  after(() => {
    for (const [name, value] of kept) {
      if (value !== undefined) process.env[name] = value;
    }
    pulumi.runtime.setAllConfig({});
  });

  const containerOf = (name: string): Inputs => {
    const { spec } = declared.get(name) ?? assert.fail(`${name} is not declared`);
    const { template } = name === "monitor-stateful-set" ? spec : spec.jobTemplate.spec;
    return template.spec.containers[0];
  };
  const variablesOf = (name: string): Record<string, Inputs> =>
    Object.fromEntries(
      containerOf(name).env.map(({ name: key, value, valueFrom }: Inputs) => [
        key,
        value ?? valueFrom.secretKeyRef?.name,
      ]),
    );
  it("pages all the same: the monitor and each job have the keys that the stack makes", () => {
    for (const name of ["monitor-stateful-set", ...jobs]) {
      const own = name === "monitor-stateful-set" ? "monitor-secrets" : "operations-routes";
      const found = variablesOf(name);
      for (const severity of ["CRITICAL", "HIGH", "MEDIUM", "LOW"]) {
        assert.equal(found[`PAGERDUTY_KEY_${severity}`], `${own}-1a2b3c4`, name);
      }
      assert.equal(found.ALERT_WEBHOOK, `${own}-1a2b3c4`, name);
      assert.equal(found.SMTP_URL, "our-keys", name);
      assert.equal(found.PAGERDUTY_EVENTS_URL, "https://events.eu.pagerduty.com/v2/enqueue", name);
    }
    const { MONITOR_TOKEN: token, HEARTBEAT_URL: heartbeat } = variablesOf("monitor-stateful-set");
    assert.deepEqual([token, heartbeat], ["our-keys", "our-keys"]);
  });

  it("has the private key from there alone, though the stack holds one for itself", () => {
    for (const { id, needsKey } of scheduledOperations) {
      const { ALEO_PRIVATE_KEY: key } = variablesOf(`operations-${id}`);
      assert.equal(key, needsKey ? "our-keys" : undefined, id);
    }
    assert.ok(!JSON.stringify([...declared.values()]).includes("a-key-of-the-stack"));
    assert.equal(
      variablesOf("operations-withdrawals").ALEO_PROVER_API_KEY,
      "operations-key-1a2b3c4",
    );
  });

  it("tells the jobs where the monitor is and which programs are declared", () => {
    const found = variablesOf("operations-health-check");
    assert.equal(found.MONITOR_URL, "http://monitor.ops.svc:8080");
    assert.ok(found.MONITOR_PROGRAMS !== undefined);
    const [, , toMonitor] = declared.get("operations-network-policy").spec.egress;
    assert.deepEqual(toMonitor.ports, [{ protocol: "TCP", port: 8080 }]);
  });
});
