import { z } from "zod";
import { LocalError } from "../../errors.ts";
import { at, type Properties } from "../server/resource-type.ts";
import { checkedBy, orUnknown, text, withName } from "./checks.ts";
import { restType } from "./rest-type.ts";

interface Inputs extends Properties {
  readonly name: string;
  readonly service: string;
  readonly type: string;
}

interface Document {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly html_url: string;
  readonly service: { readonly id: string };
  readonly integration_key: string;
}

const schema = z.strictObject({
  name: text,
  service: text,
  type: orUnknown(
    z
      .string("must be set: the stand-in for the pagerduty provider knows no vendors")
      .regex(/_inbound_integration$/, "must be the type of an inbound integration"),
  ),
});

const collection = (service: string) => `/services/${service}/integrations`;

export const serviceIntegration = restType<Inputs, Document>({
  token: "pagerduty:index/serviceIntegration:ServiceIntegration",
  wrapper: "integration",

  check: (inputs, context) => checkedBy(schema, withName(inputs, context)),
  replaces: at("service", "type"),

  collectionOf: ({ service }) => collection(service),

  list: async (client, { service }, signal) => {
    const answer = await client.get<{ service: { integrations: { id: string }[] } }>(
      `/services/${service}`,
      signal,
    );
    const all = answer.service.integrations.map(({ id }) =>
      client.get<{ integration: Document }>(`${collection(service)}/${id}`, signal),
    );
    return (await Promise.all(all)).map(({ integration }) => integration);
  },

  documentOf: ({ name, type, service }) => ({
    name,
    type,
    service: { id: service, type: "service" },
  }),
  inputsOf: ({ name, type, service }) => ({ name, type, service: service.id }),
  outputsOf: ({ html_url, integration_key }) => ({
    htmlUrl: html_url,
    integrationKey: integration_key,
  }),

  importOf: (id) => {
    const [service, integration] = id.split(".");
    if (service === undefined || integration === undefined) {
      throw new LocalError(`${id} is no id to import an integration by.`, {
        remedy: "Give the ids of service and integration with a dot between: PSERVIC.PINTEGR.",
      });
    }
    return { id: integration, inputs: { service } };
  },
});
