import { Provider } from "@pulumi/pagerduty/provider.js";
import { secret } from "@pulumi/pulumi";

/**
 * PagerDuty at another address than its public one, as the stand-in of the network `local`. Without
 * it Pulumi's default provider is used, which takes its token from the stack or from PAGERDUTY_TOKEN.
 *
 * @param url the base URL of the API
 * @param token kept encrypted in the state: the package does not do so by itself
 */
export function pagerDutyProvider(name: string, url: string, token: string): Provider {
  return new Provider(name, { apiUrlOverride: url, token: secret(token) });
}
