import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { request } from "node:https";
import { join } from "node:path";
import { ApiError } from "../../../local/kubernetes/api-error.ts";
import { clusterFiles, type Part, parts } from "../../../local/kubernetes/files.ts";
import type {
  Container,
  ContainerStatus,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
} from "../../../local/kubernetes/wire.ts";
import { freePort } from "../../../local/ports.ts";
import { identify, isRunning, readRecord } from "../../../local/processes.ts";
import { lanes } from "../../support/lanes.ts";
import { scratchCluster, until } from "./scratch-cluster.ts";

/** A container that runs a line of shell. */
function shell(line: string, others: Partial<Container> = {}): Container {
  return { name: "main", image: "registry.example:5000/tests/shell:v1", args: [line], ...others };
}

function podOf(name: string, container: Container, spec: Partial<NonNullable<Pod["spec"]>> = {}) {
  return {
    metadata: { name },
    spec: { terminationGracePeriodSeconds: 2, ...spec, containers: [container] },
  };
}

const main = (pod: Pod): Partial<ContainerStatus> => pod.status?.containerStatuses?.[0] ?? {};
const phaseIs = (phase: string) => (pod: Pod) => pod.status?.phase === phase;
const isReady = (pod: Pod) =>
  pod.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ===
  true;
const waitsFor = (reason: string) => (pod: Pod) =>
  pod.status?.containerStatuses?.[0]?.state?.waiting?.reason === reason;

const restricted = {
  runAsNonRoot: true,
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
  seccompProfile: { type: "RuntimeDefault" },
};

