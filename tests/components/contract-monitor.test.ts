/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-return, @typescript-eslint/no-unsafe-argument -- manifests are read in depth, and what is not there fails */
import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { ContractMonitorArgs } from "../../components/contract-monitor.ts";
import { type Declaration, declaredBy, mockResources, refuses, valueOf } from "./declared.ts";

const digest = `ghcr.io/example/aleo-ops@sha256:${"ab".repeat(32)}`;

const smallest: ContractMonitorArgs = {
  network: "testnet",
  namespace: "aleo-ops",
  image: digest,
  endpoints: ["https://api.example.org/v2", "http://node.example.org:3030"],
  rules: { "testnet.yaml": "rules: {}\n" },
  programs: { "a.aleo": "ab".repeat(32) },
};

describe("ContractMonitor", () => {
  let ContractMonitor: typeof import("../../components/contract-monitor.ts").ContractMonitor;

  before(async () => {
    await mockResources();
    ({ ContractMonitor } = await import("../../components/contract-monitor.ts"));
  });

  const monitorOf = (args: Partial<ContractMonitorArgs> = {}): Promise<Declaration> =>
    declaredBy((options) => new ContractMonitor("monitor", { ...smallest, ...args }, options));

  const podOf = (declaration: Declaration) =>
    declaration.find("monitor-stateful-set").inputs.spec.template.spec;
  const containerOf = (declaration: Declaration) => podOf(declaration).containers[0];
  const variablesOf = (declaration: Declaration): Record<string, unknown> =>
    Object.fromEntries(
      containerOf(declaration).env.map(({ name, value, valueFrom }: Record<string, unknown>) => [
        name,
        value ?? valueFrom,
      ]),
    );

  it("declares its children as its own, named after it", async () => {
    const declaration = await monitorOf();
    assert.equal(declaration.find("monitor").type, "aleops:monitor:ContractMonitor");
    assert.deepEqual(
      declaration.all.map(({ name, type }) => [name, type]),
      [
        ["monitor", "aleops:monitor:ContractMonitor"],
        ["monitor-default-deny", "kubernetes:networking.k8s.io/v1:NetworkPolicy"],
        ["monitor-disruption-budget", "kubernetes:policy/v1:PodDisruptionBudget"],
        ["monitor-namespace", "kubernetes:core/v1:Namespace"],
        ["monitor-network-policy", "kubernetes:networking.k8s.io/v1:NetworkPolicy"],
        ["monitor-programs", "kubernetes:core/v1:ConfigMap"],
        ["monitor-rules", "kubernetes:core/v1:ConfigMap"],
        ["monitor-service", "kubernetes:core/v1:Service"],
        ["monitor-service-account", "kubernetes:core/v1:ServiceAccount"],
        ["monitor-stateful-set", "kubernetes:apps/v1:StatefulSet"],
      ],
    );
    for (const { name, parent } of declaration.all) {
      assert.equal(parent, name === "monitor" ? undefined : "monitor", name);
    }
  });

  it("puts everything into one namespace, which refuses pods with more rights than `restricted`", async () => {
    const declaration = await monitorOf({ namespace: "watch" });
    const { metadata } = declaration.find("monitor-namespace").inputs;
    assert.equal(metadata.name, "watch");
    for (const mode of ["enforce", "audit", "warn"]) {
      assert.equal(metadata.labels[`pod-security.kubernetes.io/${mode}`], "restricted");
    }
    for (const { name, inputs } of declaration.all) {
      if (name === "monitor" || name === "monitor-namespace") continue;
      assert.equal(inputs.metadata.namespace, "watch", name);
      assert.equal(inputs.metadata.labels["app.kubernetes.io/instance"], "testnet", name);
    }
  });

  it("gives the pod no right that it does not need", async () => {
    const declaration = await monitorOf();
    const pod = podOf(declaration);
    assert.equal(pod.automountServiceAccountToken, false);
    assert.equal(
      declaration.find("monitor-service-account").inputs.automountServiceAccountToken,
      false,
    );
    assert.equal(pod.serviceAccountName, "monitor");
    assert.equal(pod.securityContext.runAsNonRoot, true);
    assert.ok(pod.securityContext.runAsUser > 0);
    assert.deepEqual(pod.securityContext.seccompProfile, { type: "RuntimeDefault" });
    const { securityContext, resources } = containerOf(declaration);
    assert.equal(securityContext.readOnlyRootFilesystem, true);
    assert.equal(securityContext.allowPrivilegeEscalation, false);
    assert.deepEqual(securityContext.capabilities, { drop: ["ALL"] });
    assert.ok(resources.limits.memory !== undefined && resources.limits.cpu !== undefined);
  });

  it("writes only into volumes", async () => {
    const declaration = await monitorOf();
    const { volumeMounts } = containerOf(declaration);
    const variables = variablesOf(declaration);
    const mountOf = (path: unknown) =>
      volumeMounts.find(({ mountPath }: { mountPath: string }) =>
        String(path).startsWith(mountPath),
      );
    assert.equal(mountOf(variables.MONITOR_DATABASE).name, "database");
    assert.equal(mountOf(variables.TMPDIR).name, "tmp");
    assert.deepEqual(mountOf(variables.MONITOR_RULES), {
      name: "rules",
      mountPath: variables.MONITOR_RULES,
      readOnly: true,
    });
    const [claim] = declaration.find("monitor-stateful-set").inputs.spec.volumeClaimTemplates;
    assert.deepEqual(
      [claim.metadata.name, claim.spec.resources.requests.storage, claim.spec.storageClassName],
      ["database", "2Gi", undefined],
    );
    const named = (await monitorOf({ storageClass: "gp3" })).find("monitor-stateful-set").inputs;
    assert.equal(named.spec.volumeClaimTemplates[0].spec.storageClassName, "gp3");
  });

  it("runs `aleo-ops monitor` on the stack's network and endpoints, listening for port-forward as well", async () => {
    const declaration = await monitorOf({ port: 9000 });
    const { image, args, ports } = containerOf(declaration);
    assert.deepEqual([image, args], [digest, ["monitor", "--network", "testnet"]]);
    assert.deepEqual(ports, [{ name: "http", containerPort: 9000 }]);
    const variables = variablesOf(declaration);
    assert.equal(variables.ALEO_NETWORK, "testnet");
    assert.equal(
      variables.ALEO_NODE_URL,
      "https://api.example.org/v2,http://node.example.org:3030",
    );
    assert.equal(variables.MONITOR_PORT, "9000");
    assert.equal(variables.MONITOR_HOST, "::");
    const [port] = declaration.find("monitor-service").inputs.spec.ports;
    assert.deepEqual(port, { name: "http", port: 9000, targetPort: "http" });
  });

  it("takes further variables, in the order of their names whatever order they are given in", async () => {
    const one = await monitorOf({ environment: { A_VARIABLE: "1", ZONE: "2" } });
    const other = await monitorOf({ environment: { ZONE: "2", A_VARIABLE: "1" } });
    assert.deepEqual(containerOf(one).env, containerOf(other).env);
    assert.equal(variablesOf(one).ZONE, "2");
  });

  it("is asked whether it lives by /healthz and whether it is up to date by /readyz", async () => {
    const { startupProbe, livenessProbe, readinessProbe } = containerOf(await monitorOf());
    assert.equal(startupProbe.httpGet.path, "/healthz");
    assert.equal(livenessProbe.httpGet.path, "/healthz");
    assert.equal(readinessProbe.httpGet.path, "/readyz");
    assert.ok(startupProbe.periodSeconds * startupProbe.failureThreshold >= 60);
  });

  it("hands its rules over as files, and does not restart for them", async () => {
    const one = await monitorOf();
    const other = await monitorOf({ rules: { "testnet.yaml": "rules: [1]\n", "more.yaml": "" } });
    assert.deepEqual(other.find("monitor-rules").inputs.data, {
      "testnet.yaml": "rules: [1]\n",
      "more.yaml": "",
    });
    assert.equal(one.find("monitor-rules").inputs.metadata.name, "monitor-rules");
    assert.deepEqual(
      one.find("monitor-stateful-set").inputs,
      other.find("monitor-stateful-set").inputs,
    );
  });

  it("tells it which programs the stack declares, and does not restart it for new ones", async () => {
    const one = await monitorOf();
    const other = await monitorOf({ programs: { "a.aleo": "cd".repeat(32) } });
    const { metadata, data } = other.find("monitor-programs").inputs;
    assert.equal(metadata.name, "monitor-programs");
    const file = String(variablesOf(other).MONITOR_PROGRAMS).split("/").at(-1) ?? "";
    assert.deepEqual(JSON.parse(data[file]), { "a.aleo": "cd".repeat(32) });
    assert.deepEqual(
      one.find("monitor-stateful-set").inputs,
      other.find("monitor-stateful-set").inputs,
    );
  });

  it("keeps secrets in a Secret that is replaced when one changes, and nowhere else", async () => {
    const routingKey = "c0ffee-routing-key";
    const declaration = await monitorOf({
      secrets: {
        values: { PAGERDUTY_KEY_HIGH: pulumi.secret(routingKey), ALERT_WEBHOOK: "https://x" },
      },
    });
    const { inputs, marked } = declaration.find("monitor-secrets");
    assert.equal(inputs.immutable, true);
    assert.equal(inputs.metadata.name, undefined);
    assert.equal(inputs.stringData.PAGERDUTY_KEY_HIGH, routingKey);
    const holders = declaration.all.filter((one) =>
      JSON.stringify(one.inputs ?? {}).includes(routingKey),
    );
    assert.deepEqual(
      holders.map(({ name }) => name),
      ["monitor-secrets"],
    );
    assert.ok(
      marked.includes("1b47061264138c4ac30d75fd1eb44270"),
      "the engine is told that it is secret",
    );
    assert.deepEqual(variablesOf(declaration).PAGERDUTY_KEY_HIGH, {
      secretKeyRef: { name: "monitor-secrets-1a2b3c4", key: "PAGERDUTY_KEY_HIGH" },
    });
  });

  it("takes them from an existing Secret as far as it holds them", async () => {
    const declaration = await monitorOf({ secrets: { existing: "our-keys" } });
    assert.ok(!declaration.names().includes("monitor-secrets"));
    assert.deepEqual(variablesOf(declaration).PAGERDUTY_KEY_LOW, {
      secretKeyRef: { name: "our-keys", key: "PAGERDUTY_KEY_LOW", optional: true },
    });
    assert.equal(variablesOf(declaration).ALEO_PRIVATE_KEY, undefined);
  });

  it("takes what has a value from its own Secret, and only the rest from an existing one", async () => {
    const declaration = await monitorOf({
      secrets: { values: { PAGERDUTY_KEY_LOW: pulumi.secret("key-l") }, existing: "our-keys" },
    });
    const variables = variablesOf(declaration);
    assert.deepEqual(variables.PAGERDUTY_KEY_LOW, {
      secretKeyRef: { name: "monitor-secrets-1a2b3c4", key: "PAGERDUTY_KEY_LOW" },
    });
    for (const name of ["HEARTBEAT_URL", "SMTP_URL", "MONITOR_TOKEN", "AWS_ACCESS_KEY_ID"]) {
      assert.deepEqual(variables[name], {
        secretKeyRef: { name: "our-keys", key: name, optional: true },
      });
    }
    const names = containerOf(declaration).env.map(({ name }: { name: string }) => name);
    assert.equal(new Set(names).size, names.length);
  });

  it("lets pods of AWS's role read backups only where a role is given", async () => {
    const annotations = (declaration: Declaration) =>
      declaration.find("monitor-service-account").inputs.metadata.annotations;
    assert.deepEqual(annotations(await monitorOf()), {});
    const role = "arn:aws:iam::123456789012:role/reader";
    assert.deepEqual(annotations(await monitorOf({ backupReaderRole: pulumi.output(role) })), {
      "eks.amazonaws.com/role-arn": role,
    });
  });

  describe("on the network", () => {
    const accessOf = (declaration: Declaration) =>
      declaration.find("monitor-network-policy").inputs.spec;

    it("denies everything to everything else in the namespace", async () => {
      const { spec } = (await monitorOf()).find("monitor-default-deny").inputs;
      assert.deepEqual(spec, { podSelector: {}, policyTypes: ["Ingress", "Egress"] });
    });

    it("reaches names, HTTPS and the ports of its nodes, but no machine's credentials", async () => {
      const { egress } = accessOf(await monitorOf());
      const [dns, outside] = egress;
      assert.deepEqual(dns.ports, [
        { protocol: "UDP", port: 53 },
        { protocol: "TCP", port: 53 },
      ]);
      assert.deepEqual(
        outside.ports.map(({ port }: { port: number }) => port),
        [443, 3030],
      );
      assert.deepEqual(outside.to[0].ipBlock.except, ["169.254.0.0/16"]);
      // The cache of names on each machine, and nothing else of that range, and no other port of it.
      assert.deepEqual(
        egress
          .flatMap(({ to }: { to: object[] }) => to)
          .filter((one: object) => JSON.stringify(one).includes('"cidr":"169.254.')),
        [{ ipBlock: { cidr: "169.254.20.10/32" } }],
      );
      assert.deepEqual(dns.to[1], { ipBlock: { cidr: "169.254.20.10/32" } });
    });

    it("reaches a mail server where alerts are mailed, and tells from and to whom", async () => {
      const mail = { from: "monitor@example.org", to: ["ops@example.org", "lead@example.org"] };
      const values = { SMTP_URL: pulumi.secret("smtps://ops:word@mail.example.org:465") };
      const declaration = await monitorOf({ mail: { ...mail, port: 465 }, secrets: { values } });
      const ports = (one: Declaration) =>
        accessOf(one).egress[1].ports.map(({ port }: { port: number }) => port);
      assert.deepEqual(ports(declaration), [443, 465, 3030]);
      assert.deepEqual(ports(await monitorOf({ mail })), [443, 587, 3030]);
      const variables = variablesOf(declaration);
      assert.equal(variables.ALERT_MAIL_FROM, "monitor@example.org");
      assert.equal(variables.ALERT_MAIL_TO, "ops@example.org,lead@example.org");
      assert.deepEqual(variables.SMTP_URL, {
        secretKeyRef: { name: "monitor-secrets-1a2b3c4", key: "SMTP_URL" },
      });
    });

    it("is reached from the Ingress and from Prometheus only where there are such", async () => {
      const namespaces = (declaration: Declaration): string[] =>
        (accessOf(declaration).ingress ?? []).flatMap(
          ({ from }: { from: unknown[] }) =>
            JSON.stringify(from).match(/(?<="kubernetes.io\/metadata.name":")[^"]+/g) ?? [],
        );
      assert.deepEqual(namespaces(await monitorOf()), []);
      assert.deepEqual(
        namespaces(await monitorOf({ dashboardHost: "monitor.example.org", monitoring: {} })),
        ["ingress-nginx", "monitoring"],
      );
      assert.deepEqual(
        namespaces(
          await monitorOf({
            dashboardHost: "monitor.example.org",
            ingress: { class: "traefik", namespace: "edge" },
            monitoring: { namespace: "metrics" },
          }),
        ),
        ["edge", "metrics"],
      );
      // A proxy in front has an Ingress of its own.
      assert.deepEqual(namespaces(await monitorOf({ ingress: { namespace: "oauth2-proxy" } })), [
        "oauth2-proxy",
      ]);
    });

    it("is reached from the addresses of a load balancer that is no pod", async () => {
      const declaration = await monitorOf({
        dashboardHost: "monitor.example.org",
        ingress: { class: "alb", cidr: "10.0.0.0/16" },
      });
      const [{ from }] = accessOf(declaration).ingress;
      assert.deepEqual(from[0], { ipBlock: { cidr: "10.0.0.0/16" } });
      assert.doesNotMatch(JSON.stringify(from), /ingress-nginx/);
    });
  });

  it("shows the dashboard outside only under a host that is set", async () => {
    assert.ok(!(await monitorOf()).names().includes("monitor-ingress"));
    const declaration = await monitorOf({ dashboardHost: "monitor.example.org" });
    const { spec } = declaration.find("monitor-ingress").inputs;
    assert.equal(spec.ingressClassName, "nginx");
    assert.deepEqual(spec.tls[0].hosts, ["monitor.example.org"]);
    const [{ host, http }] = spec.rules;
    assert.equal(host, "monitor.example.org");
    assert.deepEqual(http.paths[0].backend.service, { name: "monitor", port: { name: "http" } });
    const shown = (path: string) =>
      http.paths.some((rule: { path: string; pathType: string }) =>
        rule.pathType === "Exact" ? path === rule.path : `${path}/`.startsWith(`${rule.path}/`),
      );
    for (const page of ["/", "/programs/a.aleo", "/incidents/1", "/sign-in", "/assets/uplot.css"]) {
      assert.ok(shown(page), page);
    }
    for (const inner of ["/metrics", "/summary", "/control/silence", "/healthz", "/readyz"]) {
      assert.ok(!shown(inner), inner);
    }
  });

  it("has the Ingress that the cluster asks for", async () => {
    const annotations = { "cert-manager.io/cluster-issuer": "letsencrypt" };
    const declaration = await monitorOf({
      dashboardHost: "monitor.example.org",
      ingress: { class: "traefik", tlsSecret: "wildcard", annotations },
    });
    const { metadata, spec } = declaration.find("monitor-ingress").inputs;
    assert.deepEqual(metadata.annotations, annotations);
    assert.equal(spec.ingressClassName, "traefik");
    assert.equal(spec.tls[0].secretName, "wildcard");
  });

  it("tells Prometheus and Grafana only where the cluster has them", async () => {
    const rules = { "testnet.yaml": "rules:\n  paused: { kind: paused, severity: high }\n" };
    const declaration = await monitorOf({ rules, monitoring: {} });
    const serviceMonitor = declaration.find("monitor-service-monitor");
    assert.equal(serviceMonitor.type, "kubernetes:monitoring.coreos.com/v1:ServiceMonitor");
    assert.deepEqual(serviceMonitor.inputs.spec.endpoints[0].path, "/metrics");
    const labels = { release: "kube-prometheus-stack" };
    const labelled = await monitorOf({ rules, monitoring: { labels } });
    for (const name of ["monitor-service-monitor", "monitor-prometheus-rule"]) {
      const { metadata } = labelled.find(name).inputs;
      assert.equal(metadata.labels.release, labels.release, name);
      assert.equal(metadata.labels["app.kubernetes.io/component"], "monitor", name);
    }
    const [own, ours] = declaration.find("monitor-prometheus-rule").inputs.spec.groups;
    assert.deepEqual([own.name, ours.name], ["aleo-ops-monitor", "aleo-ops-rules"]);
    assert.match(own.rules[0].expr, /^absent\(up\{namespace="aleo-ops", service="monitor"\}\)/);
    assert.deepEqual(
      ours.rules.map(({ alert }: { alert: string }) => alert),
      ["AleoPaused"],
    );
    const dashboards = declaration.find("monitor-dashboards").inputs;
    assert.equal(dashboards.metadata.labels.grafana_dashboard, "1");
    const board = JSON.parse(dashboards.data["aleo-ops-testnet.json"]);
    assert.equal(board.uid, "aleo-ops-testnet");
    for (const name of ["service-monitor", "prometheus-rule", "dashboards"]) {
      assert.ok(!(await monitorOf({ rules })).names().includes(`monitor-${name}`));
    }
  });

  it("lets a machine be emptied, and a broken pod always be moved", async () => {
    const { spec } = (await monitorOf()).find("monitor-disruption-budget").inputs;
    assert.deepEqual([spec.maxUnavailable, spec.unhealthyPodEvictionPolicy], [1, "AlwaysAllow"]);
  });

  it("lets each child be changed beyond its arguments", async () => {
    const labelled = <Args extends { metadata?: unknown }>(args: Args): Args => ({
      ...args,
      metadata: { ...(args.metadata as object), annotations: { touched: "yes" } },
    });
    const declaration = await monitorOf({
      dashboardHost: "monitor.example.org",
      secrets: { values: { ALERT_WEBHOOK: "https://x" } },
      monitoring: {},
      transform: {
        namespace: labelled,
        serviceAccount: labelled,
        rules: labelled,
        programs: labelled,
        secrets: labelled,
        statefulSet: labelled,
        service: labelled,
        ingress: labelled,
        defaultDeny: labelled,
        networkPolicy: labelled,
        disruptionBudget: labelled,
        serviceMonitor: labelled,
        prometheusRule: labelled,
        dashboards: labelled,
      },
    });
    for (const { name, inputs } of declaration.all) {
      if (name !== "monitor") assert.equal(inputs.metadata.annotations.touched, "yes", name);
    }
  });

  it("says where it answers", async () => {
    let monitor: InstanceType<typeof ContractMonitor> | undefined;
    await declaredBy((options) => {
      monitor = new ContractMonitor(
        "monitor",
        { ...smallest, dashboardHost: "monitor.example.org" },
        options,
      );
      return monitor;
    });
    assert.ok(monitor !== undefined);
    assert.equal(await valueOf(monitor.url), "http://monitor.aleo-ops.svc:8080");
    assert.equal(await valueOf(monitor.dashboardUrl), "https://monitor.example.org");
    assert.equal(await valueOf(monitor.namespace), "aleo-ops");
  });

  const refusals: [what: string, args: Partial<ContractMonitorArgs>, text: RegExp][] = [
    [
      "an image without a digest on a public network",
      { image: "ghcr.io/example/aleo-ops:1.0" },
      /^The image "ghcr\.io\/example\/aleo-ops:1\.0" is not pinned by its digest: on testnet /,
    ],
    [
      "an image that is always the latest",
      { network: "local", image: "aleo-ops:latest" },
      /has no tag of its own/,
    ],
    [
      "an image without a tag",
      { network: "local", image: "localhost:5000/aleo-ops" },
      /has no tag of its own/,
    ],
    ["no rules", { rules: {} }, /^rules holds no file testnet\.yaml/],
    [
      "a rule file in a folder",
      { rules: { ...smallest.rules, "a/b.yaml": "" } },
      /^rules names the file "a\/b\.yaml"/,
    ],
    [
      "rules that no ConfigMap holds",
      { rules: { "testnet.yaml": "é".repeat(600_000) } },
      /^The rules are 1200000 bytes/,
    ],
    [
      "a secret that nothing reads",
      { secrets: { values: { PAGERDUTY_KEY_HUGE: "x" } } },
      /^secrets names PAGERDUTY_KEY_HUGE, /,
    ],
    ["a variable of no such name", { environment: { "a-b": "x" } }, /^environment names "a-b"/],
    [
      "an endpoint that is no URL",
      { endpoints: ["node.example.org"] },
      /^"node\.example\.org" is not a URL/,
    ],
    ["a port that asks for rights", { port: 80 }, /^port is 80/],
  ];
  for (const [what, args, text] of refusals) {
    it(`refuses ${what}`, async () => {
      await refuses(
        (options) => new ContractMonitor("monitor", { ...smallest, ...args }, options),
        text,
      );
    });
  }
});
