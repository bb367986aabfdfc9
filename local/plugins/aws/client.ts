import type { IAM } from "@aws-sdk/client-iam";
import type { KMS } from "@aws-sdk/client-kms";
import type { S3 } from "@aws-sdk/client-s3";
import { LocalError } from "../../errors.ts";
import type { Properties } from "../server/resource-type.ts";

/** The services, each loaded with the first call that needs it. */
export interface Client {
  /** Where a resource is that names no region. */
  readonly region: string;
  s3(region: string): Promise<S3>;
  kms(region: string): Promise<KMS>;
  iam(): Promise<IAM>;
}

/**
 * @throws LocalError without a region, or without AWS_ENDPOINT_URL: against AWS itself only the real
 *   provider is good enough
 */
export function clientOf(config: Properties, env: NodeJS.ProcessEnv): Client {
  const endpoint = env.AWS_ENDPOINT_URL;
  if (endpoint === undefined || endpoint === "") {
    throw new LocalError(
      "The stand-in for the AWS provider works against the local AWS only, and AWS_ENDPOINT_URL is not set.",
      {
        remedy:
          "For AWS itself install the real provider, where get.pulumi.com is reached: pulumi plugin install resource aws 7.48.0.",
      },
    );
  }
  const region = [config.region, env.AWS_REGION, env.AWS_DEFAULT_REGION].find(
    (name): name is string => typeof name === "string" && name !== "",
  );
  if (region === undefined) {
    throw new LocalError("The AWS provider has no region.", {
      remedy: "Set aws:region in the stack's configuration, or AWS_REGION.",
    });
  }
  const once = <Service>(make: (at: string) => Promise<Service>) => {
    const made = new Map<string, Promise<Service>>();
    return (at: string): Promise<Service> => {
      const known = made.get(at) ?? make(at);
      made.set(at, known);
      return known;
    };
  };
  const s3 = once(async (at) => {
    const { S3 } = await import("@aws-sdk/client-s3");
    return new S3({ endpoint, region: at, forcePathStyle: true, followRegionRedirects: true });
  });
  const kms = once(async (at) => {
    const { KMS } = await import("@aws-sdk/client-kms");
    return new KMS({ endpoint, region: at });
  });
  const iam = once(async (at) => {
    const { IAM } = await import("@aws-sdk/client-iam");
    return new IAM({ endpoint, region: at });
  });
  return { region, s3, kms, iam: () => iam(region) };
}

/** The settings of the provider that say where and as whom, which the environment says here. */
const known = new Set([
  "version",
  "region",
  "s3UsePathStyle",
  "skipCredentialsValidation",
  "skipMetadataApiCheck",
  "skipRegionValidation",
  "skipRequestingAccountId",
]);

export function unknownSettings(config: Properties): { property: string; reason: string }[] {
  return Object.keys(config)
    .filter((key) => !known.has(key))
    .map((property) => ({
      property,
      reason: `The stand-in for the AWS provider does not know this setting. It knows: ${[...known].join(", ")}.`,
    }));
}

/** Undefined where AWS answers with one of these errors, or with 404 where none is named. */
export async function unlessMissing<Result>(
  call: Promise<Result>,
  ...codes: readonly string[]
): Promise<Result | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof Error && codes.includes(error.name)) return undefined;
    throw error;
  }
}
