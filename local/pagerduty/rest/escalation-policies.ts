import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { Account } from "../account.ts";
import type { EscalationPolicyRecord } from "../records.ts";
import { newId } from "../store.ts";
import { invalidInput, notFound } from "./errors.ts";
import { inputOf } from "./input.ts";
import { pageOf, pagingOf, valueOf } from "./paging.ts";
import type { Views } from "./views.ts";

const target = z.object({
  id: z.string().min(1),
  type: z.enum(["user", "user_reference", "schedule", "schedule_reference"]),
});

const rule = z.object({
  id: z.string().optional(),
  escalation_delay_in_minutes: z.number().int().min(1).max(30_240),
  targets: z.array(target).min(1).max(10),
});

const policyInput = z.object({
  name: z.string().min(1),
  description: z.string().nullish(),
  num_loops: z.number().int().min(0).max(9).default(0),
  escalation_rules: z.array(rule).min(1).max(20),
});

interface WithId {
  Params: { id: string };
}

export function escalationPolicyRoutes(app: FastifyInstance, account: Account, views: Views): void {
  const { store } = account;
  const find = (id: string) => {
    const policy = store.get("escalation_policy", id);
    if (policy === undefined) throw notFound();
    return policy;
  };
  const save = (id: string, body: unknown): EscalationPolicyRecord => {
    const { name, description, num_loops, escalation_rules } = inputOf(
      "escalation_policy",
      policyInput,
      body,
    );
    const namesake = store.all("escalation_policy").find((other) => other.name === name);
    if (namesake !== undefined && namesake.id !== id) {
      throw invalidInput("Name has already been taken");
    }
    const policy: EscalationPolicyRecord = {
      id,
      name,
      description: description ?? "",
      num_loops,
      escalation_rules: escalation_rules.map((given) => ({
        id: given.id ?? newId(),
        escalation_delay_in_minutes: given.escalation_delay_in_minutes,
        targets: given.targets.map((one) => existing(account, one)),
      })),
    };
    store.put("escalation_policy", policy);
    return policy;
  };

  app.get("/escalation_policies", ({ query }) => {
    const wanted = valueOf(query, "query")?.toLowerCase() ?? "";
    const policies = store
      .all("escalation_policy")
      .filter(({ name }) => name.toLowerCase().includes(wanted));
    return pageOf("escalation_policies", policies.map(views.escalationPolicy), pagingOf(query));
  });

  app.post("/escalation_policies", ({ body }, reply) => {
    const policy = save(newId(), body);
    return reply.code(201).send({ escalation_policy: views.escalationPolicy(policy) });
  });

  app.get<WithId>("/escalation_policies/:id", ({ params }) => ({
    escalation_policy: views.escalationPolicy(find(params.id)),
  }));

  app.put<WithId>("/escalation_policies/:id", ({ params, body }) => {
    const { id } = find(params.id);
    return { escalation_policy: views.escalationPolicy(save(id, body)) };
  });

  app.delete<WithId>("/escalation_policies/:id", ({ params }, reply) => {
    const { id } = find(params.id);
    if (store.all("service").some(({ escalation_policy }) => escalation_policy === id)) {
      throw invalidInput(
        "The escalation policy can't be deleted as it's being used by one or more services",
      );
    }
    store.remove("escalation_policy", id);
    return reply.code(204).send();
  });
}

function existing({ store }: Account, { id, type }: z.infer<typeof target>) {
  const kind = type.startsWith("user") ? "user" : "schedule";
  if (store.get(kind, id) === undefined) {
    throw invalidInput(`Escalation rules is invalid: no ${kind} with id ${id}`);
  }
  return { id, type: `${kind}_reference` as const };
}
