import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { Account } from "../account.ts";
import { isTimeZone } from "../local-time.ts";
import type { IntegrationRecord, ServiceRecord } from "../records.ts";
import { newId, newKey } from "../store.ts";
import { invalidInput, notFound } from "./errors.ts";
import { inputOf } from "./input.ts";
import { pageOf, pagingOf, valueOf } from "./paging.ts";
import type { Views } from "./views.ts";

const constantUrgency = z.object({
  type: z.literal("constant"),
  urgency: z.enum(["high", "low", "severity_based"]),
});

const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/, "is no time of day");

/** Fields that a change leaves out stay as they are. */
const changes = z.object({
  name: z.string().min(1),
  description: z.string().nullish(),
  status: z.enum(["active", "warning", "critical", "maintenance", "disabled"]).optional(),
  escalation_policy: z.object({ id: z.string().min(1) }),
  acknowledgement_timeout: z.number().int().positive().nullable().optional(),
  auto_resolve_timeout: z.number().int().positive().nullable().optional(),
  alert_creation: z.enum(["create_incidents", "create_alerts_and_incidents"]).optional(),
  incident_urgency_rule: z
    .discriminatedUnion("type", [
      constantUrgency,
      z.object({
        type: z.literal("use_support_hours"),
        during_support_hours: constantUrgency,
        outside_support_hours: constantUrgency,
      }),
    ])
    .optional(),
  support_hours: z
    .object({
      type: z.literal("fixed_time_per_day"),
      time_zone: z.string().refine(isTimeZone, "is no time zone"),
      start_time: timeOfDay,
      end_time: timeOfDay,
      days_of_week: z.array(z.number().int().min(1).max(7)).min(1),
    })
    .refine(({ start_time, end_time }) => start_time < end_time, "end before they start")
    .nullish(),
  scheduled_actions: z
    .array(
      z
        .object({
          type: z.literal("urgency_change"),
          to_urgency: z.enum(["high", "low"]),
          at: z.object({
            type: z.literal("named_time"),
            name: z.enum(["support_hours_start", "support_hours_end"]),
          }),
        })
        // Terraform's provider sends one null for none.
        .nullable(),
    )
    .optional(),
});

const integrationInput = z.object({
  name: z.string().min(1),
  type: z.string().regex(/_inbound_integration$/, "is no type of an inbound integration"),
});

interface WithId {
  Params: { id: string };
}

interface WithIntegration {
  Params: { id: string; integration: string };
}

export function serviceRoutes(app: FastifyInstance, account: Account, views: Views): void {
  const { store } = account;
  const find = (id: string) => {
    const service = store.get("service", id);
    if (service === undefined) throw notFound();
    return service;
  };
  const findIntegration = (service: string, id: string) => {
    const integration = store.get("integration", id);
    if (integration?.service !== service) throw notFound();
    return integration;
  };
  const save = (id: string, before: ServiceRecord | undefined, body: unknown): ServiceRecord => {
    const given = inputOf("service", before === undefined ? changes : changes.partial(), body);
    const service: ServiceRecord = {
      id,
      name: given.name ?? before?.name ?? "",
      description: given.description ?? before?.description ?? "",
      created_at: before?.created_at ?? account.timestamp(),
      disabled:
        given.status === undefined ? (before?.disabled ?? false) : given.status === "disabled",
      escalation_policy: given.escalation_policy?.id ?? before?.escalation_policy ?? "",
      acknowledgement_timeout: either(
        given.acknowledgement_timeout,
        before?.acknowledgement_timeout,
        1_800,
      ),
      auto_resolve_timeout: either(
        given.auto_resolve_timeout,
        before?.auto_resolve_timeout,
        14_400,
      ),
      alert_creation:
        given.alert_creation ?? before?.alert_creation ?? "create_alerts_and_incidents",
      incident_urgency_rule: given.incident_urgency_rule ??
        before?.incident_urgency_rule ?? { type: "constant", urgency: "high" },
      support_hours: either(given.support_hours, before?.support_hours, null),
      scheduled_actions:
        given.scheduled_actions?.filter((action) => action !== null) ??
        before?.scheduled_actions ??
        [],
    };
    refuseInconsistent(account, service);
    store.put("service", service);
    return service;
  };

  app.get("/services", ({ query }) => {
    const wanted = valueOf(query, "query")?.toLowerCase() ?? "";
    const services = store.all("service").filter(({ name }) => name.toLowerCase().includes(wanted));
    return pageOf("services", services.map(views.service), pagingOf(query));
  });

  app.post("/services", ({ body }, reply) =>
    reply.code(201).send({ service: views.service(save(newId(), undefined, body)) }),
  );

  app.get<WithId>("/services/:id", ({ params }) => ({ service: views.service(find(params.id)) }));

  app.put<WithId>("/services/:id", ({ params, body }) => ({
    service: views.service(save(params.id, find(params.id), body)),
  }));

  app.delete<WithId>("/services/:id", ({ params }, reply) => {
    const { id } = find(params.id);
    for (const integration of store.all("integration")) {
      if (integration.service === id) store.remove("integration", integration.id);
    }
    store.remove("service", id);
    return reply.code(204).send();
  });

  app.post<WithId>("/services/:id/integrations", ({ params, body }, reply) => {
    const { id: service } = find(params.id);
    const { name, type } = inputOf("integration", integrationInput, body);
    const integration: IntegrationRecord = {
      id: newId(),
      service,
      name,
      type,
      created_at: account.timestamp(),
      integration_key: newKey(),
    };
    store.put("integration", integration);
    return reply.code(201).send({ integration: views.integration(integration) });
  });

  app.get<WithIntegration>("/services/:id/integrations/:integration", ({ params }) => ({
    integration: views.integration(findIntegration(params.id, params.integration)),
  }));

  app.put<WithIntegration>("/services/:id/integrations/:integration", ({ params, body }) => {
    const before = findIntegration(params.id, params.integration);
    const { name } = inputOf("integration", integrationInput.pick({ name: true }), body);
    const integration = { ...before, name };
    store.put("integration", integration);
    return { integration: views.integration(integration) };
  });

  app.delete<WithIntegration>("/services/:id/integrations/:integration", ({ params }, reply) => {
    store.remove("integration", findIntegration(params.id, params.integration).id);
    return reply.code(204).send();
  });
}

/** What is given wins, null included; what is not stays; a new one has the default. */
function either<T>(given: T | undefined, before: T | undefined, byDefault: T): T {
  if (given !== undefined) return given;
  return before === undefined ? byDefault : before;
}

function refuseInconsistent({ store }: Account, service: ServiceRecord): void {
  const namesake = store.all("service").find(({ name }) => name === service.name);
  if (namesake !== undefined && namesake.id !== service.id) {
    throw invalidInput("Name has already been taken");
  }
  if (store.get("escalation_policy", service.escalation_policy) === undefined) {
    throw invalidInput("Escalation policy can't be blank");
  }
  const usesHours = service.incident_urgency_rule.type === "use_support_hours";
  if (usesHours && service.support_hours === null) {
    throw invalidInput("Support hours can't be blank where the urgency rule uses them");
  }
  if (!usesHours && service.scheduled_actions.length > 0) {
    throw invalidInput("Scheduled actions are only for an urgency rule that uses support hours");
  }
}
