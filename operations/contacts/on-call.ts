import { z } from "zod";
import type { PagerDutyApi } from "../pager-duty-api.ts";

const reference = z.object({ id: z.string(), summary: z.string().nullish() });
const policy = z.object({
  id: z.string(),
  name: z.string(),
  escalation_rules: z.array(z.object({ targets: z.array(reference) })),
});
const onCall = z.object({
  escalation_policy: reference,
  escalation_level: z.number(),
  user: reference,
});
const contactMethods = z.object({ contact_methods: z.array(z.object({ type: z.string() })) });

export type Policy = z.infer<typeof policy>;
type OnCall = z.infer<typeof onCall>;

/** Undefined where there is no policy of exactly that name. */
export async function policyNamed(api: PagerDutyApi, name: string): Promise<Policy | undefined> {
  const found = await api.all(
    "/escalation_policies",
    { query: name },
    "escalation_policies",
    policy,
  );
  return found.find((one) => one.name === name);
}

/** Who is on call now for a policy. */
export async function onCallsOf(api: PagerDutyApi, policyId: string): Promise<OnCall[]> {
  const query = { "escalation_policy_ids[]": policyId };
  const found = await api.all("/oncalls", query, "oncalls", onCall);
  // Not every server filters as it is asked to.
  return found.filter((one) => one.escalation_policy.id === policyId);
}

/** The kinds of ways to reach a user: `phone`, `sms`, `email`, `push_notification`. */
export async function waysToReach(api: PagerDutyApi, userId: string): Promise<string[]> {
  const path = `/users/${encodeURIComponent(userId)}/contact_methods`;
  const { contact_methods } = await api.call("GET", path, contactMethods);
  return contact_methods.map(({ type }) => type.replace(/_contact_method(?:_reference)?$/, ""));
}
