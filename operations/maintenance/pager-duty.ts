import { request } from "undici";
import { z } from "zod";
import { AleoError } from "../../aleo/errors.ts";

/** PagerDuty refuses, or can't be reached. The token is never in the message. */
export class MaintenanceWindowError extends AleoError {}

const serviceShape = z.object({ id: z.string(), name: z.string() });
const windowShape = z.object({
  id: z.string(),
  description: z.string().nullish(),
  start_time: z.string(),
  end_time: z.string(),
});

export type Service = z.infer<typeof serviceShape>;
export type MaintenanceWindow = z.infer<typeof windowShape>;

export interface NewWindow {
  readonly description: string;
  readonly startsAt: Date;
  readonly endsAt: Date;
  readonly services: readonly string[];
  /** E-mail address of the user in whose name it is made: PagerDuty asks for one. */
  readonly from: string;
}

const publicApi = "https://api.pagerduty.com";
const patienceMs = 10_000;
const perPage = 100;

/**
 * The maintenance windows of PagerDuty (https://developer.pagerduty.com/api-reference). Every method
 * throws MaintenanceWindowError.
 */
export class MaintenanceWindows {
  readonly #baseUrl: string;
  readonly #token: string;

  /** @param baseUrl where PagerDuty is, when not at its public address */
  constructor(baseUrl: string | undefined, token: string) {
    this.#baseUrl = baseUrl ?? publicApi;
    this.#token = token;
  }

  services(query: string): Promise<Service[]> {
    return this.#all(`/services?query=${encodeURIComponent(query)}`, "services", serviceShape);
  }

  /** Those that have not ended. */
  async open(now: Date): Promise<MaintenanceWindow[]> {
    const all = await this.#all(
      "/maintenance_windows?filter=open",
      "maintenance_windows",
      windowShape,
    );
    return all.filter(({ end_time }) => Date.parse(end_time) > now.getTime());
  }

  async emailOf(userId: string): Promise<string> {
    const shape = z.object({ user: z.object({ email: z.string() }) });
    return (await this.#call("GET", `/users/${encodeURIComponent(userId)}`, shape)).user.email;
  }

  async create({ description, startsAt, endsAt, services, from }: NewWindow): Promise<string> {
    const shape = z.object({ maintenance_window: z.object({ id: z.string() }) });
    const body = {
      maintenance_window: {
        type: "maintenance_window",
        description,
        start_time: startsAt.toISOString(),
        end_time: endsAt.toISOString(),
        services: services.map((id) => ({ id, type: "service_reference" })),
      },
    };
    const answer = await this.#call("POST", "/maintenance_windows", shape, body, { from });
    return answer.maintenance_window.id;
  }

  /** One that is on ends now, one that is to come goes. */
  async end(id: string): Promise<void> {
    await this.#call("DELETE", `/maintenance_windows/${encodeURIComponent(id)}`, z.unknown());
  }

  async #all<Item extends z.ZodType>(
    path: string,
    name: string,
    item: Item,
  ): Promise<z.infer<Item>[]> {
    const shape = z.object({ [name]: z.array(item), more: z.boolean().nullish() });
    const found: z.infer<Item>[] = [];
    for (;;) {
      const page = await this.#call(
        "GET",
        `${path}&limit=${perPage}&offset=${found.length}`,
        shape,
      );
      found.push(...(page[name] as z.infer<Item>[]));
      if (page.more !== true) return found;
    }
  }

  async #call<Shape extends z.ZodType>(
    method: "GET" | "POST" | "DELETE",
    path: string,
    shape: Shape,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<z.infer<Shape>> {
    const { status, text } = await this.#ask(method, path, body, headers);
    const what = `${method} ${path.split("?")[0] ?? path}`;
    if (status === 401 || status === 403) {
      throw new MaintenanceWindowError(`PagerDuty refuses the token (HTTP ${status}, ${what}).`, {
        remedy: "Set PAGERDUTY_TOKEN to a REST API token that may write.",
      });
    }
    const read = status >= 200 && status < 300 ? shape.safeParse(parsed(text)) : undefined;
    if (read?.success === true) return read.data;
    throw new MaintenanceWindowError(
      `PagerDuty answers ${what} with HTTP ${status}: ${text.slice(0, 200)}`,
      { remedy: "Try again in a minute; look at https://status.pagerduty.com." },
    );
  }

  async #ask(
    method: "GET" | "POST" | "DELETE",
    path: string,
    body: unknown,
    headers: Readonly<Record<string, string>>,
  ): Promise<{ readonly status: number; readonly text: string }> {
    try {
      const answer = await request(this.#baseUrl + path, {
        method,
        headers: {
          authorization: `Token token=${this.#token}`,
          accept: "application/vnd.pagerduty+json;version=2",
          "content-type": "application/json",
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(patienceMs),
      });
      return { status: answer.statusCode, text: await answer.body.text() };
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new MaintenanceWindowError(
        `PagerDuty at ${this.#baseUrl} can't be reached: ${reason}.`,
        { remedy: "Check the network and PAGERDUTY_API_URL, then run again.", cause },
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
