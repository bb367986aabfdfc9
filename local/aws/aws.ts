import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { readRecord } from "../processes.ts";
import {
  type RunningService,
  type Service,
  startChild,
  startDetached,
  stopDetached,
} from "../service.ts";
import { ensureMoto } from "../tools/moto.ts";

/** The stand-in for AWS on this machine: S3, KMS, IAM and STS, by moto. */
export interface AwsOptions {
  /** Where all that it was told is kept; deleting it is a new, empty account. */
  readonly directory: string;
  readonly port: number;
  readonly logFile: string;
}

export interface Aws {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

const name = "local AWS";

/** Any region does; the buckets of stack `local` are in this one. */
export const localRegion = "eu-central-1";

/**
 * Starts it as a child of this process and waits until it answers.
 *
 * @throws LocalError when moto or the port can't be had, or it ends or does not become ready
 */
export async function startAws(options: AwsOptions): Promise<Aws> {
  return { url: urlOf(options.port), ...(await startChild(serviceOf(options))) };
}

/**
 * Starts it so that it goes on after this process, recorded in `recordFile`. One that runs already is
 * left as it is, on the port it has.
 *
 * @throws LocalError as `startAws` does
 */
export async function startDetachedAws(
  options: AwsOptions,
  recordFile: string,
): Promise<{ readonly url: string; readonly started: boolean }> {
  const { port, started }: RunningService = await startDetached(serviceOf(options), recordFile);
  return { url: urlOf(port), started };
}

/** Where the one recorded in `recordFile` is reached; undefined when it does not run. */
export function detachedAwsUrl(recordFile: string): string | undefined {
  const running = readRecord(recordFile);
  return running === undefined ? undefined : urlOf(running.port);
}

/** Stops the one recorded in `recordFile`, and no other. False when none runs. */
export function stopDetachedAws(recordFile: string): Promise<boolean> {
  return stopDetached({ name }, recordFile);
}

/**
 * What a program needs to use it instead of AWS: credentials that open nothing, and nothing of the
 * user's own, so that no call can go to a real account.
 */
export function awsEnvironment(url: string): NodeJS.ProcessEnv {
  return {
    AWS_ENDPOINT_URL: url,
    AWS_REGION: localRegion,
    AWS_DEFAULT_REGION: localRegion,
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "opens-nothing",
    AWS_SESSION_TOKEN: undefined,
    AWS_PROFILE: undefined,
    AWS_CONFIG_FILE: "/dev/null",
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: undefined,
    ...Object.fromEntries(
      ["S3", "KMS", "IAM", "STS"].map((service) => [`AWS_ENDPOINT_URL_${service}`, undefined]),
    ),
  };
}

function serviceOf({ directory, port, logFile }: AwsOptions): Service {
  return {
    name,
    port,
    logFile,
    command: async () => {
      const file = await ensureMoto(() => undefined);
      mkdirSync(directory, { recursive: true });
      return {
        file,
        args: [
          join(import.meta.dirname, "moto_server.py"),
          ...["--port", String(port)],
          ...["--journal", join(directory, "journal")],
        ],
        env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1" },
      };
    },
    isReady: async (at) => {
      const response = await fetch(`${urlOf(at)}/moto-api/`, {
        signal: AbortSignal.timeout(2_000),
      });
      await response.body?.cancel();
      return response.ok;
    },
  };
}

function urlOf(port: number): string {
  return `http://127.0.0.1:${port}`;
}
