import { z } from "zod";
import { exitCode } from "../exit-code.ts";
import { ReconstructError } from "./errors.ts";

const container = z.looseObject({
  name: z.string(),
  env: z.array(z.looseObject({ name: z.string(), value: z.string().optional() })).default([]),
});

const cronJobShape = z.looseObject({
  metadata: z.looseObject({ namespace: z.string() }),
  spec: z.looseObject({
    jobTemplate: z.looseObject({
      metadata: z.looseObject({ labels: z.record(z.string(), z.string()).optional() }).optional(),
      spec: z.looseObject({
        template: z.looseObject({
          spec: z.looseObject({ containers: z.tuple([container]) }),
        }),
      }),
    }),
  }),
});

/** As the API server gives it. */
export type CronJob = z.infer<typeof cronJobShape>;

const triesPerWorker = 4;
/** Another try gives the same. */
const hopeless = [exitCode.wrongUsage, exitCode.verificationFailed];
/** A job that has ended is there for a day, to be looked at. */
const keptSeconds = 86_400;

/** @throws ReconstructError for what is not the CronJob of an operation of this project */
export function readCronJob(text: string): CronJob {
  const found = cronJobShape.safeParse(JSON.parse(text));
  if (found.success) return found.data;
  throw new ReconstructError(
    `The CronJob of the backups is of a form that is not known: ${z.prettifyError(found.error)}`,
    {
      remedy: "Bring the cluster to what the stack declares: `make up`.",
    },
  );
}

/** The store that the cluster's backups are in; undefined where it is not named in plain. */
export function storeOf({ spec }: CronJob): string | undefined {
  const [{ env }] = spec.jobTemplate.spec.template.spec.containers;
  return env.find(({ name }) => name === "BACKUP_STORE")?.value;
}

/**
 * A Job of so many workers, each of which knows by JOB_COMPLETION_INDEX which share is its own. Image,
 * rights, variables and limits are those of the backups' CronJob, so that it runs wherever that does.
 */
export function indexedJob(
  cronJob: CronJob,
  {
    name,
    args,
    workers,
  }: { readonly name: string; readonly args: readonly string[]; readonly workers: number },
): object {
  const { metadata, spec } = cronJob.spec.jobTemplate;
  const { template } = spec;
  const [first] = template.spec.containers;
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      name,
      namespace: cronJob.metadata.namespace,
      ...(metadata?.labels !== undefined && { labels: metadata.labels }),
    },
    spec: {
      completionMode: "Indexed",
      completions: workers,
      parallelism: workers,
      backoffLimitPerIndex: triesPerWorker - 1,
      ttlSecondsAfterFinished: keptSeconds,
      // A scheduled operation tries again by itself; a worker that failed is run again.
      podFailurePolicy: {
        rules: [
          {
            action: "FailJob",
            onExitCodes: { containerName: first.name, operator: "In", values: hopeless },
          },
        ],
      },
      template: {
        ...template,
        spec: { ...template.spec, restartPolicy: "Never", containers: [{ ...first, args }] },
      },
    },
  };
}
