import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { LocalError } from "../../../local/errors.ts";
import { connect } from "../../../local/plugins/kubernetes/cluster.ts";
import { kubeconfigOf } from "../../../local/plugins/kubernetes/kubeconfig.ts";
import { liveInputs } from "../../../local/plugins/kubernetes/live-inputs.ts";
import {
  type Declared,
  declarable,
  type Manifest,
  named,
  takesTheName,
} from "../../../local/plugins/kubernetes/manifest.ts";
import { sameQuantity } from "../../../local/plugins/kubernetes/quantity.ts";
import { missing, troubleOf } from "../../../local/plugins/kubernetes/readiness.ts";
import { freePort } from "../../../local/ports.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";

const live = (more: Record<string, unknown>): Manifest => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "one", namespace: "here", uid: "u", resourceVersion: "7" },
  ...more,
});

describe("a manifest of the kubernetes plugin", () => {
  const check = (declared: Declared, olds?: Declared) =>
    named(declared, { apiVersion: "v1", kind: "Secret", name: "keys", suffix: "1a2b3c4", olds });

  it("keeps the name that the program gives, else gets one, and keeps that in later runs", () => {
    assert.deepEqual(check({ metadata: { name: "mine" } }), {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "mine" },
    });
    const first = check({ metadata: { labels: { a: "b" } } });
    assert.deepEqual(first.metadata, {
      labels: { a: "b" },
      name: "keys-1a2b3c4",
      annotations: { "pulumi.com/autonamed": "true" },
    });
    const later = named(
      {},
      { apiVersion: "v1", kind: "Secret", name: "keys", suffix: "other", olds: first },
    );
    assert.deepEqual((later.metadata as { name: string }).name, "keys-1a2b3c4");
  });

  it("does not take over a name that a person gave before", () => {
    const given = check({ metadata: { name: "mine" } });
    const { metadata } = check({}, given);
    assert.equal((metadata as { name: string }).name, "keys-1a2b3c4");
  });

  it("has the old one deleted first only where both would have one name", () => {
    const mine = { metadata: { name: "mine", namespace: "a" } };
    assert.equal(takesTheName(mine, mine), true);
    assert.equal(takesTheName(mine, { metadata: { name: "mine", namespace: "b" } }), false);
    assert.equal(takesTheName(check({}), check({}, check({}))), false);
  });

  it("can be declared from what is in the cluster, without what the server sets", () => {
    assert.deepEqual(declarable(live({ data: { a: "b" }, status: { phase: "x" } })), {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "one", namespace: "here" },
      data: { a: "b" },
    });
  });
});

describe("what is live of what was declared", () => {
  const inputs = (declared: Declared, now: Record<string, unknown>) =>
    liveInputs(declared, live(now));

  it("has changes and losses, and not what the program left to the server", () => {
    assert.deepEqual(
      inputs({ spec: { replicas: 1, paused: "no" } }, { spec: { replicas: 3, strategy: "x" } }),
      { spec: { replicas: 3 } },
    );
    assert.deepEqual(inputs({ data: { a: "1", b: "2" } }, { data: { b: "2" } }), {
      data: { b: "2" },
    });
  });

  it("has what the server leaves out because it is empty", () => {
    const declared = { spec: { podSelector: {}, list: [], off: false, zero: 0, text: "" } };
    assert.deepEqual(inputs(declared, { spec: {} }), declared);
    assert.deepEqual(inputs({ spec: { on: true } }, { spec: {} }), { spec: {} });
  });

  it("tells the items of a list apart by their name, whatever order they are in", () => {
    const declared = {
      env: [
        { name: "A", value: "1" },
        { name: "B", value: "2" },
      ],
    };
    const added = { name: "ADDED", value: "x" };
    assert.deepEqual(
      inputs(declared, { env: [added, { name: "B", value: "9" }, { name: "A", value: "1" }] }),
      {
        env: [
          { name: "A", value: "1" },
          { name: "B", value: "9" },
        ],
      },
    );
    assert.deepEqual(inputs(declared, { env: [{ name: "B", value: "2" }] }), {
      env: [{ name: "B", value: "2" }],
    });
  });

  it("shows what was added to a list whose items have no name", () => {
    assert.deepEqual(inputs({ egress: [{ to: "a" }] }, { egress: [{ to: "a" }, { to: "all" }] }), {
      egress: [{ to: "a" }, { to: "all" }],
    });
    assert.deepEqual(inputs({ args: ["x", "y"] }, { args: ["x"] }), { args: ["x"] });
  });
});

describe("amounts of Kubernetes", () => {
  const cases: [left: unknown, right: unknown, same: boolean][] = [
    ["1000m", "1", true],
    [1, "1", true],
    ["1Gi", "1024Mi", true],
    ["1G", "1Gi", false],
    ["0.5", "500m", true],
    ["1e3", "1k", true],
    ["100m", "200m", false],
    ["a lot", "a lot more", false],
  ];
  for (const [left, right, same] of cases) {
    it(`${JSON.stringify(left)} is ${same ? "" : "not "}${JSON.stringify(right)}`, () => {
      const path = ["spec", "resources", "limits", "cpu"];
      assert.equal(sameQuantity(path, left, right), same);
    });
  }
  it("are amounts only where amounts stand", () => {
    assert.equal(sameQuantity(["data", "text"], "1000m", "1"), false);
  });
});

