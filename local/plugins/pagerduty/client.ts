import { DelegateBackoff, handleWhen, type IRetryBackoffContext, retry } from "cockatiel";
import { LocalError, messageOf } from "../../errors.ts";

/** PagerDuty's REST API v2. Every call is repeated a few times where PagerDuty is busy or broken. */
export interface Client {
  /** @throws PagerDutyError, also where there is no such thing (`status` 404) */
  get<Body>(path: string, signal: AbortSignal): Promise<Body>;
  put<Body>(path: string, body: object, signal: AbortSignal): Promise<Body>;
  /** Success as well where it was gone already. */
  delete(path: string, signal: AbortSignal): Promise<void>;
  /**
   * Makes something once: after a call whose outcome is not known, `find` looks whether it was made,
   * before the call is repeated.
   */
  create<Body>(
    path: string,
    body: object,
    find: () => Promise<Body | undefined>,
    signal: AbortSignal,
  ): Promise<Body>;
}

export interface ClientOptions {
  /** Without a slash at its end: `https://api.pagerduty.com`. */
  readonly url: string;
  readonly token: string;
}

/** A call that PagerDuty did not carry out, in its own words. */
class PagerDutyError extends LocalError {
  /** The HTTP status; 0 where no answer came. */
  readonly status: number;
  /** How long PagerDuty asks to wait, in ms. */
  readonly waitMs: number | undefined;

  constructor(status: number, message: string, waitMs?: number, cause?: unknown) {
    super(message, { remedy: remedies[status] ?? remedyOf(status), cause });
    this.status = status;
    this.waitMs = waitMs;
  }

  /** Whether PagerDuty may have carried it out all the same. */
  get isUnclear(): boolean {
    return this.status === 0 || this.status >= 500;
  }
}

const remedies: Readonly<Record<number, string>> = {
  0: "See whether pagerduty:apiUrlOverride and the network are right, and run it again.",
  401: "Set PAGERDUTY_TOKEN or the secret pagerduty:token to a REST API token of this account.",
  402: "Do without it, or see what the account's plan has.",
  403: "Give PAGERDUTY_TOKEN or pagerduty:token a token that may write, and not a read-only one.",
  429: "Wait a minute and run it again: the account's calls are used up.",
};

function remedyOf(status: number): string {
  return status >= 500
    ? "See https://status.pagerduty.com, and run it again."
    : "Change what the program declares, or what is in its way in PagerDuty.";
}

const attempts = 6;
const firstWaitMs = 500;
const longestWaitMs = 30_000;
const callMs = 30_000;

export function clientOf({ url, token }: ClientOptions): Client {
  const call = async (
    method: string,
    path: string,
    body: object | undefined,
    signal: AbortSignal,
  ): Promise<unknown> => {
    const what = `${method} ${path.split("?")[0] ?? path}`;
    let response: Response;
    let text: string;
    try {
      response = await fetch(url + path, {
        method,
        headers: {
          accept: "application/vnd.pagerduty+json;version=2",
          authorization: `Token token=${token}`,
          ...(body !== undefined && { "content-type": "application/json" }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal: AbortSignal.any([signal, AbortSignal.timeout(callMs)]),
      });
      text = await response.text();
    } catch (error) {
      if (signal.aborted) throw error;
      throw new PagerDutyError(
        0,
        `PagerDuty at ${url} did not answer ${what}: ${reasonOf(error)}.`,
        undefined,
        error,
      );
    }
    const value = fromJson(text);
    if (response.ok) return value;
    throw new PagerDutyError(
      response.status,
      `PagerDuty refused ${what} with ${response.status}: ${refusalIn(value) ?? response.statusText}.`,
      waitOf(response.headers),
    );
  };

  return {
    get: async (path, signal) =>
      (await patiently(() => call("GET", path, undefined, signal), signal)) as never,
    put: async (path, body, signal) =>
      (await patiently(() => call("PUT", path, body, signal), signal)) as never,
    delete: async (path, signal) => {
      try {
        await patiently(() => call("DELETE", path, undefined, signal), signal);
      } catch (error) {
        if (!isGone(error)) throw error;
      }
    },
    create: async <Body>(
      path: string,
      body: object,
      find: () => Promise<Body | undefined>,
      signal: AbortSignal,
    ) => {
      let isUnclear = false;
      return patiently(async () => {
        const made = isUnclear ? await find() : undefined;
        if (made !== undefined) return made;
        try {
          return (await call("POST", path, body, signal)) as Body;
        } catch (error) {
          isUnclear ||= error instanceof PagerDutyError && error.isUnclear;
          throw error;
        }
      }, signal);
    },
  };
}

export function isGone(error: unknown): boolean {
  return error instanceof PagerDutyError && error.status === 404;
}

/** Repeats what failed because PagerDuty is busy or broken, or did not answer. */
function patiently<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  return retry(handleWhen(isPassing), {
    maxAttempts: attempts - 1,
    backoff: new DelegateBackoff(({ attempt, result }: IRetryBackoffContext<unknown>) => {
      const error = "error" in result ? result.error : undefined;
      const asked = error instanceof PagerDutyError ? error.waitMs : undefined;
      const waitMs = asked ?? firstWaitMs * 2 ** (attempt - 1);
      // The calls of a run should not all come back at once.
      return Math.min(longestWaitMs, waitMs * (1 + Math.random() / 4));
    }),
  }).execute(work, signal);
}

function isPassing(error: unknown): boolean {
  return error instanceof PagerDutyError && (error.status === 429 || error.isUnclear);
}

function waitOf(headers: Headers): number | undefined {
  const seconds = Number(headers.get("ratelimit-reset") ?? Number.NaN);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : undefined;
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function refusalIn(value: unknown): string | undefined {
  const { error } = (value ?? {}) as { error?: { message?: string; errors?: string[] } };
  if (error?.message === undefined) return undefined;
  return [error.message, ...(error.errors ?? [])].join(": ");
}

function reasonOf(error: unknown): string {
  return messageOf(error instanceof Error && error.cause !== undefined ? error.cause : error);
}
