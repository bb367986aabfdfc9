import {
  DelegateBackoff,
  ExponentialBackoff,
  handleWhen,
  retry,
  type IBackoff,
  type IRetryBackoffContext,
} from "cockatiel";
import type { z } from "zod";
import { AleoError } from "../errors.ts";
import { classify, type Answer } from "./answer.ts";
import { TransportError, type Endpoint } from "./endpoint.ts";
import {
  CapabilityMissingError,
  NodeDeniedError,
  NodeRefusedError,
  NodeResponseError,
  NodeUnreachableError,
  RateLimitedError,
  WrongNetworkError,
  type Capability,
} from "./errors.ts";

/** How long an endpoint that failed is tried after the others. */
const avoidMs = 30_000;
/** The longest that an endpoint is left alone because it said so. */
const longestRestMs = 300_000;

type FailureKind = "unavailable" | "rate-limited" | "malformed" | "unserved" | "denied";

/** One endpoint's failure to answer one request; never leaves this module. */
class AttemptFailure extends Error {
  readonly kind: FailureKind;
  /** Asking this endpoint again for the same is no use. */
  readonly final: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(kind: FailureKind, reason: string, final = false, retryAfterMs?: number) {
    const wait = retryAfterMs === undefined ? "" : `, it asks to wait ${retryAfterMs / 1000} s`;
    super(`${reason}${wait}`);
    this.kind = kind;
    this.final = final;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Every endpoint was tried once, or is resting, and none answered. */
class RoundFailed extends Error {
  readonly waitMs: number;

  constructor(waitMs: number) {
    super("no endpoint answered");
    this.waitMs = waitMs;
  }
}

/** A node says definitely that what was asked for is not there. */
class NotThere extends Error {}

interface Health {
  /** Until then other endpoints go first. */
  readonly avoidUntilMs: number;
  /** Until then it is not asked at all: it said so. */
  readonly restUntilMs: number;
  readonly failure: AttemptFailure;
}

export interface Question<T> {
  /** Path behind the network's segment, e.g. `/block/latest`. */
  readonly route: string;
  readonly shape: z.ZodType<T>;
  /** What a node names when it says that the thing is not there; only where that can be. */
  readonly subject?: string;
  /** Set where only some nodes serve the route. */
  readonly capability?: Capability;
  /** Whether a refusal means that the node lacks the capability. */
  readonly lacking?: (refusal: { readonly status: number; readonly reason: string }) => boolean;
}

export interface Reply<T> {
  readonly value: T;
  readonly endpoint: Endpoint;
}

export interface RequesterOptions {
  readonly ledger: "testnet" | "mainnet";
  readonly endpoints: readonly Endpoint[];
  readonly retryBudgetMs: number;
  readonly requestTimeoutMs: number;
}

/** The time that one question may take from its first attempt on, over all endpoints and retries. */
class Budget {
  readonly #totalMs: number;
  #deadlineMs = Infinity;

  constructor(totalMs: number) {
    this.#totalMs = totalMs;
  }

  /** Time left; the first call starts the clock. */
  startedLeftMs(): number {
    if (this.#deadlineMs === Infinity) this.#deadlineMs = Date.now() + this.#totalMs;
    return this.leftMs();
  }

  leftMs(): number {
    return this.#deadlineMs === Infinity ? this.#totalMs : this.#deadlineMs - Date.now();
  }
}

/** Asks questions of several endpoints: in the order of their health, again within the budget. */
export class Requester {
  readonly #options: RequesterOptions;
  readonly #prefixes = new Map<Endpoint, Promise<string>>();
  readonly #health = new Map<Endpoint, Health>();
  /** Endpoints that are asked no more, and why. */
  readonly #left = new Map<Endpoint, string>();
  #order: readonly Endpoint[];

  constructor(options: RequesterOptions) {
    this.#options = options;
    this.#order = options.endpoints;
  }

  /**
   * Asks each endpoint by itself, those that were left too: none stands in for another.
   * @returns what each answered within the time; those that did not are not among them
   */
  async askEach<T>(question: Question<T>, withinMs: number): Promise<Reply<T>[]> {
    const answers = this.#options.endpoints.map(async (endpoint) => {
      const one = { retryBudgetMs: withinMs, requestTimeoutMs: withinMs, endpoints: [endpoint] };
      const alone = new Requester({ ...this.#options, ...one });
      try {
        return [await alone.ask(question)];
      } catch (error) {
        if (!(error instanceof AleoError)) throw error;
        return [];
      }
    });
    return (await Promise.all(answers)).flat();
  }

  /**
   * From now on asks these alone, the first first.
   * @param left the others, each with why it is asked no more
   */
  follow(order: readonly Endpoint[], left: ReadonlyMap<Endpoint, string>): void {
    this.#order = order;
    this.#left.clear();
    for (const [endpoint, reason] of left) this.#left.set(endpoint, reason);
  }

  /** `undefined` where a node says definitely that the thing is not there. */
  async find<T>(question: Question<T>): Promise<T | undefined> {
    try {
      return (await this.ask(question)).value;
    } catch (error) {
      if (error instanceof NotThere) return undefined;
      throw error;
    }
  }

  async ask<T>(question: Question<T>): Promise<Reply<T>> {
    const budget = new Budget(this.#options.retryBudgetMs);
    const failures = new Map<Endpoint, AttemptFailure>();
    let backoff: IBackoff<unknown> = new ExponentialBackoff({
      initialDelay: 150,
      maxDelay: 3_000,
    }).next();
    const nextDelayMs = (): number => {
      const delayMs = backoff.duration;
      backoff = backoff.next(undefined);
      return delayMs;
    };
    const policy = retry(
      handleWhen((error) => error instanceof RoundFailed && error.waitMs < budget.leftMs()),
      {
        maxAttempts: Infinity,
        backoff: new DelegateBackoff(({ result }: IRetryBackoffContext<unknown>) =>
          "error" in result && result.error instanceof RoundFailed ? result.error.waitMs : 0,
        ),
      },
    );
    try {
      return await policy.execute(() => this.#round(question, budget, failures, nextDelayMs));
    } catch (error) {
      if (error instanceof RoundFailed) throw this.#finalError(question, failures);
      throw error;
    }
  }

  /** Path of the network's routes at an endpoint that has answered before, e.g. `/v2/testnet`. */
  async prefixOf(endpoint: Endpoint): Promise<string> {
    return this.#prefix(endpoint, () => this.#options.requestTimeoutMs, false);
  }

  async #round<T>(
    question: Question<T>,
    budget: Budget,
    failures: Map<Endpoint, AttemptFailure>,
    nextDelayMs: () => number,
  ): Promise<Reply<T>> {
    const retried = failures.size > 0;
    for (const endpoint of this.#hopeful(question, failures)) {
      if (budget.leftMs() <= 0) break;
      const health = this.#health.get(endpoint);
      if (health !== undefined && Date.now() < health.restUntilMs) {
        failures.set(endpoint, health.failure);
        continue;
      }
      try {
        const value = await this.#attempt(endpoint, question, budget, retried);
        this.#health.delete(endpoint);
        return { value, endpoint };
      } catch (error) {
        if (!(error instanceof AttemptFailure)) throw error;
        const onlyLacks = question.capability !== undefined && error.kind === "unserved";
        if (!onlyLacks) this.#health.set(endpoint, healthAfter(error));
        // What is cut short by the end of the budget tells less than the failure before it.
        if (budget.leftMs() > 0 || !failures.has(endpoint)) failures.set(endpoint, error);
      }
    }
    const restUntilMs = this.#hopeful(question, failures).map(
      (endpoint) => this.#health.get(endpoint)?.restUntilMs ?? 0,
    );
    throw new RoundFailed(Math.max(nextDelayMs(), Math.min(...restUntilMs) - Date.now()));
  }

  /** Endpoints that can still answer, the healthy ones first. */
  #hopeful<T>(
    { capability }: Question<T>,
    failures: ReadonlyMap<Endpoint, AttemptFailure>,
  ): Endpoint[] {
    const now = Date.now();
    const isAvoided = (endpoint: Endpoint) => now < (this.#health.get(endpoint)?.avoidUntilMs ?? 0);
    return this.#order
      .filter(
        (endpoint) =>
          !failures.get(endpoint)?.final &&
          (capability === undefined || !endpoint.lacks.has(capability)),
      )
      .sort((one, other) => Number(isAvoided(one)) - Number(isAvoided(other)));
  }

  async #attempt<T>(
    endpoint: Endpoint,
    question: Question<T>,
    budget: Budget,
    urgent: boolean,
  ): Promise<T> {
    const timeoutMs = (): number =>
      Math.min(budget.startedLeftMs(), this.#options.requestTimeoutMs);
    const prefix = await this.#prefix(endpoint, timeoutMs, urgent);
    const path = `${prefix}${question.route}`;
    const answer = await get(endpoint, path, timeoutMs, urgent, question.subject);
    switch (answer.kind) {
      case "missing":
        throw new NotThere(answer.reason);
      case "refused":
        if (question.capability !== undefined && question.lacking?.(answer)) {
          throw lacks(endpoint, question.capability, answer.reason);
        }
        if (isDenial(answer)) throw new AttemptFailure("denied", answer.reason, true);
        throw new NodeRefusedError(`GET ${question.route}`, endpoint.label, answer.reason);
      case "unserved":
        if (question.capability !== undefined) {
          throw lacks(endpoint, question.capability, answer.reason);
        }
        throw new AttemptFailure("unserved", `it does not serve this (${answer.reason})`, true);
      case "value": {
        const parsed = question.shape.safeParse(answer.value);
        if (parsed.success) return parsed.data;
        const where = parsed.error.issues[0]?.path.join(".") ?? "";
        throw new AttemptFailure(
          "malformed",
          `JSON of another shape${where === "" ? "" : ` (at ${where})`}`,
        );
      }
      default:
        throw failureOf(answer);
    }
  }

  async #prefix(endpoint: Endpoint, timeoutMs: () => number, urgent: boolean): Promise<string> {
    const known = this.#prefixes.get(endpoint);
    if (known) return known;
    const found = this.#findPrefix(endpoint, timeoutMs, urgent);
    this.#prefixes.set(endpoint, found);
    found.catch(() => this.#prefixes.delete(endpoint));
    return found;
  }

  /** An address without a version serves v2 below it, or itself, or v1 below it: asked, not assumed. */
  async #findPrefix(endpoint: Endpoint, timeoutMs: () => number, urgent: boolean): Promise<string> {
    const { ledger } = this.#options;
    const base = endpoint.basePath;
    const bases = /\/v\d+$/.test(base) ? [base] : [`${base}/v2`, base, `${base}/v1`];
    const serves = async (prefix: string): Promise<boolean> => {
      const answer = await get(endpoint, `${prefix}/block/height/latest`, timeoutMs, urgent);
      if (answer.kind === "value" && typeof answer.value === "number") return true;
      if (answer.kind === "unserved" || answer.kind === "missing") return false;
      if (answer.kind === "value") throw new AttemptFailure("malformed", "JSON of another shape");
      if (answer.kind === "refused") {
        throw new AttemptFailure(isDenial(answer) ? "denied" : "unserved", answer.reason, true);
      }
      throw failureOf(answer);
    };
    for (const candidate of bases) {
      if (await serves(`${candidate}/${ledger}`)) return `${candidate}/${ledger}`;
    }
    const other = ledger === "testnet" ? "mainnet" : "testnet";
    for (const candidate of bases) {
      if (await serves(`${candidate}/${other}`)) {
        throw new WrongNetworkError(endpoint.label, ledger, other);
      }
    }
    throw new AttemptFailure("unserved", "there is no Aleo node at this address", true);
  }

  #finalError<T>(question: Question<T>, attempts: ReadonlyMap<Endpoint, AttemptFailure>): Error {
    const { endpoints, retryBudgetMs } = this.#options;
    const { capability } = question;
    if (capability !== undefined && this.#order.every(({ lacks }) => lacks.has(capability))) {
      return new CapabilityMissingError(
        capability,
        endpoints.map(({ label }) => label),
      );
    }
    const request = `GET ${question.route}`;
    const failures = endpoints.map((endpoint) => ({
      endpoint: endpoint.label,
      reason:
        this.#left.get(endpoint) ??
        attempts.get(endpoint)?.message ??
        "not asked, no time was left",
    }));
    const kinds = [...attempts.values()].map(({ kind }) => kind);
    if (kinds.every((kind) => kind === "rate-limited")) {
      return new RateLimitedError({ request, failures });
    }
    if (kinds.every((kind) => kind === "denied")) {
      return new NodeDeniedError({ request, failures });
    }
    if (kinds.every((kind) => ["malformed", "unserved", "denied"].includes(kind))) {
      return new NodeResponseError({ request, failures });
    }
    return new NodeUnreachableError({ request, failures, withinMs: retryBudgetMs });
  }
}

function isDenial({ status }: { readonly status: number }): boolean {
  return status === 401 || status === 403;
}

function healthAfter(failure: AttemptFailure): Health {
  const now = Date.now();
  const restMs = Math.min(failure.retryAfterMs ?? 0, longestRestMs);
  return { avoidUntilMs: now + avoidMs, restUntilMs: now + restMs, failure };
}

function lacks(endpoint: Endpoint, capability: Capability, reason: string): AttemptFailure {
  endpoint.lacks.add(capability);
  return new AttemptFailure("unserved", `it does not serve the ${capability} (${reason})`, true);
}

function failureOf(
  answer: Extract<Answer, { kind: "rate-limited" | "unavailable" | "malformed" }>,
): AttemptFailure {
  const retryAfterMs = "retryAfterMs" in answer ? answer.retryAfterMs : undefined;
  return new AttemptFailure(answer.kind, answer.reason, false, retryAfterMs);
}

async function get(
  endpoint: Endpoint,
  path: string,
  timeoutMs: () => number,
  urgent: boolean,
  subject?: string,
): Promise<Answer> {
  try {
    return classify(await endpoint.send({ method: "GET", path, timeoutMs, urgent }), subject);
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    const kind = error.answered ? "malformed" : "unavailable";
    throw new AttemptFailure(kind, error.message, error.final);
  }
}
