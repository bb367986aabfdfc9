import type { Database } from "./database.ts";

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

/** Looks at the endpoints. */
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

  forgetBefore(time: number): number {
    return this.#database.run("DELETE FROM looks WHERE time < :time", { time });
  }
}