describe("a cluster on this machine", function () {
  this.timeout(200_000);
  const cluster = scratchCluster();
  const { lane, ended } = lanes();

  const cron = lane();
  cron("fires a CronJob, whose pod runs the project's own image and completes", async () => {
    const space = await cluster.namespace("cron");
    const container: Container = {
      name: "main",
      image: "ghcr.io/example/aleo-ops@sha256:" + "0".repeat(64),
      args: ["--help"],
    };
    await space.create("batch/v1/cronjobs", {
      metadata: { name: "every-minute" },
      spec: {
        schedule: "* * * * *",
        concurrencyPolicy: "Forbid",
        jobTemplate: {
          spec: { template: { spec: podOf("", container, { restartPolicy: "Never" }).spec } },
        },
      },
    });
    interface Jobs {
      readonly items: { metadata: { name: string }; status: { succeeded?: number } }[];
    }
    const { items } = await until(
      "a job of the CronJob completes",
      () => cluster.api.get<Jobs>("/apis/batch/v1/namespaces/cron/jobs"),
      ({ items }) => items.some(({ status }) => status.succeeded === 1),
    );
    const name = items.find(({ status }) => status.succeeded === 1)?.metadata.name ?? "";
    assert.match(await space.logs(`job/${name}`), /Operations on a network of Aleo programs/);
    return `${name}: completed`;
  });

  const admission = lane();
  admission(
    "refuses a pod below the restricted level, and takes one that keeps to it",
    async () => {
      const space = await cluster.namespace("restricted", {
        "pod-security.kubernetes.io/enforce": "restricted",
      });
      await assert.rejects(
        space.create("pods", podOf("bad", shell("true"))),
        (error: unknown) =>
          error instanceof ApiError && error.status === 403 && error.message.includes("restricted"),
      );
      const good = shell("echo taken", { securityContext: restricted });
      await space.create("pods", podOf("good", good, { restartPolicy: "Never" }));
      await space.podWhen("good", "succeeds", phaseIs("Succeeded"));
      assert.equal(await space.logs("good"), "taken");
      return undefined;
    },
  );

  admission("says that no program stands for an image", async () => {
    const space = await cluster.namespace("images");
    await space.create(
      "pods",
      podOf("nginx", shell("", { image: "docker.io/library/nginx:1.29" })),
    );
    const pod = await space.podWhen("nginx", "is refused", waitsFor("ErrImagePull"));
    assert.match(
      main(pod).state?.waiting?.message ?? "",
      /No program stands for .*nginx:1\.29.*shell/,
    );
    assert.equal(pod.status?.phase, "Pending");
    await space.podWhen("nginx", "backs off", waitsFor("ImagePullBackOff"));
    return undefined;
  });

  const environment = lane();
  environment("gives a container its environment from every source", async () => {
    const space = await cluster.namespace("environment");
    await space.create("configmaps", { metadata: { name: "settings" }, data: { A: "1", B: "2" } });
    await space.create("secrets", { metadata: { name: "keys" }, stringData: { TOKEN: "s3cret" } });
    const container = shell("env; echo 'args=$(GREETING) $$(GREETING)'", {
      resources: { limits: { cpu: "250m", memory: "64Mi" } },
      envFrom: [{ prefix: "SET_", configMapRef: { name: "settings" } }],
      env: [
        { name: "GREETING", value: "hello" },
        { name: "LONGER", value: "$(GREETING) world $(UNKNOWN) $$(GREETING)" },
        { name: "FROM_SECRET", valueFrom: { secretKeyRef: { name: "keys", key: "TOKEN" } } },
        { name: "FROM_MAP", valueFrom: { configMapKeyRef: { name: "settings", key: "A" } } },
        {
          name: "OPTIONAL",
          valueFrom: { secretKeyRef: { name: "nowhere", key: "X", optional: true } },
        },
        { name: "WHERE", valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } } },
        { name: "LABEL", valueFrom: { fieldRef: { fieldPath: "metadata.labels['color']" } } },
        { name: "ADDRESS", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
        {
          name: "MEMORY",
          valueFrom: { resourceFieldRef: { resource: "limits.memory", divisor: "1Mi" } },
        },
      ],
    });
    const pod = podOf("sources", container, { restartPolicy: "Never" });
    await space.create("pods", {
      ...pod,
      metadata: { ...pod.metadata, labels: { color: "blue" } },
    });
    await space.podWhen("sources", "succeeds", phaseIs("Succeeded"));
    const printed = (await space.logs("sources")).split("\n");
    for (const line of [
      "SET_A=1",
      "SET_B=2",
      "LONGER=hello world $(UNKNOWN) $(GREETING)",
      "FROM_SECRET=s3cret",
      "FROM_MAP=1",
      "WHERE=environment",
      "LABEL=blue",
      "args=hello $(GREETING)",
      "MEMORY=64",
      "HOSTNAME=sources",
    ]) {
      assert.ok(printed.includes(line), `${line} is missing in:\n${printed.join("\n")}`);
    }
    assert.ok(printed.some((line) => /^ADDRESS=127\.\d+\.\d+\.\d+$/.test(line)));
    assert.ok(!printed.some((line) => line.startsWith("OPTIONAL=")));
    // Nothing of the node's own environment, which may hold secrets of the user.
    assert.ok(!printed.some((line) => /^(USER|LOGNAME|KUBECONFIG)=/.test(line)));
    return undefined;
  });

  environment(
    "waits for a Secret that is missing, names it, and goes on when it comes",
    async () => {
      const space = await cluster.namespace("missing");
      const container = shell("echo got $KEY", {
        env: [{ name: "KEY", valueFrom: { secretKeyRef: { name: "late", key: "KEY" } } }],
      });
      await space.create("pods", podOf("waits", container, { restartPolicy: "Never" }));
      const pod = await space.podWhen("waits", "waits", waitsFor("CreateContainerConfigError"));
      assert.equal(main(pod).state?.waiting?.message, 'secret "late" not found');
      await space.create("secrets", { metadata: { name: "late" }, stringData: { KEY: "it" } });
      await space.podWhen("waits", "succeeds", phaseIs("Succeeded"));
      assert.equal(await space.logs("waits"), "got it");
      return undefined;
    },
  );

  const files = lane();
  files("brings a changed ConfigMap to the mounted files, all in one moment", async () => {
    const space = await cluster.namespace("mounted");
    await space.create("configmaps", { metadata: { name: "rules" }, data: { "a.yaml": "one" } });
    await space.create("secrets", { metadata: { name: "key" }, stringData: { key: "k" } });
    const container = shell(
      "stat -L -c %a /etc/key/key; while :; do cat /etc/rules/a.yaml; echo; sleep 0.2; done",
      {
        volumeMounts: [
          { name: "rules", mountPath: "/etc/rules" },
          { name: "key", mountPath: "/etc/key" },
        ],
      },
    );
    const volumes = [
      { name: "rules", configMap: { name: "rules" } },
      { name: "key", secret: { secretName: "key" } },
    ];
    await space.create("pods", podOf("reads", container, { volumes }));
    await space.podWhen("reads", "is ready", isReady);
    await until(
      "the first content",
      () => space.logs("reads"),
      (text) => text.includes("one"),
    );
    await cluster.api.patch("/api/v1/namespaces/mounted/configmaps/rules", "merge", {
      data: { "a.yaml": "two" },
    });
    const text = await until(
      "the changed content",
      () => space.logs("reads"),
      (text) => text.includes("two"),
    );
    const lines = text.trim().split("\n").filter(Boolean);
    assert.equal(lines[0], "600");
    assert.deepEqual([...new Set(lines.slice(1))], ["one", "two"]);
    return undefined;
  });

  files("gives a pod a token of its service account that the API takes", async () => {
    const space = await cluster.namespace("tokens");
    const mount = "/var/run/secrets/kubernetes.io/serviceaccount";
    const container = shell(`cat ${mount}/token; echo; cat ${mount}/namespace; ls ${mount}`);
    await space.create("pods", podOf("token", container, { restartPolicy: "Never" }));
    await space.podWhen("token", "succeeds", phaseIs("Succeeded"));
    const [token = "", rest] = (await space.logs("token")).split("\n");
    const review = await cluster.api.create<{ status: { user: { username: string } } }>(
      "/apis/authentication.k8s.io/v1/tokenreviews",
      { spec: { token } },
    );
    assert.equal(review.status.user.username, "system:serviceaccount:tokens:default");
    assert.match(rest ?? "", /^tokens/);
    return undefined;
  });

  const crash = lane();
  crash("restarts what ends, with a growing back-off, and keeps the last run's log", async () => {
    const space = await cluster.namespace("crash");
    await space.create("pods", podOf("crash", shell("echo run at $(date +%s%N); exit 3")));
    const pod = await space.podWhen("crash", "backs off", waitsFor("CrashLoopBackOff"));
    assert.match(
      main(pod).state?.waiting?.message ?? "",
      /back-off 10s restarting failed container=main/,
    );
    assert.equal(main(pod).lastState?.terminated?.exitCode, 3);
    const second = await space.logs("crash");
    const first = await space.logs("crash", "--previous");
    assert.match(first, /^run at \d+$/);
    assert.notEqual(first, second);
    await space.podWhen("crash", "starts a third time", (pod) => main(pod).restartCount === 2);
    const [before, after] = [second, await space.logs("crash")].map((text) =>
      Number(BigInt(text.split(" ").at(-1) ?? "0") / 1_000_000n),
    );
    const waited = (after ?? 0) - (before ?? 0);
    assert.ok(waited > 9_000, `the third run began ${waited} ms after the second`);
    return `the third run began ${Math.round(waited / 100) / 10} s after the second`;
  });

  crash("runs init containers in order, and a sidecar until the others have ended", async () => {
    const space = await cluster.namespace("order");
    const mounts = { volumeMounts: [{ name: "shared", mountPath: "/shared" }] };
    await space.create("pods", {
      metadata: { name: "order" },
      spec: {
        restartPolicy: "Never",
        terminationGracePeriodSeconds: 5,
        volumes: [{ name: "shared", emptyDir: {} }],
        initContainers: [
          shell("echo first >> /shared/order", { ...mounts, name: "first" }),
          shell(
            "trap 'echo sidecar ends >> /shared/order; exit 0' TERM; echo sidecar >> /shared/order; while :; do sleep 0.1; done",
            {
              ...mounts,
              name: "sidecar",
              restartPolicy: "Always",
            },
          ),
          shell("sleep 0.3; echo second >> /shared/order", { ...mounts, name: "second" }),
        ],
        containers: [shell("echo main >> /shared/order; cat /shared/order", mounts)],
      },
    });
    const pod = await space.podWhen("order", "succeeds", phaseIs("Succeeded"));
    assert.equal(await space.logs("order"), "first\nsidecar\nsecond\nmain");
    const sidecar = pod.status?.initContainerStatuses?.[1];
    assert.equal(sidecar?.state?.terminated?.exitCode, 0);
    return undefined;
  });

  crash("ends a pod that runs for longer than it may", async () => {
    const space = await cluster.namespace("late");
    await space.create("pods", podOf("late", shell("sleep 1000"), { activeDeadlineSeconds: 2 }));
    const pod = await space.podWhen("late", "has failed", phaseIs("Failed"));
    assert.equal(pod.status?.reason, "DeadlineExceeded");
    assert.notEqual(main(pod).state?.terminated, undefined);
    return undefined;
  });

  const termination = lane();
  termination(
    "ends a container with SIGTERM, and with SIGKILL after the grace period",
    async () => {
      const space = await cluster.namespace("termination");
      const polite = shell("trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.1; done", {
        lifecycle: { preStop: { exec: { command: ["sh", "-c", "echo hook > $HOME/hook"] } } },
      });
      const stubborn = shell("trap '' TERM; echo up; while :; do sleep 0.1; done");
      await space.create("pods", podOf("polite", polite, { terminationGracePeriodSeconds: 30 }));
      await space.create("pods", podOf("stubborn", stubborn, { terminationGracePeriodSeconds: 1 }));
      for (const name of ["polite", "stubborn"]) {
        await space.podWhen(name, "is ready", isReady);
        await until(
          `${name} is up`,
          () => space.logs(name),
          (text) => text === "up",
        );
      }
      const { whole } = await space.followLogs("polite", "--timestamps");
      const begun = Date.now();
      for (const name of ["polite", "stubborn"]) {
        await cluster.api.remove(`/api/v1/namespaces/termination/pods/${name}`, {});
      }
      await until(
        "polite is gone",
        () => space.pod("polite"),
        (pod) => pod === undefined,
      );
      const politeMs = Date.now() - begun;
      await until(
        "stubborn is gone",
        () => space.pod("stubborn"),
        (pod) => pod === undefined,
      );
      assert.ok(politeMs < 20_000, `a pod that ends at once took ${politeMs} ms`);
      assert.match(await whole, /^\S+Z up\n\S+Z bye$/);
      return `ended at once: gone after ${politeMs} ms`;
    },
  );

  termination("shows the lines of a log that are asked for", async () => {
    const space = await cluster.namespace("logs");
    // A pause between the two streams: what is written to both at once has no order.
    const line =
      "echo one; sleep 1; echo two >&2; sleep 1; printf three; sleep 3; echo; echo four; sleep 1000";
    await space.create("pods", podOf("talks", shell(line)));
    await until(
      "all lines",
      () => space.logs("talks"),
      (text) => text.endsWith("four"),
    );
    assert.equal(await space.logs("talks"), "one\ntwo\nthree\nfour");
    assert.equal(await space.logs("talks", "--tail=2"), "three\nfour");
    assert.match(await space.logs("talks", "--timestamps", "--tail=1"), /^2\S+T\S+Z four$/);
    assert.doesNotMatch(await space.logs("talks", "--since=2s"), /one/);
    assert.equal(await space.logs("talks", "--limit-bytes=5"), "one\nt");
    const exec = await cluster.kubectl("exec", "--namespace", "logs", "talks", "--", "true");
    assert.match(exec, /has logs, but no exec/);
    return undefined;
  });

  termination("shows logs to the API server only", async () => {
    const { node } = JSON.parse(await readFile(clusterFiles(cluster.directory).ports, "utf8")) as {
      node: number;
    };
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const outgoing = request({
        host: "127.0.0.1",
        port: node,
        path: "/containerLogs/logs/talks/main",
        rejectUnauthorized: false,
      });
      outgoing.once("response", (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      outgoing.once("error", reject);
      outgoing.end();
    });
    assert.equal(status, 401);
    return undefined;
  });

  const stateful = lane();
  stateful("runs a StatefulSet on a volume, and heeds its probes", async () => {
    const space = await cluster.namespace("stateful");
    const port = await freePort();
    // Ready once it is told so; ill once it is told that.
    const server = `
      const { readFileSync, writeFileSync } = require("node:fs");
      const file = process.env.FILE;
      let starts = 0;
      try { starts = Number(readFileSync(file, "utf8")); } catch {}
      writeFileSync(file, String(starts + 1));
      const state = { readyz: 503, healthz: 200 };
      require("node:http").createServer((request, response) => {
        const path = request.url.slice(1);
        if (request.method === "POST") Object.assign(state, { [path.split("/")[0]]: Number(path.split("/")[1]) });
        response.writeHead(state[path] ?? 200).end(String(starts + 1));
      }).listen(${port}, process.env.HOST);
    `;
    await space.create("apps/v1/statefulsets", {
      metadata: { name: "keeper" },
      spec: {
        replicas: 1,
        serviceName: "keeper",
        selector: { matchLabels: { app: "keeper" } },
        template: {
          metadata: { labels: { app: "keeper" } },
          spec: {
            terminationGracePeriodSeconds: 5,
            containers: [
              {
                name: "main",
                image: "aleo-ops:v1",
                command: ["node", "--eval", server],
                ports: [{ name: "http", containerPort: port }],
                env: [
                  { name: "FILE", value: "/data/starts" },
                  { name: "HOST", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
                ],
                volumeMounts: [{ name: "data", mountPath: "/data" }],
                startupProbe: {
                  tcpSocket: { port: "http" },
                  periodSeconds: 1,
                  failureThreshold: 30,
                },
                readinessProbe: { httpGet: { path: "/readyz", port: "http" }, periodSeconds: 1 },
                livenessProbe: {
                  httpGet: { path: "/healthz", port: "http" },
                  periodSeconds: 1,
                  failureThreshold: 2,
                },
              },
            ],
          },
        },
        volumeClaimTemplates: [
          {
            metadata: { name: "data" },
            spec: {
              accessModes: ["ReadWriteOnce"],
              resources: { requests: { storage: "1Gi" } },
            },
          },
        ],
      },
    });
    const tell = async (path: string) => {
      const address = (await space.pod("keeper-0"))?.status?.podIP ?? "";
      const response = await fetch(`http://${address}:${port}/${path}`, { method: "POST" });
      return response.text();
    };
    const up = await space.podWhen("keeper-0", "has started", (pod) => main(pod).started === true);
    assert.equal(isReady(up), false);
    await tell("readyz/200");
    await space.podWhen("keeper-0", "is ready", isReady);
    await tell("readyz/503");
    await space.podWhen("keeper-0", "is not ready", (pod) => !isReady(pod));
    await tell("healthz/500");
    const restarted = await space.podWhen(
      "keeper-0",
      "is restarted",
      (pod) => main(pod).restartCount === 1 && main(pod).started === true,
    );
    assert.equal(await tell("readyz/200"), "2");
    await space.podWhen("keeper-0", "is ready again", isReady);

    await cluster.api.remove("/api/v1/namespaces/stateful/pods/keeper-0", {});
    await space.podWhen(
      "keeper-0",
      "is made anew",
      (pod) => pod.metadata?.uid !== restarted.metadata?.uid && main(pod).started === true,
    );
    assert.equal(await tell("readyz/200"), "3", "the volume was not kept");

    const claims = "/api/v1/namespaces/stateful/persistentvolumeclaims";
    const claim = await cluster.api.get<PersistentVolumeClaim>(`${claims}/data-keeper-0`);
    const volumePath = `/api/v1/persistentvolumes/${claim.spec?.volumeName ?? ""}`;
    const volume = await cluster.api.get<PersistentVolume>(volumePath);
    const folder = volume.spec?.local?.path ?? "";
    assert.equal(statSync(folder).mode & 0o077, 0, "others may read the volume");
    await cluster.api.remove("/apis/apps/v1/namespaces/stateful/statefulsets/keeper", {});
    await cluster.api.remove(`${claims}/data-keeper-0`, {});
    await until(
      "the volume is gone",
      () => cluster.api.find(volumePath),
      (found) => found === undefined,
    );
    assert.throws(() => statSync(folder), /ENOENT/);
    return undefined;
  });

  describe("after a kill", () => {
    before(ended);
    const files = clusterFiles(cluster.directory);
    const record = (part: Part) => readRecord(files.record(part));

    it("of its node takes the running containers over and starts none twice", async () => {
      const space = await cluster.namespace("adopted");
      const line = "echo $$$$ >> /data/pids; while :; do sleep 0.1; done";
      const container = shell(line, { volumeMounts: [{ name: "data", mountPath: "/data" }] });
      const volumes = [{ name: "data", emptyDir: {} }];
      await space.create("pods", podOf("stays", container, { volumes }));
      await space.create(
        "pods",
        podOf("ends", shell("sleep 2; exit 5"), { restartPolicy: "Never" }),
      );
      const pod = await space.podWhen("stays", "is ready", isReady);
      await space.podWhen("ends", "is ready", isReady);
      const pids = join(files.node, "pods", pod.metadata?.uid ?? "", "volumes/data/pids");
      const node = record("node");
      assert.ok(node);
      process.kill(node.pid, "SIGKILL");
      await until(
        "the node is gone",
        () => Promise.resolve(isRunning(node)),
        (runs) => !runs,
      );
      const process_ = identify(Number((await readFile(pids, "utf8")).trim()));
      assert.ok(process_, "the container ended with the node");
      await new Promise((resolve) => setTimeout(resolve, 2_500));
      const { started } = await cluster.start();
      assert.deepEqual(started, ["node"]);
      // What ended meanwhile is known, with its code.
      const ends = await space.podWhen("ends", "has failed", phaseIs("Failed"));
      assert.equal(main(ends).state?.terminated?.exitCode, 5);
      const again = await space.podWhen("stays", "is ready", isReady);
      assert.equal(main(again).restartCount, 0);
      assert.ok(isRunning(process_));
      assert.equal((await readFile(pids, "utf8")).trim().split("\n").length, 1);
      await cluster.api.remove("/api/v1/namespaces/adopted/pods/stays", {});
      await until(
        "it is gone",
        () => space.pod("stays"),
        (found) => found === undefined,
      );
      assert.ok(!isRunning(process_), "a container that was taken over was not ended");
    });

    for (const part of parts.filter((part) => part !== "node")) {
      it(`of ${part} comes back with nothing lost`, async () => {
        const space = await cluster.namespace(`kill-${part.toLowerCase()}`);
        await space.create("configmaps", { metadata: { name: "kept" }, data: { at: part } });
        const running = record(part);
        assert.ok(running);
        process.kill(running.pid, "SIGKILL");
        await until(
          "it is gone",
          () => Promise.resolve(isRunning(running)),
          (runs) => !runs,
        );
        const { started } = await cluster.start();
        assert.equal(started.length, 1, `started: ${started.join(", ")}`);
        const kept = await cluster.api.get<{ data: { at: string } }>(
          `/api/v1/namespaces/${space.name}/configmaps/kept`,
        );
        assert.equal(kept.data.at, part);
        // The control plane works: a deployment gets to its pod.
        await space.create("apps/v1/deployments", {
          metadata: { name: "works" },
          spec: {
            selector: { matchLabels: { app: "works" } },
            template: {
              metadata: { labels: { app: "works" } },
              spec: podOf("", shell("sleep 1000"), { terminationGracePeriodSeconds: 0 }).spec,
            },
          },
        });
        interface Deployment {
          readonly status: { availableReplicas?: number };
        }
        await until(
          "the deployment is available",
          () =>
            cluster.api.get<Deployment>(`/apis/apps/v1/namespaces/${space.name}/deployments/works`),
          ({ status }) => status.availableReplicas === 1,
        );
      });
    }

    it("of nothing starts nothing", async () => {
      const { started } = await cluster.start();
      assert.deepEqual(started, []);
    });

    it("of all, or an orderly end, goes on where it was, and leaves no process", async () => {
      const space = await cluster.namespace("stopped");
      await space.create("pods", podOf("back", shell("echo up; sleep 1000")));
      const pod = await space.podWhen("back", "is ready", isReady);
      const attempt = join(files.node, "pods", pod.metadata?.uid ?? "", "containers/main/0");
      const { pid } = JSON.parse(await readFile(join(attempt, "running.json"), "utf8")) as {
        pid: number;
      };
      const before = identify(pid);
      assert.ok(before);
      await cluster.stop();
      assert.ok(!isRunning(before), "a container was left behind");
      for (const part of parts) assert.equal(record(part), undefined, `${part} still runs`);
      await cluster.start();
      const again = await space.podWhen(
        "back",
        "is ready again",
        (found) => isReady(found) && main(found).restartCount === 1,
      );
      assert.equal(again.metadata?.uid, pod.metadata?.uid);
    });

    it("keeps its keys and tokens to its user, out of the arguments of processes", async () => {
      const { credentials, kubeconfig, nodeSettings } = files;
      for (const file of [kubeconfig, nodeSettings, join(credentials, "tokens.csv")]) {
        assert.equal(statSync(file).mode & 0o077, 0, `${file} can be read by others`);
      }
      const tokens = (await readFile(join(credentials, "tokens.csv"), "utf8"))
        .split("\n")
        .flatMap((line) => line.split(",")[0] ?? [])
        .filter(Boolean);
      assert.equal(tokens.length, 4);
      for (const part of parts) {
        const pid = record(part)?.pid ?? 0;
        const args = await readFile(`/proc/${pid}/cmdline`, "utf8");
        for (const token of tokens) assert.ok(!args.includes(token), `${part} shows a token`);
      }
    });
  });
});