describe("readiness", () => {
  const statefulSet = (status: Record<string, unknown>, annotations = {}): Manifest => ({
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { name: "monitor", generation: 2, annotations },
    spec: { replicas: 1 },
    status,
  });
  const ready = {
    observedGeneration: 2,
    replicas: 1,
    readyReplicas: 1,
    currentRevision: "b",
    updateRevision: "b",
  };

  it("of a StatefulSet is all its pods ready and new, and the change seen", () => {
    assert.equal(missing(statefulSet(ready)), undefined);
    assert.match(missing(statefulSet({ ...ready, observedGeneration: 1 })) ?? "", /controller/);
    assert.match(missing(statefulSet({ ...ready, readyReplicas: 0 })) ?? "", /0 of 1 ready/);
    assert.match(missing(statefulSet({ ...ready, currentRevision: "a" })) ?? "", /new revision/);
    assert.match(missing(statefulSet({})) ?? "", /controller/);
  });

  it("is not waited for where an annotation says so, and of what has none", () => {
    assert.equal(missing(statefulSet({}, { "pulumi.com/skipAwait": "true" })), undefined);
    assert.equal(missing(live({})), undefined);
  });

  it("of an Ingress is an address", () => {
    const ingress = (status: unknown) => live({ kind: "Ingress", status });
    assert.match(missing(ingress({ loadBalancer: {} })) ?? "", /ingress controller/);
    const loadBalancer = { ingress: [{ ip: "10.0.0.1" }] };
    assert.equal(missing(ingress({ loadBalancer })), undefined);
  });

  it("says what troubles a pod", () => {
    const pod = live({
      kind: "Pod",
      status: {
        conditions: [{ type: "PodScheduled", status: "False", message: "no room" }],
        containerStatuses: [
          { name: "a", state: { waiting: { reason: "ErrImagePull", message: "not there" } } },
          { name: "b", state: { terminated: { reason: "Error", exitCode: 3 } } },
          { name: "c", state: { running: {} }, ready: false },
          { name: "d", state: { running: {} }, ready: true },
        ],
      },
    });
    assert.deepEqual(troubleOf(pod), [
      "pod one finds no node: no room",
      "pod one, container a: ErrImagePull: not there",
      "pod one, container b ended: Error (exit code 3)",
      "pod one, container c runs and is not ready",
    ]);
  });
});

describe("the kubeconfig of the kubernetes plugin", () => {
  const directory = temporaryDirectory("kubeconfig");
  const config = (server: string) => ({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "here", cluster: { server, "insecure-skip-tls-verify": true } }],
    users: [{ name: "me", user: { token: "a-token-of-mine" } }],
    contexts: [{ name: "ours", context: { cluster: "here", user: "me" } }],
    "current-context": "ours",
  });
  const file = join(directory.path, "config");
  writeFileSync(file, JSON.stringify(config("https://127.0.0.1:1")));
  after(directory.remove);

  const refusal = (text: RegExp) => (error: Error) => {
    assert.ok(error instanceof LocalError, error.stack);
    assert.match(error.explain(), text);
    return true;
  };

  it("is a file or a text, of the settings or of KUBECONFIG", async () => {
    for (const [settings, environment] of [
      [{}, { KUBECONFIG: file }],
      [{ kubeconfig: file }, {}],
      [{ kubeconfig: config("https://127.0.0.1:1") }, {}],
      [{}, { KUBECONFIG: `${join(directory.path, "missing")}:${file}` }],
    ] as const) {
      const found = await kubeconfigOf(settings, environment);
      assert.equal(found.getCurrentCluster()?.server, "https://127.0.0.1:1");
    }
  });

  it("that is missing or has no such context is named, with what there is", async () => {
    await assert.rejects(
      kubeconfigOf({}, { KUBECONFIG: "/nowhere/config" }),
      refusal(/^KUBECONFIG \(\/nowhere\/config\) can't be read: .*\n {2}What to do: /),
    );
    await assert.rejects(
      kubeconfigOf({ context: "theirs" }, { KUBECONFIG: file }),
      refusal(
        /has no context "theirs"\. Its contexts are: ours\.\n {2}What to do: Set kubeContext/,
      ),
    );
    await assert.rejects(
      kubeconfigOf({ cluster: "there" }, { KUBECONFIG: file }),
      refusal(/has no cluster "there"/),
    );
  });

  it("whose cluster does not answer is named with its server, and without its token", async () => {
    const port = await freePort();
    const server = `https://127.0.0.1:${port}`;
    const cluster = await connect({ kubeconfig: config(server) }, {});
    await assert.rejects(
      cluster.get({ apiVersion: "v1", kind: "Namespace", name: "default" }),
      (error: Error) => {
        assert.doesNotMatch(error.message, /a-token-of-mine/);
        return refusal(
          new RegExp(
            `^The cluster of the context "ours" \\(${server}\\) can't be reached: .*ECONNREFUSED`,
          ),
        )(error);
      },
    );
  });
});
