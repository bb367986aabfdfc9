import { request } from "undici";
import { z } from "zod";
import { AleoError } from "../../aleo/errors.ts";

/** PagerDuty refuses, or can't be reached. The token is never in the message. */
class PagerDutyError extends AleoError {}

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
  /** Null: for good. */
  end: z.string().nullish(),
});
const contactMethod = z.object({ type: z.string() });

export type Policy = z.infer<typeof policy>;
export type OnCall = z.infer<typeof onCall>;

const publicApi = "https://api.pagerduty.com";
const patienceMs = 10_000;
const perPage = 100;

/** What this project reads of PagerDuty's REST API (https://developer.pagerduty.com/api-reference). */
export class PagerDuty {
  readonly #baseUrl: string;
  readonly #token: string;

  /** @param baseUrl where it is, when not at its public address */
  constructor(baseUrl: string | undefined, token: string) {
    this.#baseUrl = baseUrl ?? publicApi;
    this.#token = token;
  }

  /** @throws PagerDutyError */
  policies(query: string): Promise<Policy[]> {
    return this.#all("/escalation_policies", { query }, "escalation_policies", policy);
  }

  /** Who is on call now for a policy. */
  onCalls(policyId: string): Promise<OnCall[]> {
    return this.#all("/oncalls", { "escalation_policy_ids[]": policyId }, "oncalls", onCall);
  }

  /** The kinds of ways to reach a user: `phone_contact_method`. */
  async contactMethods(userId: string): Promise<string[]> {
    const path = `/users/${encodeURIComponent(userId)}/contact_methods`;
    const { contact_methods } = await this.#get(
      path,
      {},
      z.object({ contact_methods: z.array(contactMethod) }),
    );
    return contact_methods.map(({ type }) => type);
  }

  async #all<Item extends z.ZodType>(
    path: string,
    query: Readonly<Record<string, string>>,
    name: string,
    item: Item,
  ): Promise<z.infer<Item>[]> {
    const shape = z.object({ [name]: z.array(item), more: z.boolean().nullish() });
    const found: z.infer<Item>[] = [];
    for (;;) {
      const page = await this.#get(
        path,
        { ...query, limit: String(perPage), offset: String(found.length) },
        shape,
      );
      found.push(...(page[name] as z.infer<Item>[]));
      if (page.more !== true) return found;
    }
  }

  async #get<Shape extends z.ZodType>(
    path: string,
    query: Readonly<Record<string, string>>,
    shape: Shape,
  ): Promise<z.infer<Shape>> {
    const { status, text } = await this.#ask(path, query);
    if (status === 401 || status === 403) {
      throw new PagerDutyError(`PagerDuty refuses the token (HTTP ${status} for ${path}).`, {
        remedy:
          "Set PAGERDUTY_TOKEN to a REST API token that may read users, schedules and policies.",
      });
    }
    const body = status === 200 ? shape.safeParse(parsed(text)) : undefined;
    if (body?.success === true) return body.data;
    throw new PagerDutyError(
      `PagerDuty answers ${path} with HTTP ${status}${status === 200 ? " in a form that is not known" : ""}.`,
      { remedy: "Try again in a minute; look at https://status.pagerduty.com." },
    );
  }

  async #ask(
    path: string,
    query: Readonly<Record<string, string>>,
  ): Promise<{ readonly status: number; readonly text: string }> {
    try {
      const { statusCode, body } = await request(`${this.#baseUrl}${path}`, {
        query,
        headers: {
          authorization: `Token token=${this.#token}`,
          accept: "application/vnd.pagerduty+json;version=2",
        },
        signal: AbortSignal.timeout(patienceMs),
      });
      return { status: statusCode, text: await body.text() };
    } catch (error) {
      throw new PagerDutyError(
        `PagerDuty at ${this.#baseUrl} can't be reached: ${error instanceof Error ? error.message : String(error)}.`,
        { remedy: "Check the network and PAGERDUTY_API_URL.", cause: error },
      );
    }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
