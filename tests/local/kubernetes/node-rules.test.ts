import assert from "node:assert/strict";
import { imageName } from "../../../local/kubernetes/images.ts";
import { backoffMs, crashesAfter } from "../../../local/kubernetes/node/backoff.ts";
import { declaredEnvironment } from "../../../local/kubernetes/node/environment.ts";
import { expand } from "../../../local/kubernetes/node/expansion.ts";
import { containerResource, podAddress, podField } from "../../../local/kubernetes/node/fields.ts";
import { visible } from "../../../local/kubernetes/node/mounts.ts";
import { type ContainerView, plan } from "../../../local/kubernetes/node/plan.ts";
import { parseQuantity } from "../../../local/kubernetes/quantity.ts";
import { type ContainerFacts, podStatus } from "../../../local/kubernetes/node/status.ts";
import type { Pod } from "../../../local/kubernetes/wire.ts";

describe("what the node makes of a pod", () => {
  for (const [reference, name] of [
    ["aleo-ops", "aleo-ops"],
    ["aleo-ops:v1", "aleo-ops"],
    ["ghcr.io/team/aleo-ops:v1", "aleo-ops"],
    ["localhost:5000/aleo-ops@sha256:00", "aleo-ops"],
    ["registry.example:5000/a/b/aleo-ops:v1@sha256:00", "aleo-ops"],
    ["localhost:5000/other", "other"],
  ] as const) {
    it(`the image ${reference} is ${name}`, () => {
      assert.equal(imageName(reference), name);
    });
  }

  for (const [text, expected] of [
    ["$(A)", "1"],
    ["x$(A)y$(B)", "x1y"],
    ["$(NONE) $(A)", "$(NONE) 1"],
    ["$$(A)", "$(A)"],
    ["$$$(A)", "$1"],
    ["$A ${A} $", "$A ${A} $"],
    ["$(toString)", "$(toString)"],
  ] as const) {
    it(`${text} is expanded as Kubernetes does`, () => {
      assert.equal(expand(text, { A: "1", B: "" }), expected);
    });
  }

  const mounts = [
    { mountPath: "/data", hostPath: "/host/data" },
    { mountPath: "/data/inner/", hostPath: "/host/inner" },
    { mountPath: "/etc/rules.d", hostPath: "/host/rules" },
  ];
  for (const [text, expected] of [
    ["/data", "/host/data"],
    ["/data/monitor.db", "/host/data/monitor.db"],
    ["/data/inner/x", "/host/inner/x"],
    ["--database=/data/x", "--database=/host/data/x"],
    ["file:///data/x", "file:///host/data/x"],
    ["cat /data/x /etc/rules.d/y", "cat /host/data/x /host/rules/y"],
    ["/data:/etc/rules.d", "/host/data:/host/rules"],
    ["/database/x", "/database/x"],
    ["/other/data/x", "/other/data/x"],
    ["/etc/rulesXd", "/etc/rulesXd"],
    ["https://example/data", "https://example/data"],
  ] as const) {
    it(`${text} is ${text === expected ? "left alone" : "taken to this machine"}`, () => {
      assert.equal(visible(text, mounts), expected);
    });
  }

  for (const [text, value] of [
    ["250m", 0.25],
    ["2", 2],
    ["1.5Gi", 1.5 * 2 ** 30],
    ["64Mi", 64 * 2 ** 20],
    ["1e3", 1000],
    ["1k", 1000],
    ["1E", 1e18],
  ] as const) {
    it(`the quantity ${text} is ${value}`, () => {
      assert.equal(parseQuantity(text), value);
    });
  }
  it("refuses what is no quantity", () => {
    assert.throws(() => parseQuantity("1 GB"), /no quantity/);
  });

  it("gives out resources in whole divisors, rounded up, and the node's where there is no limit", () => {
    const container = {
      name: "c",
      resources: { limits: { memory: "100M" }, requests: { cpu: "1" } },
    };
    const node = { cpu: "4", memory: "8Gi" };
    assert.equal(containerResource(container, "limits.memory", "1Mi", node), "96");
    assert.equal(containerResource(container, "limits.cpu", undefined, node), "4");
    assert.equal(containerResource(container, "requests.cpu", "1m", node), "1000");
    assert.equal(containerResource(container, "requests.memory", "0", node), "100000000");
    assert.equal(containerResource(container, "limits.bananas", undefined, node), undefined);
  });

  it("gives out fields, and none that it does not know", () => {
    const pod: Pod = { metadata: { name: "p", labels: { a: "1" }, uid: "u" } };
    assert.equal(podField(pod, "metadata.labels['a']"), "1");
    assert.equal(podField(pod, "metadata.labels['b']"), "");
    assert.equal(podField(pod, "metadata.labels"), 'a="1"');
    assert.equal(podField(pod, "status.podIP"), podAddress(pod));
    assert.equal(podField(pod, "spec.hostname"), undefined);
  });

  it("says a pod's own address where a variable says all of its addresses", async () => {
    const pod: Pod = { metadata: { name: "p", uid: "u" } };
    const env = [
      { name: "HOST", value: "::" },
      { name: "OTHER", value: "0.0.0.0" },
      { name: "URL", value: "http://[::]:8080" },
    ];
    const objects = { data: () => Promise.resolve(undefined) };
    const node = { cpu: "1", memory: "1Gi" };
    assert.deepEqual(await declaredEnvironment(pod, { name: "c", env }, objects, node), {
      ...{ HOST: podAddress(pod), OTHER: podAddress(pod) },
      URL: "http://[::]:8080",
    });
  });

  it("waits 10 s, then twice as long each time, at most 5 minutes, before it starts one again", () => {
    assert.deepEqual(
      [1, 2, 3, 4, 5, 6, 7, 8, 50].map(backoffMs),
      [0, 10, 20, 40, 80, 160, 300, 300, 300].map((seconds) => seconds * 1_000),
    );
    assert.equal(crashesAfter(5, 1_000), 6);
    assert.equal(crashesAfter(5, 600_000), 1);
  });
});

