import { type Environment, given } from "../../../aleo/environment.ts";
import type { Settings } from "../../../settings.ts";

/** The name of the bucket that the stack declares; undefined where it declares none. */
export function stackBucket({
  network,
  backups,
}: Pick<Settings, "network" | "backups">): string | undefined {
  return backups && (backups.bucket ?? `aleo-contract-backups-${network}`);
}

/** Where S3 is, when not at its public address. */
export function s3Endpoint(environment: Environment): string | undefined {
  return given(environment, "AWS_ENDPOINT_URL_S3") ?? given(environment, "AWS_ENDPOINT_URL");
}
