import { servePlugin } from "../server/serve.ts";
import { type Client, clientOf } from "./client.ts";
import { escalationPolicy } from "./escalation-policy.ts";
import { service } from "./service.ts";
import { serviceIntegration } from "./service-integration.ts";
import { clientOptionsOf, settingFailures } from "./settings.ts";

/** A stand-in for pulumi-pagerduty: REST calls for the resources that this project declares. */
await servePlugin<Client>({
  name: "pagerduty",
  version: "3.4.0",
  checkConfig: settingFailures,
  connect: async (config) => {
    const client = clientOf(clientOptionsOf(config, process.env));
    // As the provider does: a wrong token is found once, before anything is made.
    await client.get("/abilities", new AbortController().signal);
    return client;
  },
  credentials: ({ token }) => [
    typeof token === "string" ? token : undefined,
    process.env.PAGERDUTY_TOKEN,
  ],
  types: [escalationPolicy, service, serviceIntegration],
});
