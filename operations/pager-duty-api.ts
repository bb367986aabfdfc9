import { request } from "undici";
import { z } from "zod";
import { AleoError } from "../aleo/errors.ts";

/** PagerDuty refuses, or can't be reached. The token is never in the message. */
class PagerDutyError extends AleoError {}

type Method = "GET" | "POST" | "DELETE";

const publicApi = "https://api.pagerduty.com";
const patienceMs = 10_000;
const perPage = 100;

/**
 * PagerDuty's REST API (https://developer.pagerduty.com/api-reference). Every method throws
 * PagerDutyError.
 */
export class PagerDutyApi {
  readonly #baseUrl: string;
  readonly #token: string;

  /** @param baseUrl where PagerDuty is, when not at its public address */
  constructor(baseUrl: string | undefined, token: string) {
    this.#baseUrl = baseUrl ?? publicApi;
    this.#token = token;
  }

  /**
   * Every item of a list, from all of its pages.
   * @param name of the list in the answer
   */
  async all<Item extends z.ZodType>(
    path: string,
    query: Readonly<Record<string, string>>,
    name: string,
    item: Item,
  ): Promise<z.infer<Item>[]> {
    const shape = z.object({ [name]: z.array(item), more: z.boolean().nullish() });
    const found: z.infer<Item>[] = [];
    for (;;) {
      const part = { ...query, limit: String(perPage), offset: String(found.length) };
      const page = await this.call("GET", path, shape, { query: part });
      found.push(...(page[name] as z.infer<Item>[]));
      if (page.more !== true) return found;
    }
  }

  async call<Shape extends z.ZodType>(
    method: Method,
    path: string,
    shape: Shape,
    more: {
      readonly query?: Readonly<Record<string, string>>;
      readonly body?: unknown;
      readonly headers?: Readonly<Record<string, string>>;
    } = {},
  ): Promise<z.infer<Shape>> {
    const { status, text } = await this.#ask(method, path, more);
    const what = `${method} ${path}`;
    if (status === 401 || status === 403) {
      throw new PagerDutyError(`PagerDuty refuses the token (HTTP ${status}, ${what}).`, {
        remedy: `Set PAGERDUTY_TOKEN to a REST API token that may ${method === "GET" ? "read" : "write"}.`,
      });
    }
    const read = status >= 200 && status < 300 ? shape.safeParse(parsed(text)) : undefined;
    if (read?.success === true) return read.data;
    throw new PagerDutyError(
      `PagerDuty answers ${what} with HTTP ${status}: ${text.slice(0, 200)}`,
      { remedy: "Try again in a minute; look at https://status.pagerduty.com." },
    );
  }

  async #ask(
    method: Method,
    path: string,
    { query = {}, body, headers = {} }: Parameters<PagerDutyApi["call"]>[3] & object,
  ): Promise<{ readonly status: number; readonly text: string }> {
    try {
      const answer = await request(this.#baseUrl + path, {
        method,
        query,
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
      throw new PagerDutyError(`PagerDuty at ${this.#baseUrl} can't be reached: ${reason}.`, {
        remedy: "Check the network and PAGERDUTY_API_URL, then run again.",
        cause,
      });
    }
  }
}

/** Of an answer without a body, and of one that is no JSON, nothing. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
