import assert from "node:assert/strict";
import { inspect } from "node:util";
import { type Properties, unknown, type Value } from "../../policies/known.ts";
import { containersAreLimited } from "../../policies/rules/containers-are-limited.ts";
import { containersAreNotRoot } from "../../policies/rules/containers-are-not-root.ts";
import { imagesArePinned } from "../../policies/rules/images-are-pinned.ts";
import { broken, declare } from "./declare.ts";

const good: Properties = {
  name: "main",
  image: "ghcr.io/owner/aleo-ops:1.0.0",
  resources: { limits: { cpu: "1", memory: "256Mi" } },
  securityContext: { runAsNonRoot: true, runAsUser: 1000 },
};

const written = (value: Value): string => inspect(value, { breakLength: Infinity });

const podTypes: readonly (readonly [type: string, wrap: (pod: Properties) => Properties])[] = [
  ["kubernetes:core/v1:Pod", (pod) => ({ spec: pod })],
  ["kubernetes:core/v1:PodTemplate", (pod) => ({ template: { spec: pod } })],
  ...[
    "kubernetes:apps/v1:Deployment",
    "kubernetes:apps/v1:StatefulSet",
    "kubernetes:apps/v1:DaemonSet",
    "kubernetes:apps/v1:ReplicaSet",
    "kubernetes:apps/v1:StatefulSetPatch",
    "kubernetes:batch/v1:Job",
  ].map((type) => [type, (pod: Properties) => ({ spec: { template: { spec: pod } } })] as const),
  [
    "kubernetes:batch/v1:CronJob",
    (pod) => ({ spec: { jobTemplate: { spec: { template: { spec: pod } } } } }),
  ],
];

/** A Pod with one container, `good` but for some properties. */
const podWith = (properties: Properties, pod: Properties = {}, stack = "local") =>
  declare(
    "kubernetes:core/v1:Pod",
    "job",
    { spec: { ...pod, containers: [{ ...good, ...properties }] } },
    { stack },
  );

describe("the containers of a workload", () => {
  for (const [type, wrap] of podTypes) {
    it(`are found in a ${type}`, () => {
      const bad = (name: string) => ({ ...good, name, resources: {} });
      const pod = {
        containers: [bad("main"), good],
        initContainers: [bad("first")],
        ephemeralContainers: [bad("debug")],
      };
      assert.deepEqual(broken(containersAreLimited, declare(type, "job", wrap(pod))), [
        "container main has no limit of cpu and memory.",
        "container first has no limit of cpu and memory.",
        "container debug has no limit of cpu and memory.",
      ]);
    });
  }

  it("are looked for in workloads only", () => {
    const spec = { containers: [{ name: "main" }] };
    for (const type of [
      "kubernetes:monitoring.coreos.com/v1:Prometheus",
      "aws:ecs/service:Service",
    ]) {
      assert.deepEqual(broken(containersAreLimited, declare(type, "other", { spec })), []);
    }
  });

  it("are judged in the update where the preview does not know them", () => {
    const types = ["kubernetes:core/v1:Pod", "kubernetes:apps/v1:StatefulSet"];
    const specs: readonly Value[] = [unknown, { containers: unknown, template: { spec: unknown } }];
    for (const type of types) {
      for (const spec of specs) {
        assert.deepEqual(broken(containersAreLimited, declare(type, "job", { spec })), []);
      }
    }
  });
});

describe("the limits of a container", () => {
  for (const [resources, expected] of [
    [undefined, ["container main has no limit of cpu and memory."]],
    [{ requests: { cpu: "1", memory: "1Gi" } }, ["container main has no limit of cpu and memory."]],
    [{ limits: { cpu: "1" } }, ["container main has no limit of memory."]],
    [{ limits: { memory: "1Gi" } }, ["container main has no limit of cpu."]],
    [{ limits: { memory: "1Gi", cpu: 2 } }, []],
    [{ limits: unknown }, []],
  ] as const) {
    it(`${written(resources)} give ${expected.length} violations`, () => {
      assert.deepEqual(broken(containersAreLimited, podWith({ resources })), expected);
    });
  }
});