describe("the next step for a pod", () => {
  const times = { startedAt: "2026-01-01T00:00:00Z", finishedAt: "2026-01-01T00:00:09Z" };
  const none: ContainerView = { state: undefined, started: false, ready: false };
  const runs: ContainerView = {
    state: { kind: "running", startedAt: times.startedAt, pid: 1 },
    started: true,
    ready: true,
  };
  const starts: ContainerView = { ...runs, started: false, ready: false };
  const ended = (exitCode: number): ContainerView => ({
    state: { kind: "ended", ...times, exitCode, signal: 0 },
    started: false,
    ready: false,
  });
  const podOf = (restartPolicy: string): Pod => ({
    metadata: { name: "p", namespace: "n", uid: "u" },
    spec: {
      restartPolicy,
      initContainers: [{ name: "first" }, { name: "beside", restartPolicy: "Always" }],
      containers: [{ name: "a" }, { name: "b" }],
    },
  });
  const step = (policy: string, views: Record<string, ContainerView>) => {
    const { start, initialized, finished } = plan(podOf(policy), new Map(Object.entries(views)));
    return { start: start.map(({ name }) => name).join(" "), initialized, finished };
  };
  const before = { first: ended(0), beside: runs };

  for (const [title, policy, views, start, finished] of [
    ["begins with the first init container", "Always", {}, "first", undefined],
    ["waits for the first", "Always", { first: runs }, "", undefined],
    ["starts a sidecar next", "Always", { first: ended(0) }, "beside", undefined],
    ["waits until the sidecar is up", "Always", { first: ended(0), beside: starts }, "", undefined],
    ["then starts the others at once", "Always", before, "a b", undefined],
    ["starts a failed init container again", "OnFailure", { first: ended(1) }, "first", undefined],
    [
      "fails with an init container that may not restart",
      "Never",
      { first: ended(1) },
      "",
      "Failed",
    ],
    ["has nothing to do while all run", "Always", { ...before, a: runs, b: runs }, "", undefined],
    ["restarts what ended well", "Always", { ...before, a: ended(0), b: runs }, "a", undefined],
    ["leaves what ended well", "OnFailure", { ...before, a: ended(0), b: runs }, "", undefined],
    ["restarts what failed", "OnFailure", { ...before, a: ended(2), b: ended(0) }, "a", undefined],
    [
      "succeeds when all have",
      "OnFailure",
      { ...before, a: ended(0), b: ended(0) },
      "",
      "Succeeded",
    ],
    ["fails when one has", "Never", { ...before, a: ended(0), b: ended(1) }, "", "Failed"],
    ["waits for the last one", "Never", { ...before, a: ended(1), b: runs }, "", undefined],
    [
      "starts a sidecar that ended again, beside the others",
      "Always",
      { ...before, beside: ended(1), a: runs, b: runs },
      "beside",
      undefined,
    ],
  ] as const) {
    it(`${title} (${policy})`, () => {
      const { start: starting, finished: over } = step(policy, views);
      assert.deepEqual({ starting, over }, { starting: start, over: finished });
    });
  }

  const factsOf = (view: ContainerView): ContainerFacts => ({
    ...view,
    previous: undefined,
    attempt: 0,
    waiting: undefined,
    id: "process://u/c/0",
  });
  const statusOf = (policy: string, views: Record<string, ContainerView>) =>
    podStatus(
      podOf(policy),
      ({ name }) => factsOf(views[name] ?? none),
      plan(podOf(policy), new Map(Object.entries(views))),
      times.startedAt,
    );
  const ready = (status: ReturnType<typeof statusOf>) =>
    status.conditions?.find(({ type }) => type === "Ready")?.status;

  it("is reported as Pending, Running and over", () => {
    assert.equal(statusOf("Never", {}).phase, "Pending");
    const running = statusOf("Never", { ...before, a: runs, b: runs });
    assert.equal(running.phase, "Running");
    assert.equal(ready(running), "True");
    const over = { first: ended(0), beside: ended(0), a: ended(0), b: ended(0) };
    assert.equal(statusOf("Never", over).phase, "Succeeded");
    assert.equal(statusOf("Never", { ...over, b: ended(1) }).phase, "Failed");
    // The sidecar is ended first.
    assert.equal(statusOf("Never", { ...over, beside: runs }).phase, "Running");
  });

  it("names what is not ready", () => {
    const status = statusOf("Always", { ...before, a: runs, b: starts });
    const condition = status.conditions?.find(({ type }) => type === "ContainersReady");
    assert.equal(condition?.status, "False");
    assert.equal(condition.message, "containers with unready status: [b]");
  });
});
