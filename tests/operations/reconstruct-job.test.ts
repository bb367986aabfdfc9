import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { snapshotDigest } from "../../aleo/snapshot/digest.ts";
import { snapshotByListing } from "../../aleo/snapshot/listing.ts";
import { folderStore } from "../../operations/backup/store/folder-store.ts";
import { indexedJob, readCronJob, storeOf } from "../../operations/reconstruct/indexed-job.ts";
import { KubectlError } from "../../operations/reconstruct/kubectl.ts";
import { kubernetesWorkers } from "../../operations/reconstruct/kubernetes-workers.ts";
import { reconstruct } from "../../operations/reconstruct/reconstruct.ts";
import { AleoError } from "../../aleo/errors.ts";
import { admin, alice } from "../contracts/accounts.ts";
import { callsOf } from "../contracts/chain.ts";
import { scratchLedger } from "../aleo/replay/ledger.ts";
import { keeper, keeperId } from "../aleo/replay/small-programs.ts";
import { scratchCluster } from "../local/kubernetes/scratch-cluster.ts";
import { createBlocks } from "../support/create-blocks.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const namespace = "reconstruct";
const image = "aleo-ops:local";
const secret = { name: "S3_KEY", valueFrom: { secretKeyRef: { name: "keys", key: "k" } } };

/** The CronJob of the backups, as far as it matters. */
function cronJob(env: readonly object[], store: string) {
  return {
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: { name: "backup", namespace },
    spec: {
      schedule: "0 0 1 1 *",
      suspend: true,
      jobTemplate: {
        metadata: { labels: { "app.kubernetes.io/component": "operation" } },
        spec: {
          backoffLimit: 3,
          podFailurePolicy: {
            rules: [
              {
                action: "FailJob",
                onExitCodes: { containerName: "operation", operator: "In", values: [1, 2, 3, 4] },
              },
            ],
          },
          template: {
            metadata: { labels: { "app.kubernetes.io/component": "operation" } },
            spec: {
              restartPolicy: "Never",
              containers: [
                {
                  name: "operation",
                  image,
                  args: ["backup", "--all"],
                  env: [{ name: "BACKUP_STORE", value: store }, ...env],
                },
              ],
            },
          },
        },
      },
    },
  };
}

const failsWith = (reason: RegExp) => (error: unknown) =>
  error instanceof AleoError && reason.test(`${error.message} ${error.remedy}`);

describe("The job of the workers", () => {
  it("is the backups' own but for its arguments, with an index for each worker", () => {
    const model = readCronJob(JSON.stringify(cronJob([secret], "s3://bucket")));
    assert.equal(storeOf(model), "s3://bucket");
    const args = ["reconstruct-part", "--workers", "3"];
    const { spec, ...job } = cronJob([secret], "s3://bucket");
    const template = spec.jobTemplate.spec.template;
    assert.deepEqual(indexedJob(model, { name: "reconstruct-1", args, workers: 3 }), {
      apiVersion: job.apiVersion,
      kind: "Job",
      metadata: { name: "reconstruct-1", namespace, labels: spec.jobTemplate.metadata.labels },
      spec: {
        completionMode: "Indexed",
        completions: 3,
        parallelism: 3,
        backoffLimitPerIndex: 3,
        ttlSecondsAfterFinished: 86_400,
        // The backup tries again by itself, a worker does not.
        podFailurePolicy: {
          rules: [
            {
              action: "FailJob",
              onExitCodes: { containerName: "operation", operator: "In", values: [2, 3] },
            },
          ],
        },
        template: {
          ...template,
          spec: { ...template.spec, containers: [{ ...template.spec.containers[0], args }] },
        },
      },
    });
    assert.throws(() => readCronJob('{"kind":"Pod"}'), failsWith(/of a form that is not known/));
  });
});

describe("A reconstruction in a cluster", function () {
  this.timeout(300_000);
  const ledger = scratchLedger();
  const cluster = scratchCluster();
  const directory = temporaryDirectory("reconstruct-job");
  const environment = { ...process.env };

  const settingsOf = (name: string) => ({
    network: "local" as const,
    kubeContext: undefined,
    cluster: { namespace: name, image },
  });
  const madeBy = (store: string, name = namespace) => {
    const target = folderStore(store);
    const workers = kubernetesWorkers({
      settings: settingsOf(name),
      store: target,
      workers: 3,
      partBlocks: 8,
      show: () => undefined,
    });
    const request = { program: keeperId, fromBlock: 0, toBlock: undefined, at: undefined };
    return reconstruct(ledger.node, target, request, workers, () => undefined);
  };
  const storeFolder = () => join(directory.path, "store");

  before(async () => {
    const { kubeconfig, kubectl } = await cluster.start();
    process.env.KUBECONFIG = kubeconfig;
    process.env.PATH = `${dirname(kubectl)}:${environment.PATH ?? ""}`;
    mkdirSync(storeFolder());
    const space = await cluster.namespace(namespace);
    const variables = { ALEO_NODE_URL: ledger.url, ALEO_NETWORK: "local" };
    const env = Object.entries(variables).map(([name, value]) => ({ name, value }));
    await space.create("batch/v1/cronjobs", cronJob(env, storeFolder()));
    assert.equal(await ledger.chain.deploy(admin, keeperId, keeper(0)), "accepted");
    const put = callsOf(keeperId)(alice, "put", "1u8", "{ x: 5u64, y: [1u64, 2u64] }");
    await ledger.send([put]);
    await createBlocks(ledger.url, 20);
  });
  after(() => {
    process.env.KUBECONFIG = environment.KUBECONFIG;
    if (environment.KUBECONFIG === undefined) delete process.env.KUBECONFIG;
    process.env.PATH = environment.PATH;
    directory.remove();
  });

  it("has its blocks fetched by an Indexed Job, and is what the node lists", async () => {
    const report = await madeBy(storeFolder());
    assert.ok((report.parts?.stored ?? 0) >= 3);
    assert.deepEqual(report.parts?.damaged, []);
    assert.equal(report.digest, snapshotDigest(await snapshotByListing(ledger.node, keeperId)));
    const job = JSON.parse(
      await cluster.kubectl("get", "jobs", "--namespace", namespace, "--output", "json"),
    ) as { items: { spec: { completionMode: string }; status: { completedIndexes: string } }[] };
    assert.equal(job.items[0]?.spec.completionMode, "Indexed");
    assert.equal(job.items[0].status.completedIndexes, "0-2");
  });

  it("says what to do where the cluster has another store, or is not there", async () => {
    const other = madeBy(join(directory.path, "other"));
    await assert.rejects(other, failsWith(/backups are in .*store, not in .*other.*--to/s));
    await assert.rejects(
      madeBy(join(directory.path, "other"), "nowhere"),
      (error: unknown) => error instanceof KubectlError && error.message.includes("not found"),
    );
  });
});
