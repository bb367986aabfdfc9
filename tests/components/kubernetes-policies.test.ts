import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { ResourceRule } from "../../policies/rule.ts";
import { containersAreLimited } from "../../policies/rules/containers-are-limited.ts";
import { containersAreNotRoot } from "../../policies/rules/containers-are-not-root.ts";
import { imagesArePinned } from "../../policies/rules/images-are-pinned.ts";
import { secretsAreNotInPlainText } from "../../policies/rules/secrets-are-not-in-plain-text.ts";
import { broken, declare } from "../policies/declare.ts";
import { type Declaration, declaredBy, mockResources } from "./declared.ts";

const common = {
  network: "testnet",
  namespace: "aleo-ops",
  image: `ghcr.io/example/aleo-ops@sha256:${"ab".repeat(32)}`,
  endpoints: ["https://api.example.org/v2"],
} as const;

describe("the policies of every stack, on the components of the cluster", () => {
  const declarations: Declaration[] = [];

  before(async () => {
    await mockResources();
    const { ContractMonitor } = await import("../../components/contract-monitor.ts");
    const { OperationsSchedule } = await import("../../components/operations-schedule.ts");
    const monitor = await declaredBy(
      (options) =>
        new ContractMonitor(
          "monitor",
          {
            ...common,
            rules: { "testnet.yaml": "rules: []" },
            programs: {},
            dashboardHost: "monitor.example.org",
            secrets: { values: { PAGERDUTY_KEY_HIGH: pulumi.secret("c".repeat(32)) } },
          },
          options,
        ),
    );
    const schedule = await declaredBy(
      (options) =>
        new OperationsSchedule(
          "operations",
          {
            ...common,
            monitorUrl: "http://monitor:8080",
            key: { values: { ALEO_PRIVATE_KEY: pulumi.secret("APrivateKey1zkpNotAKey") } },
            backups: {
              store: "s3://backups",
              environment: { BACKUP_KMS_KEY: "arn:aws:kms:eu-central-1:123456789012:key/1" },
              credentials: {
                values: { AWS_ACCESS_KEY_ID: "id", AWS_SECRET_ACCESS_KEY: pulumi.secret("s") },
              },
            },
          },
          options,
        ),
    );
    declarations.push(monitor, schedule);
  });

  const rules: readonly ResourceRule[] = [
    containersAreLimited,
    containersAreNotRoot,
    imagesArePinned,
    secretsAreNotInPlainText,
  ];
  for (const rule of rules) {
    it(`finds nothing that breaks ${rule.name}`, () => {
      const found = declarations
        .flatMap(({ all }) => all)
        .filter(({ type }) => type.startsWith("kubernetes:"))
        .flatMap(({ type, name, inputs }) =>
          broken(rule, declare(type, name, inputs as Record<string, never>, { stack: "testnet" })),
        );
      assert.deepEqual(found, []);
    });
  }
});
