import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { Account } from "../account.ts";
import { act } from "../enqueue.ts";
import { invalidInput, notFound } from "./errors.ts";
import { inputOf } from "./input.ts";
import { pageOf, pagingOf, valueOf, valuesOf } from "./paging.ts";
import type { Views } from "./views.ts";

const change = z.object({ status: z.enum(["acknowledged", "resolved"]) });

interface WithId {
  Params: { id: string };
}

export function incidentRoutes(app: FastifyInstance, account: Account, views: Views): void {
  const { store } = account;
  const find = (id: string) => {
    const incident = store.get("incident", id);
    if (incident === undefined) throw notFound();
    return incident;
  };

  app.get("/incidents", ({ query }) => {
    const statuses = valuesOf(query, "statuses");
    const urgencies = valuesOf(query, "urgencies");
    const services = valuesOf(query, "service_ids");
    const key = valueOf(query, "incident_key");
    const among = (values: readonly string[], value: string) =>
      values.length === 0 || values.includes(value);
    const incidents = store
      .all("incident")
      .map(views.incident)
      .filter(
        (incident) =>
          among(statuses, incident.status) &&
          among(urgencies, incident.urgency) &&
          among(services, incident.service.id) &&
          (key === undefined || incident.incident_key === key),
      );
    return pageOf("incidents", incidents, pagingOf(query));
  });

  app.get<WithId>("/incidents/:id", ({ params }) => ({
    incident: views.incident(find(params.id)),
  }));

  app.get<WithId>("/incidents/:id/log_entries", ({ params, query }) =>
    pageOf("log_entries", views.logEntries(find(params.id)), pagingOf(query)),
  );

  app.get<WithId>("/incidents/:id/alerts", ({ params, query }) =>
    pageOf("alerts", find(params.id).alerts, pagingOf(query)),
  );

  app.put<WithId>("/incidents/:id", ({ params, body, headers }) => {
    const incident = find(params.id);
    const { status } = inputOf("incident", change, body);
    const { from } = headers;
    if (from === undefined || store.all("user").every(({ email }) => email !== from)) {
      throw invalidInput("From header must be the e-mail address of a user");
    }
    if (account.progressOf(incident).status === "resolved") {
      throw invalidInput("Incident Already Resolved");
    }
    act(account, incident, status === "resolved" ? "resolve" : "acknowledge", from);
    return { incident: views.incident(find(params.id)) };
  });
}
