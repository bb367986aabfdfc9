import type { FastifyInstance } from "fastify";
import type { Account } from "../account.ts";
import { notFound } from "./errors.ts";
import { pageOf, pagingOf, valueOf } from "./paging.ts";
import type { Views } from "./views.ts";

interface WithId {
  Params: { id: string };
}

/** What is looked up and not changed here: users, their contact methods, schedules, who is on call. */
export function readOnlyRoutes(app: FastifyInstance, account: Account, views: Views): void {
  const { store } = account;

  app.get("/abilities", () => ({ abilities: ["urgencies", "service_support_hours", "teams"] }));

  app.get("/users", ({ query }) => {
    const wanted = valueOf(query, "query")?.toLowerCase() ?? "";
    const users = store
      .all("user")
      .filter(({ name, email }) => `${name} ${email}`.toLowerCase().includes(wanted));
    return pageOf("users", users.map(views.user), pagingOf(query));
  });

  const userOf = (id: string) => {
    const user = store.get("user", id);
    if (user === undefined) throw notFound();
    return user;
  };

  app.get<WithId>("/users/:id", ({ params }) => ({ user: views.user(userOf(params.id)) }));

  app.get<WithId>("/users/:id/contact_methods", ({ params }) => ({
    contact_methods: [views.contactMethod(userOf(params.id))],
  }));

  app.get("/schedules", ({ query }) => {
    const wanted = valueOf(query, "query")?.toLowerCase() ?? "";
    const schedules = store
      .all("schedule")
      .filter(({ name }) => name.toLowerCase().includes(wanted));
    return pageOf("schedules", schedules.map(views.schedule), pagingOf(query));
  });

  app.get<WithId>("/schedules/:id", ({ params }) => {
    const schedule = store.get("schedule", params.id);
    if (schedule === undefined) throw notFound();
    return { schedule: views.schedule(schedule) };
  });

  app.get("/oncalls", ({ query }) => pageOf("oncalls", views.onCalls(), pagingOf(query)));
}
