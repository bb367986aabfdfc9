/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-return, @typescript-eslint/no-unsafe-argument -- manifests are read in depth, and what is not there fails */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { execa } from "execa";
import {
  type ScheduledOperation,
  scheduledOperations,
} from "../../components/kubernetes/scheduled-operations.ts";
import type { OperationsScheduleArgs } from "../../components/operations-schedule.ts";
import { projectDirectory } from "../../local/paths.ts";
import { type Declaration, declaredBy, mockResources, refuses, valueOf } from "./declared.ts";

const digest = `ghcr.io/example/aleo-ops@sha256:${"ab".repeat(32)}`;
const key = "APrivateKey1zkpNotAKey";
const secretMark = "1b47061264138c4ac30d75fd1eb44270";

const smallest: OperationsScheduleArgs = {
  network: "testnet",
  namespace: "aleo-ops",
  image: digest,
  endpoints: ["https://api.example.org/v2"],
};
const whole: Partial<OperationsScheduleArgs> = {
  backups: {
    store: "s3://backups",
    appenderRole: "arn:aws:iam::123456789012:role/appender",
    readerRole: "arn:aws:iam::123456789012:role/reader",
    verifierRole: "arn:aws:iam::123456789012:role/verifier",
    environment: { AWS_REGION: "eu-central-1" },
  },
  key: { values: { ALEO_PRIVATE_KEY: pulumi.secret(key) } },
  monitorUrl: "http://monitor.aleo-ops.svc:8080",
};
const ids = scheduledOperations.map(({ id }) => id);

