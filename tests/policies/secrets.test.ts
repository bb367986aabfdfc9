import assert from "node:assert/strict";
import { type Properties, unknown } from "../../policies/known.ts";
import { secretsAreNotInPlainText } from "../../policies/rules/secrets-are-not-in-plain-text.ts";
import { broken, declare } from "./declare.ts";

const podWith = (container: Properties) =>
  declare("kubernetes:apps/v1:StatefulSet", "monitor", {
    spec: { template: { spec: { containers: [{ name: "main", ...container }] } } },
  });
const services = "services";
const withVariable = (name: string, value: Properties) => podWith({ env: [{ name, ...value }] });

/** Put together here, so that no scanner takes this file for a leak. */
const secrets: readonly (readonly [kind: string, text: string])[] = [
  ["an Aleo private key", `APrivateKey1${"z".repeat(47)}`],
  ["an Aleo view key", `AViewKey1${"m".repeat(44)}`],
  ["an AWS access key", `AKIA${"ABCD".repeat(4)}`],
  ["a PagerDuty API key", `u+${"aB3_".repeat(4)}x-`],
  ["a PagerDuty integration key", "0123456789abcdef".repeat(2)],
  ["a PagerDuty integration key", `R${"0A".repeat(15)}1`],
  ["a Slack webhook", `https://hooks.slack.com/${services}/T0/B0/xyz`],
  ["a Slack token", `xoxb-${"12".repeat(5)}`],
  ["a GitHub token", `ghp_${"a1".repeat(18)}`],
  ["a private key", `-----BEGIN ${"RSA ".repeat(1)}PRIVATE KEY-----\nMII`],
  ["a JSON web token", `eyJ${"abcd".repeat(2)}.eyJ${"efgh".repeat(2)}.c2ln`],
  ["a URL with a password", `postgres://user:${"hush".repeat(1)}@db.example.org/x`],
];

describe("a secret in plain text", () => {
  for (const [kind, text] of secrets) {
    it(`is known as ${kind} by its form, and is not repeated`, () => {
      const found = broken(secretsAreNotInPlainText, withVariable("SETTING", { value: text }));
      assert.deepEqual(found, [
        `container main has the variable SETTING, which looks like ${kind}.`,
      ]);
      const all = secretsAreNotInPlainText.violations(withVariable("SETTING", { value: text }));
      assert.doesNotMatch(
        JSON.stringify(all.map(({ what, why, remedy }) => [what, why, remedy])),
        new RegExp(text.slice(-6).replaceAll("+", "\\+")),
      );
    });
  }

  for (const name of [
    "ALEO_PRIVATE_KEY",
    "PAGERDUTY_TOKEN",
    "SECRET_OF_MINE",
    "DB_PASSWORD",
    "PULUMI_CONFIG_PASSPHRASE",
    "api_key",
    "PASSWORD",
    "AWS_CREDENTIALS",
  ]) {
    it(`is known by the name ${name}`, () => {
      assert.deepEqual(broken(secretsAreNotInPlainText, withVariable(name, { value: "x" })), [
        `container main has the variable ${name}, whose name says that it is a secret.`,
      ]);
    });
  }

  for (const [name, value] of [
    ["ALEO_PRIVATE_KEY", { valueFrom: { secretKeyRef: { name: "keys", key: "private" } } }],
    ["ALEO_PRIVATE_KEY", { value: "" }],
    ["ALEO_PRIVATE_KEY", { value: unknown }],
    ["AWS_WEB_IDENTITY_TOKEN_FILE", { value: "/var/run/secrets/token" }],
    ["KMS_KEY_ARN", { value: "arn:aws:kms:eu-west-1:1:key/2" }],
    ["SECRET_NAME", { value: "monitor" }],
    ["SIGNING_PUBLIC_KEY", { value: "abc" }],
    ["ALEO_NODE_URL", { value: "https://api.example.org/v2" }],
    ["S3_PREFIX", { value: "s3://bucket/key" }],
    ["MONKEY", { value: "x" }],
    ["COMMIT", { value: "0123456789".repeat(4) }],
  ] as const) {
    it(`is not seen in ${name}=${JSON.stringify(value, (_, part: unknown) => (typeof part === "symbol" ? "?" : part))}`, () => {
      assert.deepEqual(broken(secretsAreNotInPlainText, withVariable(name, value)), []);
    });
  }

  it("is found in a command and its arguments", () => {
    const key = `APrivateKey1${"z".repeat(47)}`;
    const resource = podWith({ command: ["node", "x"], args: ["--key", key] });
    assert.deepEqual(broken(secretsAreNotInPlainText, resource), [
      "container main has an Aleo private key in its args.",
    ]);
  });

  it("is found in a ConfigMap, whose entries may become variables", () => {
    const data = {
      "rules.yaml": "rules: []\n",
      API_TOKEN: "x",
      "notify.yaml": `slack: https://hooks.slack.com/${services}/T0/B0/xyz\n`,
    };
    assert.deepEqual(
      broken(secretsAreNotInPlainText, declare("kubernetes:core/v1:ConfigMap", "rules", { data })),
      [
        "the entry API_TOKEN, whose name says that it is a secret.",
        "the entry notify.yaml, which looks like a Slack webhook.",
      ],
    );
  });

  it("is where it belongs in a Secret", () => {
    const secret = declare("kubernetes:core/v1:Secret", "keys", { stringData: { API_TOKEN: "x" } });
    assert.deepEqual(broken(secretsAreNotInPlainText, secret), []);
  });
});
