import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { ObjectStore } from "../../aleo/backup/store.ts";
import type { Settings } from "../../settings.ts";
import { ReconstructError, UnfinishedPartsError } from "./errors.ts";
import { usualPartBlocks } from "../../aleo/reconstruct/ranges.ts";
import { indexedJob, readCronJob, storeOf } from "./indexed-job.ts";
import { kubectl } from "./kubectl.ts";
import { workerArguments } from "./local-workers.ts";
import type { Parts } from "./reconstruct.ts";

/** The operation whose image, rights and variables the workers have. */
const model = "backup";
const askedEveryMs = 1_000;

const jobShape = z.looseObject({
  status: z
    .looseObject({
      succeeded: z.int().optional(),
      conditions: z
        .array(
          z.looseObject({ type: z.string(), status: z.string(), message: z.string().optional() }),
        )
        .default([]),
    })
    .default({ conditions: [] }),
});

/**
 * Workers as an Indexed Job of the stack's cluster. They write into the store that the cluster's
 * backups are in, so this run has to use the same.
 */
export function kubernetesWorkers(options: {
  readonly settings: Pick<Settings, "network" | "cluster" | "kubeContext">;
  readonly store: ObjectStore;
  readonly workers: number;
  readonly partBlocks?: number;
  readonly show: (text: string) => void;
}): Parts {
  const { settings, store, workers, partBlocks = usualPartBlocks, show } = options;
  const { network, cluster, kubeContext } = settings;
  return {
    partBlocks,
    fetch: async (missing) => {
      if (cluster === undefined) {
        throw new ReconstructError(`The stack ${network} declares no cluster.`, {
          remedy: "Declare aleo-ops:cluster, or leave --kubernetes out: the workers then run here.",
        });
      }
      const where = [
        ...["--namespace", cluster.namespace],
        ...(kubeContext === undefined ? [] : ["--context", kubeContext]),
      ];
      const cronJob = readCronJob(
        await kubectl(["get", "cronjob", model, ...where, "--output", "json"]),
      );
      if (storeOf(cronJob) !== store.location) {
        throw new ReconstructError(
          `The cluster's backups are in ${storeOf(cronJob) ?? "no store that it names"}, not in ${store.location}: its workers would write there.`,
          { remedy: "Name that store with --to, or leave --kubernetes out." },
        );
      }
      const needed = Math.min(workers, missing.length);
      const name = `reconstruct-${Date.now().toString(36)}`;
      const args = workerArguments({ network, missing, partBlocks, workers: needed });
      const job = indexedJob(cronJob, { name, args, workers: needed });
      await kubectl(["create", ...where, "--filename", "-"], JSON.stringify(job));
      await ended(name, where, needed, show);
    },
  };
}

async function ended(
  name: string,
  where: readonly string[],
  workers: number,
  show: (text: string) => void,
): Promise<void> {
  for (;;) {
    const found = await kubectl(["get", "job", name, ...where, "--output", "json"]);
    const { succeeded = 0, conditions } = jobShape.parse(JSON.parse(found)).status;
    const holds = (type: string) =>
      conditions.find((condition) => condition.type === type && condition.status === "True");
    if (holds("Complete") !== undefined) return;
    const failure = holds("Failed");
    if (failure !== undefined) {
      throw new UnfinishedPartsError(
        `${workers - succeeded} of ${workers} workers of job ${name} ended before all blocks were stored: ${failure.message ?? ""}`,
        {
          remedy: `See \`kubectl logs ${where.join(" ")} --selector job-name=${name}\`, then run again: the parts that are stored are not fetched again.`,
        },
      );
    }
    show(`job ${name}: ${succeeded} of ${workers} workers done`);
    await sleep(askedEveryMs);
  }
}
