import type { Properties } from "./known.ts";

/** A resource as a rule sees it. */
export interface Declared {
  readonly urn: string;
  /** `aws:s3/bucket:Bucket` */
  readonly type: string;
  readonly name: string;
  readonly isProtected: boolean;
  readonly properties: Properties;
  /** By property, the URNs of the resources that its value comes from. */
  readonly references: Readonly<Record<string, readonly string[]>>;
}

/** The stack is named after its network: local, testnet or mainnet. */
export function stackOf(resource: Declared): string {
  return /^urn:pulumi:([^:]+)::/.exec(resource.urn)?.[1] ?? "";
}
