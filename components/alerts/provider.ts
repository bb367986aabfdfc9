import { Provider } from "@pulumi/pagerduty/provider.js";
import * as pulumi from "@pulumi/pulumi";
import { refusal } from "../kubernetes/refusal.ts";

/**
 * The options with which a component finds a PagerDuty that is not at its usual address: that of
 * PAGERDUTY_API_URL, as on the network `local`. Without that variable, which Pulumi's provider does not
 * know by itself, there are none: the default provider does, with its settings `pagerduty:…`.
 *
 * @throws pulumi.RunError without a token in PAGERDUTY_TOKEN or in the secret `pagerduty:token`
 */
export function pagerDutyOptions(
  environment: Readonly<Record<string, string | undefined>>,
): pulumi.ComponentResourceOptions {
  const { PAGERDUTY_API_URL: apiUrlOverride, PAGERDUTY_TOKEN: given } = environment;
  if (apiUrlOverride === undefined) return {};
  const token = given ?? new pulumi.Config("pagerduty").getSecret("token");
  if (token === undefined) {
    throw refusal(
      "PAGERDUTY_API_URL is set, but no token of PagerDuty's.",
      "Set PAGERDUTY_TOKEN, or the secret pagerduty:token.",
    );
  }
  const provider = new Provider("pagerduty", { apiUrlOverride, token: pulumi.secret(token) });
  return { providers: [provider] };
}
