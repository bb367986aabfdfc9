import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { Account } from "../account.ts";
import { newId } from "../store.ts";
import { invalidInput, notFound } from "./errors.ts";
import { inputOf } from "./input.ts";
import { pageOf, pagingOf } from "./paging.ts";
import type { Views } from "./views.ts";

const windowInput = z.object({
  description: z.string().default(""),
  start_time: z.iso.datetime({ offset: true }),
  end_time: z.iso.datetime({ offset: true }),
  services: z.array(z.object({ id: z.string().min(1) })).min(1),
});

interface WithId {
  Params: { id: string };
}

export function maintenanceWindowRoutes(
  app: FastifyInstance,
  account: Account,
  views: Views,
): void {
  const { store } = account;
  const find = (id: string) => {
    const window = store.get("maintenance_window", id);
    if (window === undefined) throw notFound();
    return window;
  };
  const save = (id: string, body: unknown) => {
    const { description, start_time, end_time, services } = inputOf(
      "maintenance_window",
      windowInput,
      body,
    );
    if (Date.parse(end_time) <= Date.parse(start_time)) {
      throw invalidInput("End time must be after start time");
    }
    const missing = services.find((service) => store.get("service", service.id) === undefined);
    if (missing !== undefined) throw invalidInput(`Services is invalid: no service ${missing.id}`);
    const ids = services.map((service) => service.id);
    const window = { id, description, start_time, end_time, services: ids };
    store.put("maintenance_window", window);
    return { maintenance_window: views.maintenanceWindow(window) };
  };

  app.get("/maintenance_windows", ({ query }) =>
    pageOf(
      "maintenance_windows",
      store.all("maintenance_window").map(views.maintenanceWindow),
      pagingOf(query),
    ),
  );
  app.post("/maintenance_windows", ({ body }, reply) => reply.code(201).send(save(newId(), body)));
  app.get<WithId>("/maintenance_windows/:id", ({ params }) => ({
    maintenance_window: views.maintenanceWindow(find(params.id)),
  }));
  app.put<WithId>("/maintenance_windows/:id", ({ params, body }) => save(find(params.id).id, body));
  app.delete<WithId>("/maintenance_windows/:id", ({ params }, reply) => {
    store.remove("maintenance_window", find(params.id).id);
    return reply.code(204).send();
  });
}
