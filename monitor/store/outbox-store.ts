import type { Notice } from "../alert/notices.ts";
import type { Severity } from "../alert/severity.ts";
import type { Database } from "./database.ts";

/** A notice on its way to one receiver. */
export interface Letter {
  readonly id: number;
  readonly route: string;
  readonly notice: Notice;
  /** How often it was tried in vain. */
  readonly attempts: number;
  /** Not to be tried before, in ms since 1970. */
  readonly nextAt: number;
}

/** What became of the last test of a way for alerts of one severity. */
export interface RouteTest {
  readonly route: string;
  readonly severity: Severity;
  /** In ms since 1970. */
  readonly time: number;
  readonly outcome: "sent" | "refused" | "failed";
  readonly problem: string | undefined;
}

/** Notices that are to be sent, written in the same transaction as the alerts that they tell of. */
export class OutboxStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  add(route: string, notice: Notice, now: number): void {
    this.#database.run(
      `INSERT INTO outbox (route, dedup_key, notice, made_at, next_at)
       VALUES (:route, :dedupKey, :notice, :now, :now)`,
      { route, dedupKey: notice.dedupKey, notice: JSON.stringify(notice), now },
    );
  }

  /**
   * The waiting letter of a route whose turn is first. The letters of one incident go in their
   * order; one that failed lets those of other incidents go before it.
   */
  next(route: string): Letter | undefined {
    const row = this.#database.get(
      `SELECT id, route, notice, attempts, next_at FROM outbox AS letter
       WHERE route = :route AND outcome = 'waiting' AND NOT EXISTS (
         SELECT 1 FROM outbox AS earlier
         WHERE earlier.route = letter.route AND earlier.dedup_key = letter.dedup_key
           AND earlier.outcome = 'waiting' AND earlier.id < letter.id)
       ORDER BY next_at, id LIMIT 1`,
      { route },
    );
    return row === undefined
      ? undefined
      : {
          id: Number(row.id),
          route: String(row.route),
          notice: JSON.parse(String(row.notice)) as Notice,
          attempts: Number(row.attempts),
          nextAt: Number(row.next_at),
        };
  }

  sent(id: number, now: number): void {
    this.#done(id, "sent", null, now);
  }

  /** The receiver refused it for good. */
  refused(id: number, problem: string, now: number): void {
    this.#done(id, "refused", problem, now);
  }

  #done(id: number, outcome: string, problem: string | null, now: number): void {
    this.#database.run(
      `UPDATE outbox SET outcome = :outcome, problem = :problem, done_at = :now,
         attempts = attempts + 1 WHERE id = :id`,
      { id, outcome, problem, now },
    );
  }

  /** It is tried again at `nextAt`. */
  failed(id: number, problem: string, nextAt: number): void {
    this.#database.run(
      `UPDATE outbox SET attempts = attempts + 1, next_at = :nextAt, problem = :problem
       WHERE id = :id`,
      { id, nextAt, problem },
    );
  }

  /** Letters of each route by what became of them: waiting, sent, refused. */
  counts(): { route: string; outcome: string; count: number }[] {
    return this.#database
      .all("SELECT route, outcome, count(*) AS count FROM outbox GROUP BY route, outcome")
      .map((row) => ({
        route: String(row.route),
        outcome: String(row.outcome),
        count: Number(row.count),
      }));
  }

  /** When each way last took a notice of each severity, in ms since 1970. */
  lastSent(): { route: string; severity: Severity; time: number }[] {
    return this.#database
      .all(
        `SELECT route, notice ->> 'severity' AS severity, max(done_at) AS time FROM outbox
         WHERE outcome = 'sent' GROUP BY route, severity`,
      )
      .map((row) => ({
        route: String(row.route),
        severity: row.severity as Severity,
        time: Number(row.time),
      }));
  }

  /** Keeps what became of a test, in place of the one before. */
  tested(test: RouteTest): void {
    this.#database.run(
      `INSERT OR REPLACE INTO route_tests (route, severity, time, outcome, problem)
       VALUES (:route, :severity, :time, :outcome, :problem)`,
      { ...test, problem: test.problem ?? null },
    );
  }

  tests(): RouteTest[] {
    return this.#database.all("SELECT * FROM route_tests").map((row) => ({
      route: String(row.route),
      severity: row.severity as Severity,
      time: Number(row.time),
      outcome: row.outcome as RouteTest["outcome"],
      problem: typeof row.problem === "string" ? row.problem : undefined,
    }));
  }

  forgetBefore(time: number): number {
    return this.#database.run("DELETE FROM outbox WHERE made_at < :time AND outcome <> 'waiting'", {
      time,
    });
  }
}
