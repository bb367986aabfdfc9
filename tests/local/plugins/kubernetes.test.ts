import assert from "node:assert/strict";
import { requireSchedule, requireTimeZone } from "../../../components/kubernetes/cron.ts";
import { freePort } from "../../../local/ports.ts";
import type { PulumiProject } from "../../support/pulumi-project.ts";
import { type ClusterWithProject, createClusterWithProject } from "./kubernetes-cluster.ts";

interface Stack {
  readonly monitor?: string;
  readonly options?: string;
  readonly schedule?: string;
  readonly more?: string;
}

describe("the kubernetes plugin on a real cluster", function () {
  this.timeout(180_000);
  let whole: ClusterWithProject;
  let project: PulumiProject;
  let port: number;

  before(async () => {
    whole = await createClusterWithProject();
    ({ project } = whole);
    port = await freePort();
  });
  after(async () => {
    await whole.dispose();
  });

  const program = ({ monitor = "", options = "", schedule = "", more = "" }: Stack) => `
    import * as pulumi from "@pulumi/pulumi";
    import { clusterProvider } from "./components/kubernetes/cluster-provider.ts";
    import { ContractMonitor } from "./components/contract-monitor.ts";
    import { OperationsSchedule } from "./components/operations-schedule.ts";

    const providers = { kubernetes: clusterProvider("cluster", undefined) };
    const common = { network: "local", image: "aleo-ops:test", endpoints: ["http://127.0.0.1:3030"] };
    const monitor = new ContractMonitor("monitor", {
      ...common,
      namespace: "watched",
      rules: { "local.yaml": "rules: {}" },
      port: ${port},
      secrets: { values: { ALERT_WEBHOOK: pulumi.secret("https://example.org/first-secret") } },
      ${monitor}
    }, { providers, ${options} });
    const schedule = new OperationsSchedule("operations", {
      ...common,
      namespace: monitor.namespace,
      monitorUrl: monitor.url,
      backups: { store: "s3://backups" },
      ${schedule}
    }, { providers });
    export const suspended = schedule.suspended;
    ${more}
  `;
  const up = async (stack: Stack = {}, args: readonly string[] = []) => {
    project.write(program(stack));
    const { code, stdout, stderr } = await project.pulumi([
      "up",
      "--yes",
      "--skip-preview",
      "--stack",
      project.stack,
      ...args,
    ]);
    assert.equal(code, 0, stdout + stderr);
    return stdout;
  };
  const fails = async (stack: Stack) => {
    project.write(program(stack));
    const { code, stdout, stderr } = await project.up();
    assert.notEqual(code, 0, stdout);
    return stdout + stderr;
  };
  const preview = async (stack: Stack) => {
    project.write(program(stack));
    const { code, stdout, stderr } = await project.preview();
    assert.equal(code, 0, stdout + stderr);
    return stdout;
  };
  const inNamespace = (...args: string[]) => whole.kubectl("-n", "watched", ...args);
  const get = async (kind: string, name: string, path: string) =>
    inNamespace("get", kind, name, "-o", `jsonpath=${path}`);
  const pod = "{.metadata.uid}";
  const secondSecret = 'secrets: { values: { ALERT_WEBHOOK: pulumi.secret("https://second") } },';
  const bigger = `transform: { statefulSet: ({ spec, ...args }) => ({ ...args, spec: {
    ...spec,
    volumeClaimTemplates: spec.volumeClaimTemplates.map((claim) => ({
      ...claim,
      spec: { ...claim.spec, resources: { requests: { storage: "3Gi" } } },
    })),
  } }) },`;
  const settled = `${bigger} environment: { ROUND: "2" },`;
  const keyGiven = 'key: { values: { ALEO_PRIVATE_KEY: pulumi.secret("not-a-key") } },';
  const driftRun = [
    "refresh",
    "--preview-only",
    "--expect-no-changes",
    "--diff",
    "--stack",
    "local",
  ];

  it("previews a stack of which nothing is there yet", async () => {
    const shown = await preview({});
    assert.match(shown, /\+ kubernetes:core\/v1:Namespace: \(create\)/);
    assert.match(shown, /kubernetes:batch\/v1:CronJob/);
    assert.doesNotMatch(shown, /first-secret/);
  });

  it("brings it up in a namespace that enforces `restricted`, and waits until the monitor is ready", async () => {
    await up();
    assert.equal(await get("statefulset", "monitor", "{.status.readyReplicas}"), "1");
    const names = await inNamespace("get", "cronjobs", "-o", "name");
    assert.equal(names.split("\n").length, 10);
    const labels = await whole.kubectl("get", "ns", "watched", "-o", "jsonpath={.metadata.labels}");
    assert.match(labels, /"pod-security\.kubernetes\.io\/enforce":"restricted"/);
    await assert.rejects(
      inNamespace("run", "careless", "--image=aleo-ops:test"),
      /violates PodSecurity "restricted/,
    );
    const { deployment } = await project.exportState();
    assert.doesNotMatch(JSON.stringify(deployment), /first-secret|Zmlyc3Qtc2VjcmV0/);
    assert.doesNotMatch(
      JSON.stringify(deployment),
      new RegExp(Buffer.from("https://example.org/first-secret").toString("base64")),
    );
  });

  it("changes nothing when nothing has changed, and sees no drift", async () => {
    const shown = await up();
    assert.match(shown, /Resources:\n\s+\d+ unchanged/);
    const { code, stdout, stderr } = await project.refreshCheck();
    assert.equal(code, 0, stdout + stderr);
  });

  it("has every pod template accepted at the level `restricted`", async () => {
    for (const id of ["backup", "withdrawals", "restore-drill"]) {
      await inNamespace(
        "create",
        "job",
        `${id}-by-hand`,
        `--from=cronjob/${id}`,
        "--dry-run=server",
      );
      const template = JSON.parse(
        await get("cronjob", id, "{.spec.jobTemplate.spec.template}"),
      ) as object;
      const manifest = { apiVersion: "v1", kind: "Pod", ...template, metadata: { name: id } };
      await whole.kubectlWith(
        JSON.stringify(manifest),
        "-n",
        "watched",
        "create",
        "--dry-run=server",
        "-f",
        "-",
      );
    }
  });

  it("replaces a Secret under another name when a value changes, and so starts the monitor anew", async () => {
    const before = await inNamespace("get", "secrets", "-o", "name");
    const old = await get("pod", "monitor-0", pod);
    await up({ monitor: secondSecret });
    const after = await inNamespace("get", "secrets", "-o", "name");
    assert.match(after, /^secret\/monitor-secrets-[0-9a-f]{7}$/);
    assert.notEqual(after, before);
    assert.notEqual(await get("pod", "monitor-0", pod), old);
  });

  it("changes rules and schedules in place, without a restart of the monitor, and shows which before", async () => {
    const old = await get("pod", "monitor-0", pod);
    const change = {
      monitor: `${secondSecret} rules: { "local.yaml": "rules: {} # more" },`,
      schedule: 'times: { backup: "15 2 * * *" }, environment: { MORE: "1" },',
    };
    const shown = await preview(change);
    assert.match(shown, /~ kubernetes:core\/v1:ConfigMap: \(update\)/);
    assert.match(shown, /~ schedule *: "0 \*\/6 \* \* \*" => "15 2 \* \* \*"/);
    assert.match(shown, /Resources:\n\s+~ 11 to update/);
    await up(change);
    assert.match(await get("configmap", "monitor-rules", "{.data}"), /more/);
    assert.equal(await get("cronjob", "backup", "{.spec.schedule}"), "15 2 * * *");
    assert.match(await get("cronjob", "audit", "{..env[*].name}"), /MORE/);
    assert.equal(await get("pod", "monitor-0", pod), old);
  });

  it("replaces what Kubernetes can't change, the old one going first, and takes away what is declared no more", async () => {
    const change = { monitor: bigger };
    const shown = await preview({
      monitor: `${change.monitor} dashboardHost: "monitor.example.org",`,
      schedule: keyGiven,
    });
    assert.match(shown, /\+ kubernetes:networking\.k8s\.io\/v1:Ingress: \(create\)/);
    assert.match(shown, /\+ kubernetes:core\/v1:PersistentVolumeClaim: \(create\)/);
    assert.match(shown, /\+-kubernetes:apps\/v1:StatefulSet: \(replace\)/);
    const old = await get("statefulset", "monitor", "{.metadata.uid}");
    await up(change);
    assert.notEqual(await get("statefulset", "monitor", "{.metadata.uid}"), old);
    assert.doesNotMatch(await get("cronjob", "audit", "{..env[*].name}"), /MORE/);
  });

  it("finds what was changed by hand, by name, and mends it with `up --refresh`", async () => {
    const drift = () => project.pulumi(driftRun);
    await inNamespace("set", "env", "statefulset/monitor", "ALEO_NODE_URL=http://evil.example.org");
    await inNamespace("patch", "cronjob", "backup", "-p", '{"spec":{"schedule":"0 0 1 1 *"}}');
    await inNamespace("delete", "cronjob", "audit");
    const open = '[{"op":"add","path":"/spec/egress/-","value":{}}]';
    await inNamespace("patch", "networkpolicy", "operation", "--type=json", "-p", open);
    const { code, stdout } = await drift();
    assert.equal(code, 7, stdout);
    for (const name of ["monitor-stateful-set", "operations-backup", "operations-network-policy"]) {
      assert.match(stdout, new RegExp(`\\(update\\)\\s.*\\s.*::${name}\\]`), stdout);
    }
    assert.match(stdout, /\(delete\)\s.*\s.*::operations-audit\]/);
    assert.match(stdout, /evil\.example\.org/);
    await up({ monitor: bigger }, ["--refresh"]);
    assert.doesNotMatch(await get("statefulset", "monitor", "{..env[*].value}"), /evil/);
    assert.equal(await get("cronjob", "backup", "{.spec.schedule}"), "0 */6 * * *");
    assert.equal(await get("cronjob", "audit", "{.spec.schedule}"), "0 7 1 * *");
    assert.doesNotMatch(await get("networkpolicy", "operation", "{.spec.egress}"), /\{\}/);
    const mended = await drift();
    assert.equal(mended.code, 0, mended.stdout);
  });

  it("says what is wrong with what the API server refuses, before it changes anything", async () => {
    const monitor =
      "transform: { service: (args) => ({ ...args, spec: { ...args.spec, porst: [] } }) },";
    project.write(program({ monitor }));
    const { code, stdout, stderr } = await project.preview();
    assert.notEqual(code, 0);
    assert.match(stdout + stderr, /The API server refuses Service watched\/monitor: .*porst/);
    assert.match(stdout + stderr, /What to do: Correct what the message names/);
  });

  it("says what a monitor that does not become ready waits for, keeps it, and goes on when it is mended", async () => {
    const soon = `transforms: [({ props, opts }) => ({ props, opts: { ...opts, customTimeouts: { update: "4s" } } })],`;
    const shown = await fails({
      monitor: `${settled} rules: { "local.yaml": "not ready" },`,
      options: soon,
    });
    assert.match(
      shown,
      /StatefulSet watched\/monitor is there and not ready after 4 s: it waits for its pods/,
    );
    assert.match(shown, /pod monitor-0, container monitor runs and is not ready/);
    await up({ monitor: settled });
  });

  it("goes on with what a killed run made and did not note, but does not take over what somebody else made", async () => {
    const { deployment } = await project.exportState();
    const urn = deployment.resources?.find((one) => one.urn.endsWith("::operations-audit"))?.urn;
    const forgotten = await project.pulumi(["state", "delete", urn ?? "", "--yes"]);
    assert.equal(forgotten.code, 0, forgotten.stderr);
    await whole.kubectl("create", "namespace", "theirs");
    const more = `
      import { Namespace } from "@pulumi/kubernetes/core/v1/namespace.js";
      new Namespace("theirs", { metadata: { name: "theirs" } }, { provider: providers.kubernetes });`;
    const shown = await fails({ monitor: settled, more });
    assert.doesNotMatch(shown, /audit is in the cluster already/);
    assert.match(
      shown,
      /Namespace theirs is in the cluster already, and this stack did not make it\./,
    );
    await whole.kubectl("delete", "namespace", "theirs");
  });

  it("names a kind that it does not serve, and one that the cluster does not have", async () => {
    const deployment = await fails({
      monitor: settled,
      more: `
        import { Role } from "@pulumi/kubernetes/rbac/v1/role.js";
        new Role("reader", {}, { provider: providers.kubernetes });`,
    });
    assert.match(
      deployment,
      /stand-in for the kubernetes provider does not know the resource type kubernetes:rbac\.authorization\.k8s\.io\/v1:Role/,
    );
    const monitoring = await fails({ monitor: `${settled} monitoring: {},` });
    assert.match(
      monitoring,
      /does not know the kind (ServiceMonitor|PrometheusRule) of monitoring\.coreos\.com\/v1/,
    );
    assert.match(monitoring, /What to do: Install the Prometheus operator there/);
  });

  it("declares ServiceMonitor, PrometheusRule and dashboards where the cluster has those kinds", async () => {
    await whole.kubectlWith(JSON.stringify(monitoringKinds), "apply", "-f", "-");
    const monitor = `${settled} monitoring: {},`;
    await up({ monitor });
    assert.match(await get("servicemonitors", "monitor", "{.spec.endpoints[0].path}"), /metrics/);
    assert.match(await get("prometheusrules", "monitor", "{.spec}"), /AleoMonitorGone/);
    assert.match(await get("configmap", "monitor-dashboards", "{.metadata.labels}"), /grafana/);
    const { deployment } = await project.exportState();
    assert.ok(deployment.resources?.some(({ urn }) => urn.endsWith("::operations-audit")));
  });

  it("imports what is there", async () => {
    await inNamespace("create", "configmap", "found", "--from-literal=a=b");
    const { code, stdout, stderr } = await project.pulumi([
      ...["import", "kubernetes:core/v1:ConfigMap", "found", "watched/found", "--yes"],
      ...["--protect=false", "--generate-code=false", "--stack", project.stack],
    ]);
    assert.equal(code, 0, stdout + stderr);
    const { deployment } = await project.exportState();
    const found = deployment.resources?.find(({ urn }) => urn.endsWith("::found"));
    assert.deepEqual(found?.inputs?.data, { a: "b" });
  });

  it("says that the cluster can't be reached, and which", async () => {
    project.write(program({ monitor: "environment: { MONITORING_INTERVAL: '7' }," }));
    const server = `https://127.0.0.1:${await freePort()}`;
    const kubeconfig = (await whole.kubectl("config", "view", "--raw", "-o", "json")).replace(
      whole.cluster.server,
      server,
    );
    const { code, stdout, stderr } = await project.preview({
      env: { KUBECONFIG: whole.write("elsewhere", kubeconfig) },
    });
    assert.notEqual(code, 0);
    assert.match(
      stdout + stderr,
      new RegExp(
        `The cluster of the context "${whole.cluster.context}" \\(${server}\\) can't be reached`,
      ),
    );
  });

  it("is right about the schedules and time zones that Kubernetes takes", async () => {
    const cases = [
      ...schedules.map((schedule) => ({ schedule, timeZone: "UTC" })),
      ...timeZones.map((timeZone) => ({ schedule: "@daily", timeZone })),
    ];
    const items = cases.map(({ schedule, timeZone }, index) => ({
      ...{ apiVersion: "batch/v1", kind: "CronJob", metadata: { name: `case-${index}` } },
      spec: { schedule, timeZone, jobTemplate: { spec: { template: podOfCase } } },
    }));
    const taken = await whole
      .kubectlWith(
        JSON.stringify({ apiVersion: "v1", kind: "List", items }),
        ...["create", "--dry-run=server", "-o", "name", "-f", "-"],
      )
      .catch((error: unknown) => (error as { stdout: string }).stdout);
    const isTaken = (index: number) => taken.split("\n").includes(`cronjob.batch/case-${index}`);
    assert.ok(isTaken(0), taken);
    for (const [index, { schedule, timeZone }] of cases.entries()) {
      assert.equal(isSound(schedule, timeZone), isTaken(index), `${schedule} in ${timeZone}`);
    }
  });

  it("leaves nothing when it is destroyed", async () => {
    const { code, stdout, stderr } = await project.pulumi([
      ...["destroy", "--yes", "--skip-preview", "--stack", project.stack],
    ]);
    assert.equal(code, 0, stdout + stderr);
    await assert.rejects(whole.kubectl("get", "namespace", "watched"), /not found/);
    assert.equal(await whole.kubectl("get", "pv", "-o", "name"), "");
  });
});