describe("the user of a container", () => {
  const silent = "container main does not say that it runs as another user than root.";
  for (const [container, pod, expected] of [
    [undefined, undefined, [silent]],
    [{}, { fsGroup: 1000 }, [silent]],
    [{ runAsUser: 1000 }, undefined, [silent]],
    [
      { runAsNonRoot: false },
      { runAsNonRoot: true },
      ["container main allows root: runAsNonRoot is false."],
    ],
    [
      { runAsUser: 0, runAsNonRoot: true },
      undefined,
      ["container main runs as user 0, which is root."],
    ],
    [{ runAsNonRoot: true }, { runAsUser: 0 }, ["container main runs as user 0, which is root."]],
    [{ runAsUser: 1000 }, { runAsUser: 0, runAsNonRoot: true }, []],
    [undefined, { runAsNonRoot: true }, []],
    [{ runAsNonRoot: true }, undefined, []],
    [{ runAsNonRoot: unknown }, undefined, []],
  ] as const) {
    it(`${written(container)} in a pod of ${written(pod)} gives ${expected.length} violations`, () => {
      const resource = podWith({ securityContext: container }, { securityContext: pod });
      assert.deepEqual(broken(containersAreNotRoot, resource), expected);
    });
  }
});

describe("the image of a container", () => {
  const digest = `sha256:${"0a".repeat(32)}`;
  const table: readonly (readonly [stack: string, image: Value, expected: string | undefined])[] = [
    ["local", "aleo-ops:1.0.0", undefined],
    ["local", "localhost:5000/aleo-ops:dev", undefined],
    ["local", "aleo-ops", "has the image aleo-ops without a tag, which means latest."],
    [
      "local",
      "localhost:5000/aleo-ops",
      "has the image localhost:5000/aleo-ops without a tag, which means latest.",
    ],
    [
      "local",
      "aleo-ops:latest",
      "has the image aleo-ops:latest: latest is whatever was pushed last.",
    ],
    ["local", undefined, "has no image."],
    ["local", unknown, undefined],
    [
      "testnet",
      "ghcr.io/owner/aleo-ops:1.0.0",
      "has the image ghcr.io/owner/aleo-ops:1.0.0, not pinned by digest.",
    ],
    [
      "mainnet",
      "ghcr.io/owner/aleo-ops:1.0.0",
      "has the image ghcr.io/owner/aleo-ops:1.0.0, not pinned by digest.",
    ],
    ["testnet", `ghcr.io/owner/aleo-ops:1.0.0@${digest}`, undefined],
    ["mainnet", `ghcr.io/owner/aleo-ops@${digest}`, undefined],
    [
      "mainnet",
      `ghcr.io/owner/aleo-ops:latest@${digest}`,
      `has the image ghcr.io/owner/aleo-ops:latest@${digest}: latest is whatever was pushed last.`,
    ],
    [
      "mainnet",
      "ghcr.io/owner/aleo-ops@sha256:0a",
      "has the image ghcr.io/owner/aleo-ops@sha256:0a, whose digest is of no image.",
    ],
    [
      "mainnet",
      `ghcr.io/owner/aleo-ops@sha256:${"0".repeat(64)}`,
      `has the image ghcr.io/owner/aleo-ops@sha256:${"0".repeat(64)}, whose digest is of no image.`,
    ],
    ["another", "aleo-ops:1.0.0", "has the image aleo-ops:1.0.0, not pinned by digest."],
  ];
  for (const [stack, image, expected] of table) {
    it(`${written(image)} on ${stack} is ${expected === undefined ? "fine" : "refused"}`, () => {
      assert.deepEqual(
        broken(imagesArePinned, podWith({ image }, {}, stack)),
        expected === undefined ? [] : [`container main ${expected}`],
      );
    });
  }
});
