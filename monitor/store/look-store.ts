import type { Database } from "./database.ts";
import type { Span } from "./span.ts";

/** What an endpoint served when it was last looked at. */
export interface Look {
  readonly endpoint: string;
  /** In ms since 1970. */
  readonly time: number;
  /** How long its answer took, in ms; undefined where it gave none. */
  readonly answeredMs: number | undefined;
  readonly height: number | undefined;
  readonly hash: string | undefined;
  readonly problem: string | undefined;
}

/** How an endpoint answered; its times in ms, as `Answers` keeps them. */
export interface EndpointTimes {
  readonly endpoint: string;
  readonly looks: number;
  readonly failed: number;
  readonly median: number;
  readonly slowest5Percent: number;
}

const hourMs = 3_600_000;

/** Looks at the endpoints: each for as long as rules look back, and sums of each hour for longer. */
export class LookStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  add(look: Look): void {
    this.#database.run(
      "INSERT INTO looks VALUES (:endpoint, :time, :answeredMs, :height, :hash, :problem)",
      {
        endpoint: look.endpoint,
        time: look.time,
        answeredMs: look.answeredMs ?? null,
        height: look.height ?? null,
        hash: look.hash ?? null,
        problem: look.problem ?? null,
      },
    );
  }

  /** The answer times of an endpoint after `from`, in ms, the shortest first. */
  answerTimes(endpoint: string, from: number): number[] {
    return this.#database
      .all(
        `SELECT answered_ms FROM looks
         WHERE endpoint = :endpoint AND time > :from AND answered_ms IS NOT NULL
         ORDER BY answered_ms`,
        { endpoint, from },
      )
      .map((row) => Number(row.answered_ms));
  }

  /** Keeps sums of the hours that are over, once each; to be called before their looks are forgotten. */
  sumUp(now: number): void {
    const from = this.#summedUntil();
    const to = Math.floor(now / hourMs) * hourMs;
    const rows = this.#database.all(
      `SELECT endpoint, CAST(time / ${hourMs} AS INTEGER) AS hour, answered_ms AS ms FROM looks
       WHERE time >= :from AND time < :to`,
      { from, to },
    );
    for (const looks of Map.groupBy(
      rows,
      (row) => `${String(row.hour)} ${String(row.endpoint)}`,
    ).values()) {
      const { endpoint, hour } = looks[0] ?? {};
      const answers = Answers.of(looks);
      this.#database.run(
        "INSERT INTO look_hours VALUES (:endpoint, :hour, :looks, :failed, :times)",
        {
          ...{ endpoint: String(endpoint), hour: Number(hour) },
          ...{ looks: answers.looks, failed: answers.failed, times: answers.toText() },
        },
      );
    }
  }

  /** How each endpoint answered within a time, by whole hours where these are over. */
  times(span: Span): EndpointTimes[] {
    const byEndpoint = new Map<string, Answers>();
    const answersOf = (endpoint: unknown) => {
      const answers = byEndpoint.get(String(endpoint)) ?? new Answers();
      byEndpoint.set(String(endpoint), answers);
      return answers;
    };
    const hours = this.#database.all(
      "SELECT * FROM look_hours WHERE hour * :hourMs >= :from AND hour * :hourMs < :to",
      { ...span, hourMs },
    );
    for (const { endpoint, looks, failed, times } of hours) {
      answersOf(endpoint).addHour(Number(looks), Number(failed), String(times));
    }
    const since = this.#database.all(
      `SELECT endpoint, answered_ms AS ms FROM looks
       WHERE time >= :summedUntil AND time > :from AND time <= :to`,
      { ...span, summedUntil: this.#summedUntil() },
    );
    for (const { endpoint, ms } of since) answersOf(endpoint).add(ms);
    return [...byEndpoint].map(([endpoint, answers]) => ({
      ...{ endpoint, looks: answers.looks, failed: answers.failed },
      median: answers.percentile(0.5),
      slowest5Percent: answers.percentile(0.95),
    }));
  }

  #summedUntil(): number {
    const last = this.#database.get("SELECT max(hour) AS hour FROM look_hours")?.hour;
    return typeof last === "number" ? (last + 1) * hourMs : 0;
  }

  forgetBefore(time: number): number {
    return this.#database.run("DELETE FROM looks WHERE time < :time", { time });
  }

  forgetHoursBefore(time: number): number {
    return this.#database.run("DELETE FROM look_hours WHERE hour < :time / :hourMs", {
      ...{ time, hourMs },
    });
  }
}

/** Answer times that are nearer to each other than this share count as the same. */
const width = 0.03;

/** How often an endpoint answered in which time, to within 1.5 %: sums of hours can be added up. */
class Answers {
  looks = 0;
  failed = 0;
  /** Counts by the logarithm of the time, in widths. */
  readonly #counts = new Map<number, number>();

  static of(rows: readonly { readonly ms?: unknown }[]): Answers {
    const answers = new Answers();
    for (const { ms } of rows) answers.add(ms);
    return answers;
  }

  /** @param ms null where there was no answer */
  add(ms: unknown): void {
    this.looks += 1;
    if (typeof ms === "number") this.#count(Math.round(Math.log(Math.max(1, ms)) / width), 1);
    else this.failed += 1;
  }

  addHour(looks: number, failed: number, text: string): void {
    this.looks += looks;
    this.failed += failed;
    for (const [step, count] of JSON.parse(text) as [number, number][]) this.#count(step, count);
  }

  toText(): string {
    return JSON.stringify([...this.#counts]);
  }

  /** The time that this share of the answers does not exceed, in ms; 0 where there are none. */
  percentile(share: number): number {
    let left = (this.looks - this.failed) * share;
    for (const [step, count] of [...this.#counts].toSorted(([a], [b]) => a - b)) {
      left -= count;
      if (left <= 0) return Math.exp(step * width);
    }
    return 0;
  }

  #count(step: number, count: number): void {
    this.#counts.set(step, (this.#counts.get(step) ?? 0) + count);
  }
}