function isSound(schedule: string, timeZone: string): boolean {
  try {
    requireSchedule(schedule, timeZone, "schedule");
    requireTimeZone(timeZone, "timeZone");
    return true;
  } catch {
    return false;
  }
}

const podOfCase = {
  spec: { restartPolicy: "Never", containers: [{ name: "case", image: "aleo-ops:test" }] },
};

/** `@every 1h`, `*-5` and days that never come are taken by Kubernetes: we refuse them knowingly. */
const schedules = [
  ...[
    "0 9 * * *",
    "*/15 * * * *",
    "5/15 * * * *",
    "0-30/5,45 8-18 1,15 JAN-MAR mon-fri",
    "? ? ? ? ?",
  ],
  ...[
    "@daily",
    "@midnight",
    "@reboot",
    "@Daily",
    "0 9 * * 7",
    "0 9 * * 0",
    "0 24 * * *",
    "60 * * * *",
  ],
  ...[
    "0 9 0 * *",
    "0 9 32 * *",
    "0 9 * 13 *",
    "0 0 9 * * *",
    "0 9 * *",
    "0 9 L * *",
    "0 9 15W * *",
  ],
  ...[
    "0 9 * * MON#2",
    "0 9 * * 1L",
    "*/0 * * * *",
    "5-1 * * * *",
    "0 9 * * FRI-MON",
    "a * * * *",
    "",
  ],
  ...["1.5 * * * *", "-1 * * * *", "1- * * * *", "0 9 * FEBRUARY *", "0 9 JAN * *"],
];
const timeZones = [
  ...["UTC", "Etc/UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Europe/Bonn", "+01:00"],
  ...["GMT", "Europe/Kyiv", "Local", "CET", "Berlin", ""],
];

const kindOf = (plural: string, kind: string) => ({
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: `${plural}.monitoring.coreos.com` },
  spec: {
    group: "monitoring.coreos.com",
    names: { plural, kind },
    scope: "Namespaced",
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
        },
      },
    ],
  },
});

const monitoringKinds = {
  apiVersion: "v1",
  kind: "List",
  items: [kindOf("servicemonitors", "ServiceMonitor"), kindOf("prometheusrules", "PrometheusRule")],
};
