import { AleoError } from "../../../aleo/errors.ts";
import {
  StoreDeniedError,
  StoreMissingError,
  StoreUnreachableError,
} from "../../../aleo/backup/store.ts";

interface SdkFailure {
  readonly name?: string;
  readonly message?: string;
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly attempts?: number };
}

export function nameOf(error: unknown): string {
  return (error as SdkFailure).name ?? "";
}

export function statusOf(error: unknown): number | undefined {
  return (error as SdkFailure).$metadata?.httpStatusCode;
}

/** How often the SDK sent the request. */
export function attemptsOf(error: unknown): number {
  return (error as SdkFailure).$metadata?.attempts ?? 1;
}

/** Whether the same request may succeed later. */
export function isTemporary(error: unknown): boolean {
  const status = statusOf(error);
  return status === undefined || status >= 500 || status === 429 || status === 200;
}

/** What the SDK threw, as a person should read it. */
export function asStoreError(error: unknown, location: string, what: string): unknown {
  if (error instanceof AleoError) return error;
  const { name = "", message = "", code } = error as SdkFailure;
  const reason = message === "" || message === "UnknownError" ? name : message;
  const status = statusOf(error);
  if (name === "NoSuchBucket") {
    return new StoreMissingError(`There is no bucket for ${location}.`, {
      remedy: "Check its name; `make up` makes the bucket that the stack declares.",
      cause: error,
    });
  }
  if (/Credential|TokenProvider/.test(name)) {
    return new StoreDeniedError(`There are no AWS credentials for ${location}: ${reason}.`, {
      remedy:
        "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or use the role of the machine or pod.",
      cause: error,
    });
  }
  if (message.includes("Region is missing")) {
    return new StoreMissingError(`There is no AWS region for ${location}.`, {
      remedy: "Set AWS_REGION to the region of the bucket.",
      cause: error,
    });
  }
  if (status === 401 || status === 403) {
    return new StoreDeniedError(`${location} refuses ${what}: ${reason} (${name}).`, {
      remedy:
        "Give this account the role for it: the backup writer's to write, the backup reader's to read, the backup appender's to back up with both. Nothing that counts was written.",
      cause: error,
    });
  }
  if (status === 301 || status === 307) {
    return new StoreMissingError(`${location} is in another region than AWS_REGION.`, {
      remedy: "Set AWS_REGION to the region of the bucket.",
      cause: error,
    });
  }
  return new StoreUnreachableError(
    `${location} did not answer as it should while ${what}: ${[code, status, reason].filter((part) => part !== undefined && part !== "").join(" ")}.`,
    {
      remedy:
        "Check that this machine reaches it (AWS_ENDPOINT_URL, AWS_REGION, the network), then run again. A backup that was not finished does not count.",
      cause: error,
    },
  );
}
