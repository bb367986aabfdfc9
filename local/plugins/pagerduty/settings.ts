import { LocalError } from "../../errors.ts";
import { isUnknown } from "../server/values.ts";
import type { Properties } from "../server/resource-type.ts";
import type { ClientOptions } from "./client.ts";

/** `skipCredentialsValidation`, `userToken` and `version` come along and change nothing here. */
const known = [
  "token",
  "apiUrlOverride",
  "serviceRegion",
  "skipCredentialsValidation",
  "userToken",
  "version",
];

/** What is wrong with the provider's own settings. */
export function settingFailures(config: Properties): { property: string; reason: string }[] {
  const { apiUrlOverride, serviceRegion } = config;
  const failures = Object.keys(config)
    .filter((property) => !known.includes(property))
    .map((property) => ({
      property,
      reason: `the stand-in for the pagerduty provider knows ${known.join(", ")} only`,
    }));
  if (apiUrlOverride !== undefined && !isUnknown(apiUrlOverride) && !isSafe(apiUrlOverride)) {
    failures.push({
      property: "apiUrlOverride",
      reason: "must be an https URL, or an http URL of this machine: the token goes there",
    });
  }
  if (![undefined, "us", "eu", ""].some((region) => region === serviceRegion)) {
    failures.push({ property: "serviceRegion", reason: "must be us or eu" });
  }
  return failures;
}

/**
 * Where PagerDuty is and as whom to call it: the provider's settings, then the environment.
 *
 * @throws LocalError without a token
 */
export function clientOptionsOf(config: Properties, env: NodeJS.ProcessEnv): ClientOptions {
  const token = textOf(config.token) ?? textOf(env.PAGERDUTY_TOKEN);
  if (token === undefined) {
    throw new LocalError("PagerDuty's token is not set.", {
      remedy:
        "Set PAGERDUTY_TOKEN, or run `pulumi config set --secret pagerduty:token`, with a REST API token of the account.",
    });
  }
  const region = textOf(config.serviceRegion) ?? textOf(env.PAGERDUTY_SERVICE_REGION) ?? "us";
  const url =
    textOf(config.apiUrlOverride) ??
    `https://api.${region === "us" ? "" : `${region}.`}pagerduty.com`;
  return { url: url.replace(/\/+$/, ""), token };
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function isSafe(value: unknown): boolean {
  const url = typeof value === "string" && URL.canParse(value) ? new URL(value) : undefined;
  if (url?.protocol === "https:") return true;
  return url?.protocol === "http:" && ["127.0.0.1", "localhost", "[::1]"].includes(url.hostname);
}
