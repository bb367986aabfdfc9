const europe = "https://events.eu.pagerduty.com/v2/enqueue";

/**
 * Where PagerDuty takes events; undefined for its usual address.
 * @param apiUrl the base URL of its REST API where that is not the usual one
 * @param serviceRegion that of Pulumi's provider: `eu` or `us`
 */
export function eventsUrl(
  apiUrl: string | undefined,
  serviceRegion: string | undefined,
): string | undefined {
  const host = apiUrl === undefined ? "pagerduty.com" : new URL(apiUrl).hostname;
  if (!/(^|\.)pagerduty\.com$/.test(host)) return `${String(apiUrl)}/v2/enqueue`;
  return serviceRegion === "eu" || host.endsWith(".eu.pagerduty.com") ? europe : undefined;
}
