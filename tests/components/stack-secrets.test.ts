import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { eventsUrl } from "../../components/alerts/events-url.ts";
import {
  stackSecrets,
  type StackSecretsOptions,
  webhookOf,
} from "../../components/kubernetes/stack-secrets.ts";
import { unwatched } from "../../components/monitoring/soundness.ts";

describe("The secrets of a stack", () => {
  const secretIn = (keys: readonly string[]) => (key: string) =>
    keys.includes(key) ? pulumi.secret(key) : undefined;
  const secretsOf = (keys: readonly string[], more: Partial<StackSecretsOptions> = {}) =>
    stackSecrets({
      ...{ secret: secretIn(keys), existing: undefined, sendsMail: false, hasProver: false },
      ...more,
    });
  const namesIn = (source: { values?: object | undefined } | undefined) =>
    Object.keys(source?.values ?? {}).sort();
  const routes = { PAGERDUTY_KEY_CRITICAL: "key-c", ALERT_WEBHOOK: "https://x" };
  const refusesFor = (missing: string, declare: () => unknown) => {
    assert.throws(declare, (error: unknown) => {
      assert.ok(pulumi.RunError.isInstance(error));
      assert.match(
        error.message,
        new RegExp(`is set, and .*aleo-ops:${missing} is not.*\\n.*What to do: Set it`),
      );
      return true;
    });
  };

  it("reach the monitor and the jobs, each what it needs", () => {
    const all = [
      ...["privateKey", "smtpUrl", "heartbeatUrl", "dashboardToken", "proverApiKey"],
      ...["proverConsumerId", "backupAccessKeyId", "backupSecretAccessKey"],
    ];
    const secrets = secretsOf(all, { sendsMail: true, hasProver: true });
    assert.deepEqual(namesIn(secrets.monitor(routes)), [
      ...["ALERT_WEBHOOK", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "HEARTBEAT_URL"],
      ...["MONITOR_TOKEN", "PAGERDUTY_KEY_CRITICAL", "SMTP_URL"],
    ]);
    assert.deepEqual(namesIn(secrets.routes(routes)), [
      ...["ALERT_WEBHOOK", "PAGERDUTY_KEY_CRITICAL", "SMTP_URL"],
    ]);
    assert.deepEqual(namesIn(secrets.key), [
      ...["ALEO_PRIVATE_KEY", "ALEO_PROVER_API_KEY", "ALEO_PROVER_CONSUMER_ID"],
    ]);
    assert.deepEqual(namesIn(secrets.credentials), ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]);
    assert.deepEqual(namesIn(secretsOf(all, { sendsMail: true }).key), ["ALEO_PRIVATE_KEY"]);
  });

  it("that are not set leave out what they are for", () => {
    const { key, credentials } = secretsOf([]);
    assert.deepEqual([key, credentials], [undefined, undefined]);
  });

  it("are all there beside an existing Secret, but for the private key, which that one holds", () => {
    const existing = "our-keys";
    const secrets = secretsOf(["privateKey", "heartbeatUrl"], { existing, sendsMail: true });
    assert.deepEqual(secrets.monitor(routes).existing, existing);
    assert.deepEqual(namesIn(secrets.monitor(routes)), [
      ...["ALERT_WEBHOOK", "HEARTBEAT_URL", "PAGERDUTY_KEY_CRITICAL"],
    ]);
    assert.deepEqual(secrets.routes(routes), { values: routes, existing });
    assert.deepEqual(secrets.key, { values: {}, existing });
    assert.deepEqual(secrets.credentials, { values: {}, existing });
  });

  it("of which one does nothing without another are refused, and the missing one is named", () => {
    refusesFor("webhookSecret", () => webhookOf(secretIn(["webhookUrl"])));
    refusesFor("webhookUrl", () => webhookOf(secretIn(["webhookSecret"])));
    assert.equal(webhookOf(secretIn([])), undefined);
    assert.ok(webhookOf(secretIn(["webhookUrl", "webhookSecret"])) !== undefined);
    refusesFor("backupSecretAccessKey", () => secretsOf(["backupAccessKeyId"]));
    refusesFor("backupAccessKeyId", () => secretsOf(["backupSecretAccessKey"]));
    refusesFor("smtpUrl", () => secretsOf([], { sendsMail: true }));
    refusesFor("mail", () => secretsOf(["smtpUrl"]));
  });
});

describe("The address of PagerDuty's events", () => {
  const cases: [apiUrl: string | undefined, region: string | undefined, url: string | undefined][] =
    [
      [undefined, undefined, undefined],
      [undefined, "us", undefined],
      [undefined, "eu", "https://events.eu.pagerduty.com/v2/enqueue"],
      ["https://api.pagerduty.com", undefined, undefined],
      ["https://api.eu.pagerduty.com", undefined, "https://events.eu.pagerduty.com/v2/enqueue"],
      ["https://api.pagerduty.com", "eu", "https://events.eu.pagerduty.com/v2/enqueue"],
      ["http://127.0.0.1:5055", undefined, "http://127.0.0.1:5055/v2/enqueue"],
      ["https://notpagerduty.com", undefined, "https://notpagerduty.com/v2/enqueue"],
    ];
  for (const [apiUrl, region, url] of cases) {
    it(`is ${url ?? "the usual one"} for ${apiUrl ?? "the usual API"} in ${region ?? "no region"}`, () => {
      assert.equal(eventsUrl(apiUrl, region), url);
    });
  }
});

describe("A monitor that nobody watches", () => {
  const monitor = {
    ...({ network: "testnet", namespace: "aleo-ops", image: "x@sha256:…" } as const),
    ...{ endpoints: [], rules: {}, programs: {} },
  };

  it("is warned of on a public network, and what would watch it is named", () => {
    const warning = unwatched(monitor);
    assert.match(warning ?? "", /monitor of testnet is dead/);
    assert.match(warning ?? "", /What to do: Set the secret heartbeatUrl .* or monitoring/);
    assert.equal(unwatched({ ...monitor, network: "local" }), undefined);
    assert.equal(unwatched({ ...monitor, monitoring: {} }), undefined);
    const values = { HEARTBEAT_URL: "https://x" };
    assert.equal(unwatched({ ...monitor, secrets: { values } }), undefined);
    assert.equal(unwatched({ ...monitor, secrets: { existing: "our-keys" } }), undefined);
  });
});