describe("OperationsSchedule", () => {
  let OperationsSchedule: typeof import("../../components/operations-schedule.ts").OperationsSchedule;

  before(async () => {
    await mockResources();
    ({ OperationsSchedule } = await import("../../components/operations-schedule.ts"));
  });

  const scheduleOf = (args: Partial<OperationsScheduleArgs> = {}): Promise<Declaration> =>
    declaredBy(
      (options) => new OperationsSchedule("operations", { ...smallest, ...args }, options),
    );
  const jobOf = (declaration: Declaration, id: string) =>
    declaration.find(`operations-${id}`).inputs.spec;
  const podOf = (declaration: Declaration, id: string) =>
    jobOf(declaration, id).jobTemplate.spec.template.spec;
  const variablesOf = (declaration: Declaration, id: string): Record<string, unknown> =>
    Object.fromEntries(
      podOf(declaration, id).containers[0].env.map(
        ({ name, value, valueFrom }: Record<string, unknown>) => [name, value ?? valueFrom],
      ),
    );

  const portsOf = (declaration: Declaration): number[] =>
    declaration
      .find("operations-network-policy")
      .inputs.spec.egress[1].ports.map(({ port }: { port: number }) => port);

  it("declares one CronJob an operation, four service accounts and a network policy, named after it", async () => {
    const declaration = await scheduleOf();
    assert.deepEqual(
      declaration.names(),
      [
        "operations",
        "operations-network-policy",
        ...["backup-appender", "backup-reader", "backup-verifier", "operation"].map(
          (one) => `operations-${one}`,
        ),
        ...ids.map((id) => `operations-${id}`),
      ].sort(),
    );
    assert.equal(declaration.find("operations").type, "aleops:operations:OperationsSchedule");
    for (const { name, parent, inputs } of declaration.all) {
      assert.equal(parent, name === "operations" ? undefined : "operations", name);
      if (name !== "operations") assert.equal(inputs.metadata.namespace, "aleo-ops", name);
    }
    for (const id of ids) {
      assert.equal(declaration.find(`operations-${id}`).type, "kubernetes:batch/v1:CronJob");
      assert.equal(declaration.find(`operations-${id}`).inputs.metadata.name, id);
    }
  });

  it("runs never two of one at a time, none for ever, and keeps the last ones to look at", async () => {
    const declaration = await scheduleOf();
    for (const { id, command, severity, deadlineSeconds, retries } of scheduledOperations) {
      const job = jobOf(declaration, id);
      assert.equal(job.concurrencyPolicy, "Forbid", id);
      assert.ok(job.startingDeadlineSeconds > 0, id);
      assert.ok(job.successfulJobsHistoryLimit > 0 && job.failedJobsHistoryLimit > 0, id);
      const { spec } = job.jobTemplate;
      assert.ok(spec.activeDeadlineSeconds > 0 && spec.backoffLimit >= 0, id);
      const [rule] = spec.podFailurePolicy.rules;
      assert.deepEqual([rule.action, rule.onExitCodes.values], ["FailJob", [1, 2, 3, 4]], id);
      const pod = podOf(declaration, id);
      assert.equal(rule.onExitCodes.containerName, pod.containers[0].name, id);
      assert.equal(pod.restartPolicy, "Never", id);
      const args = pod.containers[0].args as string[];
      assert.deepEqual(args.slice(args.indexOf("--") + 1), command, id);
      const [how, name, ...options] = args.slice(0, args.indexOf("--"));
      assert.deepEqual([how, name], ["scheduled", id]);
      const valueAfter = (option: string) => options[options.indexOf(option) + 1] ?? "";
      assert.equal(valueAfter("--network"), "testnet", id);
      assert.equal(valueAfter("--severity"), severity, id);
      assert.equal(valueAfter("--retries"), String(retries), id);
      // It tells that it took too long before Kubernetes ends it.
      const minutes = Number(valueAfter("--minutes"));
      assert.ok(minutes >= 1 && minutes * 60 <= deadlineSeconds - 60, id);
      assert.ok(existsSync(join(projectDirectory, valueAfter("--runbook"))), id);
    }
  });

  it("gives no pod a right that it does not need", async () => {
    const declaration = await scheduleOf(whole);
    for (const id of ids) {
      const pod = podOf(declaration, id);
      assert.equal(pod.automountServiceAccountToken, false, id);
      assert.equal(pod.securityContext.runAsNonRoot, true, id);
      assert.deepEqual(pod.securityContext.seccompProfile, { type: "RuntimeDefault" }, id);
      const { securityContext, resources, volumeMounts } = pod.containers[0];
      assert.equal(securityContext.readOnlyRootFilesystem, true, id);
      assert.equal(securityContext.allowPrivilegeEscalation, false, id);
      assert.deepEqual(securityContext.capabilities, { drop: ["ALL"] }, id);
      assert.ok(resources.limits.memory !== undefined && resources.limits.cpu !== undefined, id);
      assert.deepEqual(volumeMounts[0], { name: "tmp", mountPath: "/tmp" }, id);
    }
    const { spec } = declaration.find("operations-network-policy").inputs;
    assert.deepEqual(spec.policyTypes, ["Ingress", "Egress"]);
    assert.equal(spec.ingress, undefined);
    assert.deepEqual(spec.podSelector.matchLabels, {
      "app.kubernetes.io/name": "aleo-ops",
      "app.kubernetes.io/component": "operation",
    });
    const { labels } = jobOf(declaration, "backup").jobTemplate.spec.template.metadata;
    assert.equal(labels["app.kubernetes.io/component"], "operation");
  });

  it("lets each job do with backups what it must, and no more", async () => {
    const declaration = await scheduleOf(whole);
    const accounts = {
      appender: "backup-appender",
      reader: "backup-reader",
      verifier: "backup-verifier",
      none: "operation",
    };
    for (const { id, backups } of scheduledOperations) {
      assert.equal(podOf(declaration, id).serviceAccountName, accounts[backups], id);
      const { BACKUP_STORE: store, AWS_REGION: region } = variablesOf(declaration, id);
      assert.deepEqual(
        [store, region],
        backups === "none" ? [undefined, undefined] : ["s3://backups", "eu-central-1"],
        id,
      );
    }
    const roleOf = (account: string) =>
      declaration.find(`operations-${account}`).inputs.metadata.annotations[
        "eks.amazonaws.com/role-arn"
      ];
    assert.match(roleOf("backup-appender"), /appender$/);
    assert.match(roleOf("backup-reader"), /reader$/);
    assert.match(roleOf("backup-verifier"), /verifier$/);
    assert.equal(roleOf("operation"), undefined);
    // Without reading, each backup would begin with the deployment, and end at its deadline.
    assert.equal(podOf(declaration, "backup").serviceAccountName, "backup-appender");
  });

  it("gives the key to the jobs that sign, and to nothing else", async () => {
    const declaration = await scheduleOf(whole);
    for (const { id, needsKey } of scheduledOperations) {
      assert.deepEqual(
        variablesOf(declaration, id).ALEO_PRIVATE_KEY,
        needsKey
          ? { secretKeyRef: { name: "operations-key-1a2b3c4", key: "ALEO_PRIVATE_KEY" } }
          : undefined,
        id,
      );
    }
    const holders = declaration.all.filter(({ inputs }) =>
      JSON.stringify(inputs ?? {}).includes(key),
    );
    assert.deepEqual(
      holders.map(({ name }) => name),
      ["operations-key"],
    );
    assert.ok(declaration.find("operations-key").marked.includes(secretMark));
    const existing = await scheduleOf({ key: { existing: "keys" } });
    assert.ok(!existing.names().includes("operations-key"));
    assert.deepEqual(variablesOf(existing, "withdrawals").ALEO_PRIVATE_KEY, {
      secretKeyRef: { name: "keys", key: "ALEO_PRIVATE_KEY", optional: true },
    });
  });

  it("keeps the journal of the jobs that sign, so that a run after a killed one pays nothing twice", async () => {
    const declaration = await scheduleOf(whole);
    for (const { id, needsKey } of scheduledOperations) {
      const { containers, volumes } = podOf(declaration, id);
      assert.deepEqual(
        [containers[0].volumeMounts[1], volumes[1]],
        needsKey
          ? [
              { name: "journal", mountPath: "/app/.state/journal" },
              { name: "journal", persistentVolumeClaim: { claimName: "journal" } },
            ]
          : [undefined, undefined],
        id,
      );
    }
    assert.ok(!(await scheduleOf()).names().includes("operations-journal"));
    assert.equal(declaration.find("operations-journal").inputs.spec.storageClassName, undefined);
    const named = (await scheduleOf({ ...whole, storageClass: "gp3" })).find("operations-journal");
    assert.equal(named.inputs.spec.storageClassName, "gp3");
  });

  it("lets the jobs that ask the monitor reach it, and the others not know of it", async () => {
    const monitorUrl = "http://monitor.aleo-ops.svc:9000";
    const declaration = await scheduleOf({ ...whole, monitorUrl });
    for (const { id, monitor } of scheduledOperations) {
      assert.equal(
        variablesOf(declaration, id).MONITOR_URL,
        monitor === "none" ? undefined : monitorUrl,
        id,
      );
    }
    const rules = (one: Declaration) => one.find("operations-network-policy").inputs.spec.egress;
    assert.deepEqual(rules(declaration).at(-1).ports, [{ protocol: "TCP", port: 9000 }]);
    assert.deepEqual(rules(declaration).slice(0, -1), rules(await scheduleOf()));
  });

  it("lets each job tell whom the monitor tells, so that a failed one is an alert", async () => {
    const declaration = await scheduleOf({
      ...whole,
      routes: {
        values: { PAGERDUTY_KEY_MEDIUM: pulumi.secret("key-m"), ALERT_WEBHOOK: "https://x" },
        existing: "our-keys",
      },
      mail: { from: "jobs@example.org", to: ["ops@example.org"], port: 465 },
    });
    for (const id of ids) {
      const variables = variablesOf(declaration, id);
      for (const name of ["PAGERDUTY_KEY_MEDIUM", "ALERT_WEBHOOK"]) {
        assert.deepEqual(variables[name], {
          secretKeyRef: { name: "operations-routes-1a2b3c4", key: name },
        });
      }
      assert.deepEqual(variables.SMTP_URL, {
        secretKeyRef: { name: "our-keys", key: "SMTP_URL", optional: true },
      });
      assert.equal(variables.ALERT_MAIL_TO, "ops@example.org", id);
    }
    assert.ok(declaration.find("operations-routes").marked.includes(secretMark));
    assert.deepEqual(portsOf(declaration), [443, 465]);
  });

  it("tells each job which programs the stack declares, where it is given", async () => {
    const declaration = await scheduleOf({ ...whole, programs: "monitor-programs" });
    for (const id of ids) {
      const { containers, volumes } = podOf(declaration, id);
      const file = String(variablesOf(declaration, id).MONITOR_PROGRAMS);
      const mount = containers[0].volumeMounts.at(-1);
      assert.ok(file.startsWith(`${mount.mountPath}/`), id);
      assert.deepEqual(
        volumes.find(({ name }: { name: string }) => name === mount.name).configMap,
        { name: "monitor-programs" },
        id,
      );
    }
    assert.equal(variablesOf(await scheduleOf(whole), "audit").MONITOR_PROGRAMS, undefined);
  });

  it("lets the jobs that sign reach a prover, and keeps what they have for proofs made here", async () => {
    const values = { ALEO_PRIVATE_KEY: key, ALEO_PROVER_API_KEY: pulumi.secret("api-key") };
    const proverUrl = "https://prover.example.org:8443";
    const declaration = await scheduleOf({ ...whole, key: { values }, proverUrl });
    assert.deepEqual(portsOf(declaration), [443, 8443]);
    for (const { id, needsKey } of scheduledOperations) {
      const { ALEO_PROVER_API_KEY: apiKey, XDG_CACHE_HOME: cache } = variablesOf(declaration, id);
      assert.equal(apiKey !== undefined, needsKey, id);
      assert.equal(cache, needsKey ? "/app/.state/journal/cache" : "/tmp/cache", id);
    }
  });

  it("hands credentials of AWS to the jobs that use backups, where there is no role", async () => {
    const declaration = await scheduleOf({
      backups: {
        store: "s3://backups",
        credentials: { values: { AWS_ACCESS_KEY_ID: "id", AWS_SECRET_ACCESS_KEY: "secret-text" } },
      },
    });
    assert.ok(variablesOf(declaration, "backup").AWS_SECRET_ACCESS_KEY !== undefined);
    assert.equal(variablesOf(declaration, "docs-check").AWS_SECRET_ACCESS_KEY, undefined);
    assert.equal(
      declaration.find("operations-backup-credentials").inputs.stringData.AWS_SECRET_ACCESS_KEY,
      "secret-text",
    );
  });

  it("takes schedules and the time zone from the settings, and its own for the rest", async () => {
    const declaration = await scheduleOf({
      timeZone: "Europe/Berlin",
      times: { backup: "15 2 * * MON-FRI", "health-check": "@hourly" },
    });
    assert.equal(jobOf(declaration, "backup").schedule, "15 2 * * MON-FRI");
    assert.equal(jobOf(declaration, "health-check").schedule, "@hourly");
    assert.equal(jobOf(declaration, "audit").schedule, "0 7 1 * *");
    for (const id of ids) assert.equal(jobOf(declaration, id).timeZone, "Europe/Berlin", id);
    const own = await scheduleOf();
    assert.equal(jobOf(own, "health-check").schedule, "0 9 * * *");
    assert.equal(jobOf(own, "health-check").timeZone, "UTC");
  });

  it("takes further variables for every job, and the endpoints of the stack", async () => {
    const declaration = await scheduleOf({ environment: { ALERT_LANGUAGE: "en" } });
    for (const id of ids) {
      const variables = variablesOf(declaration, id);
      assert.equal(variables.ALERT_LANGUAGE, "en", id);
      assert.equal(variables.ALEO_NETWORK, "testnet", id);
      assert.equal(variables.ALEO_NODE_URL, "https://api.example.org/v2", id);
    }
  });

  it("suspends what can't run: no key, no backup store, no monitor", async () => {
    const suspended = async (args: Partial<OperationsScheduleArgs>) => {
      const declaration = await scheduleOf(args);
      return ids.filter((id) => jobOf(declaration, id).suspend === true);
    };
    const named = (which: (operation: ScheduledOperation) => boolean) =>
      scheduledOperations.filter(which).map(({ id }) => id);
    assert.deepEqual(await suspended(whole), []);
    assert.deepEqual(
      await suspended({}),
      named(
        (one) =>
          one.needsKey || one.monitor === "needed" || !["none", "reader"].includes(one.backups),
      ),
    );
  });

  it("says what runs when, and what does not", async () => {
    let schedule: InstanceType<typeof OperationsSchedule> | undefined;
    await declaredBy((options) => {
      schedule = new OperationsSchedule(
        "operations",
        { ...smallest, times: { "health-check": "0 8 * * *" } },
        options,
      );
      return schedule;
    });
    assert.ok(schedule !== undefined);
    const { schedules, suspended } = schedule;
    assert.equal((await valueOf(schedules))["health-check"], "0 8 * * *");
    assert.deepEqual(
      [...Object.keys(await valueOf(schedules)), ...(await valueOf(suspended))].sort(),
      [...ids].sort(),
    );
  });

  it("lets each child be changed beyond its arguments", async () => {
    const labelled = <Args extends { metadata?: unknown }>(args: Args): Args => ({
      ...args,
      metadata: { ...(args.metadata as object), annotations: { touched: "yes" } },
    });
    const declaration = await scheduleOf({
      ...whole,
      transform: {
        cronJob: labelled,
        serviceAccount: labelled,
        networkPolicy: labelled,
        secret: labelled,
        journal: labelled,
      },
    });
    for (const { name, inputs } of declaration.all) {
      if (name !== "operations") assert.equal(inputs.metadata.annotations.touched, "yes", name);
    }
  });

  it("has schedules of its own that are sound", async () => {
    const times = Object.fromEntries(scheduledOperations.map(({ id, schedule }) => [id, schedule]));
    await scheduleOf({ times });
  });

  it("never takes longer than the time to the next run where that is soon", () => {
    for (const { id, schedule, deadlineSeconds } of scheduledOperations) {
      const everyMinutes = /^\*\/(\d+) \* \* \* \*$/.exec(schedule)?.[1];
      if (everyMinutes !== undefined) assert.ok(deadlineSeconds < Number(everyMinutes) * 60, id);
    }
  });

  describe("and the command line", () => {
    const cli = join(projectDirectory, "operations", "cli.ts");

    /** Help of a command that is not there is the help of what is above it. */
    async function offers(command: readonly string[]): Promise<boolean> {
      const words = command.filter((word) => /^[a-z-]+$/.test(word) && !word.startsWith("-"));
      const options = command.filter((word) => word.startsWith("--"));
      const { stdout } = await execa(process.execPath, [cli, ...words, "--help"], {
        reject: false,
      });
      return (
        stdout.startsWith(`Usage: aleo-ops ${words.join(" ")} `) &&
        options.every((option) => stdout.includes(option))
      );
    }

    it("has each of the operations", async () => {
      for (const { command } of scheduledOperations) {
        assert.ok(await offers(command), `aleo-ops ${command.join(" ")}`);
      }
    });
  });

  const times = (schedule: string) => ({ times: { backup: schedule } });
  const refusals: [what: string, args: Partial<OperationsScheduleArgs>, text: RegExp][] = [
    [
      "an operation that is not scheduled",
      { times: { backups: "@daily" } },
      /^times \(of aleo-ops:schedules\) names the operation "backups".*\n.*backup-verification/,
    ],
    [
      "six fields",
      times("0 0 9 * * *"),
      /^times\.backup \(of aleo-ops:schedules\) is "0 0 9 \* \* \*": it has 6 fields/,
    ],
    ["four fields", times("0 9 * *"), /it has 4 fields/],
    ["an hour that no day has", times("0 24 * * *"), /^times\.backup .*"0 24 \* \* \*"/],
    ["Sunday as 7", times("0 9 * * 7"), /can't read "7"/],
    ["the last day", times("0 9 L * *"), /can't read "L"/],
    ["the second Monday", times("0 9 * * MON#2"), /can't read "MON#2"/],
    ["the nearest weekday", times("0 9 15W * *"), /can't read "15W"/],
    ["a range backwards", times("0 9 * * FRI-MON"), /^times\.backup /],
    ["a step of nothing", times("*/0 * * * *"), /can't read "\*\/0"/],
    ["a day that never comes", times("0 9 31 2 *"), /there is no such day/],
    ["a macro that Kubernetes has not got", times("@reboot"), /documents no such macro/],
    ["a time zone in the schedule", times("TZ=UTC 0 9 * * *"), /it has 6 fields/],
    ["a text", times("every day"), /it has 2 fields/],
    [
      "a time zone that does not exist",
      { timeZone: "Europe/Bonn" },
      /^timeZone \(of aleo-ops:schedules\) is "Europe\/Bonn": No such time zone\./,
    ],
    ["a time zone in another case", { timeZone: "europe/berlin" }, /did you mean Europe\/Berlin\?/],
    ["an offset for a time zone", { timeZone: "+01:00" }, /No such time zone/],
    [
      "an image without a digest on a public network",
      { image: "aleo-ops:1" },
      /is not pinned by its digest/,
    ],
    ["a variable of no such name", { environment: { "a-b": "x" } }, /^environment names "a-b"/],
    ["an endpoint that is no URL", { endpoints: ["node"] }, /^"node" is not a URL/],
  ];
  for (const [what, args, text] of refusals) {
    it(`refuses ${what}`, async () => {
      await refuses(
        (options) => new OperationsSchedule("operations", { ...smallest, ...args }, options),
        text,
      );
    });
  }
});
