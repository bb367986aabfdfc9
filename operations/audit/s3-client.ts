import { S3Client } from "@aws-sdk/client-s3";
import type { Environment } from "../../settings.ts";
import { s3Endpoint } from "../backup/store/stack-bucket.ts";

const patienceMs = 3_000;

/**
 * Asks S3, and waits for no answer long: what can't be asked is told.
 * @param region where it is not that of the environment
 */
export function s3Client(environment: Environment, region?: string): S3Client {
  const endpoint = s3Endpoint(environment);
  return new S3Client({
    ...(region !== undefined && { region }),
    maxAttempts: 2,
    requestHandler: { connectionTimeout: patienceMs, requestTimeout: patienceMs },
    ...(endpoint !== undefined && { endpoint, forcePathStyle: true }),
  });
}
