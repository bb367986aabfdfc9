import type { Span } from "./span.ts";
import type { Database, Row } from "./database.ts";

/** One transaction's part in one program, as people are shown it. */
export interface SeenTransaction {
  /** As it stands in the block: for a rejected one, the id of its fee transaction. */
  readonly id: string;
  /** The id under which a rejected one was sent; undefined where it is not known. */
  readonly sentAs: string | undefined;
  readonly program: string;
  readonly height: number;
  /** When its block was made, in ms. */
  readonly time: number;
  readonly kind: "execute" | "deploy" | "transfer";
  readonly function: string;
  readonly status: "accepted" | "rejected";
  readonly payer: string | undefined;
  /** Microcredits. */
  readonly fee: number;
  readonly creditsIn: number;
  readonly creditsOut: number;
  /** Mapping entries that it set or removed. */
  readonly operations: number;
  readonly edition: number | undefined;
  readonly owner: string | undefined;
}

export interface FunctionActivity {
  readonly function: string;
  readonly accepted: number;
  readonly rejected: number;
  /** Microcredits. */
  readonly fees: number;
  /** Mapping entries set or removed. */
  readonly operations: number;
}

export interface Caller {
  readonly address: string;
  readonly calls: number;
  readonly rejected: number;
  /** Microcredits. */
  readonly fees: number;
  /** In ms. */
  readonly lastTime: number;
  /** Whether its first call that the monitor knows is within the time that was asked for. */
  readonly isNew: boolean;
}

/** How often the entries of a mapping were changed. */
export interface ChangedMapping {
  readonly mapping: string;
  readonly set: number;
  readonly removed: number;
  /** How many different entries these were. */
  readonly entries: number;
}

/** An entry of a mapping that some rule looks at. */
export interface WatchedEntry {
  /** `paused[0u8]`. */
  readonly entry: string;
  /** Undefined where the mapping has no such entry. */
  readonly value: string | undefined;
  /** In ms. */
  readonly changedAt: number;
  readonly readAt: number;
}

/** What became of one notice of an alert. */
export interface Told {
  readonly route: string;
  readonly action: string;
  readonly outcome: string;
  readonly attempts: number;
  /** In ms. */
  readonly madeAt: number;
  readonly doneAt: number | undefined;
  readonly problem: string | undefined;
}

/** What the dashboard shows of what was read: it changes nothing. */
export class ActivityStore {
  readonly #database: Database;
  readonly #answers = new Map<string, { to: number; longest: Map<number, number> }>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** The latest transactions, the newest first; of one program where it is named. */
  latest(limit: number, program?: string): SeenTransaction[] {
    const where = program === undefined ? "" : "WHERE program = :program";
    return this.#database
      .all(
        `SELECT * FROM transactions ${where} ORDER BY time DESC, height DESC, id LIMIT :limit`,
        program === undefined ? { limit } : { limit, program },
      )
      .map(transactionOf);
  }

  /** Transactions in blocks above a height, the newest first, and of these the latest. */
  above(height: number, limit: number): SeenTransaction[] {
    const block = this.#database.get("SELECT time FROM blocks WHERE height = :height", { height });
    // By time first, which has an index; blocks carry whole seconds, so that two may have the same.
    return this.#database
      .all(
        `SELECT * FROM transactions WHERE time >= :time AND height > :height
         ORDER BY time DESC, height DESC, id LIMIT :limit`,
        { time: Number(block?.time ?? 0), height, limit },
      )
      .map(transactionOf);
  }

  /** The endpoints that were looked at after a time. */
  endpoints(from: number): string[] {
    // One step through the index for each endpoint instead of one for each look.
    return this.#database
      .all(
        `WITH RECURSIVE known (endpoint) AS (
           SELECT min(endpoint) FROM looks
           UNION ALL
           SELECT (SELECT min(endpoint) FROM looks WHERE endpoint > known.endpoint)
           FROM known WHERE known.endpoint IS NOT NULL)
         SELECT endpoint FROM known WHERE endpoint IS NOT NULL
           AND EXISTS (SELECT 1 FROM looks WHERE looks.endpoint = known.endpoint AND time > :from)`,
        { from },
      )
      .map((row) => String(row.endpoint));
  }

  /**
   * The longest answer of an endpoint in each step of time, in ms, by the step's end; steps without
   * answers are left out. Steps that are over for a while are kept: nothing is added to them.
   * @param span whole steps
   */
  longestAnswers(endpoint: string, { from, to }: Span, stepMs: number): Map<number, number> {
    const known = this.#answers.get(endpoint) ?? { to: from, longest: new Map<number, number>() };
    const begin = Math.max(from, known.to);
    for (const end of known.longest.keys()) if (end <= from) known.longest.delete(end);
    const rows = this.#database.all(
      `SELECT CAST((time - :begin - 1) / :stepMs AS INTEGER) AS step, max(answered_ms) AS longest
       FROM looks
       WHERE endpoint = :endpoint AND time > :begin AND time <= :to AND answered_ms IS NOT NULL
       GROUP BY step ORDER BY step`,
      { endpoint, begin, to, stepMs },
    );
    let last = begin;
    for (const row of rows) {
      last = begin + (Number(row.step) + 1) * stepMs;
      known.longest.set(last, Number(row.longest));
    }
    const { longest } = known;
    this.#answers.set(endpoint, { to: Math.max(begin, last - 2 * stepMs), longest });
    return longest;
  }

  /** Calls of a program by function, the most frequent first. */
  functions(program: string, { from, to }: Span): FunctionActivity[] {
    return this.#database
      .all(
        `SELECT function, sum(status = 'accepted') AS accepted, sum(status = 'rejected') AS rejected,
           sum(fee) AS fees, sum(operations) AS operations, count(*) AS calls
         FROM transactions
         WHERE program = :program AND time > :from AND time <= :to AND kind = 'execute'
         GROUP BY function ORDER BY calls DESC, function`,
        { program, from, to },
      )
      .map((row) => ({
        function: String(row.function),
        accepted: Number(row.accepted),
        rejected: Number(row.rejected),
        fees: Number(row.fees),
        operations: Number(row.operations),
      }));
  }

  /** The accounts that called a program most often. */
  callers(program: string, { from, to }: Span, limit: number): Caller[] {
    return this.#database
      .all(
        `SELECT payer, calls, rejected, fees, last_time, (SELECT first_time FROM payers
             WHERE payers.program = :program AND payers.payer = busiest.payer) AS first_time
         FROM (SELECT payer, count(*) AS calls, sum(status = 'rejected') AS rejected,
                 sum(fee) AS fees, max(time) AS last_time
               FROM transactions
               WHERE program = :program AND time > :from AND time <= :to
                 AND kind = 'execute' AND payer IS NOT NULL
               GROUP BY payer ORDER BY calls DESC, payer LIMIT :limit) AS busiest`,
        { program, from, to, limit },
      )
      .map((row) => ({
        address: String(row.payer),
        calls: Number(row.calls),
        rejected: Number(row.rejected),
        fees: Number(row.fees),
        lastTime: Number(row.last_time),
        isNew: Number(row.first_time) > from,
      }));
  }

  /** How often transactions that call a program changed its mappings, the most often first. */
  changedMappings(program: string, { from, to }: Span): ChangedMapping[] {
    return this.#database
      .all(
        `SELECT name, count(*) - sum(is_removed) AS was_set, sum(is_removed) AS removed,
           count(DISTINCT key) AS entries
         FROM transactions JOIN changes USING (height, position)
         JOIN mappings ON mappings.number = changes.mapping
         WHERE transactions.program = :program AND time > :from AND time <= :to
           AND mappings.program = :program
         GROUP BY mapping ORDER BY count(*) DESC, name`,
        { program, from, to },
      )
      .map((row) => ({
        mapping: String(row.name),
        set: Number(row.was_set),
        removed: Number(row.removed),
        entries: Number(row.entries),
      }));
  }

  /** The entries of a program's mappings that rules look at, the last changed first. */
  entries(program: string): WatchedEntry[] {
    const prefix = `entry:${program}/`;
    return this.#database
      .all(
        `SELECT name, value, changed_at, read_at FROM probes
         WHERE name >= :prefix AND name < :end ORDER BY changed_at DESC, name`,
        { prefix, end: `entry:${program}0` },
      )
      .map((row) => ({
        entry: String(row.name).slice(prefix.length),
        value: typeof row.value === "string" ? row.value : undefined,
        changedAt: Number(row.changed_at),
        readAt: Number(row.read_at),
      }));
  }

  /** Alerts that are resolved, the last one first, from before the alert with this id. */
  resolved(limit: number, before: number): number[] {
    return this.#database
      .all(
        `SELECT id FROM alerts WHERE status = 'resolved' AND fired_at IS NOT NULL AND id < :before
         ORDER BY id DESC LIMIT :limit`,
        { before, limit },
      )
      .map((row) => Number(row.id));
  }

  /** The notices of one alert, in the order in which they were written. */
  told(dedupKey: string): Told[] {
    return this.#database
      .all("SELECT * FROM outbox WHERE dedup_key = :dedupKey ORDER BY id", { dedupKey })
      .map((row) => ({
        route: String(row.route),
        action: (JSON.parse(String(row.notice)) as { action: string }).action,
        outcome: String(row.outcome),
        attempts: Number(row.attempts),
        madeAt: Number(row.made_at),
        doneAt: typeof row.done_at === "number" ? row.done_at : undefined,
        problem: typeof row.problem === "string" ? row.problem : undefined,
      }));
  }
}

function transactionOf(row: Row): SeenTransaction {
  const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);
  return {
    id: String(row.id),
    sentAs: text(row.sent_as),
    program: String(row.program),
    height: Number(row.height),
    time: Number(row.time),
    kind: row.kind as SeenTransaction["kind"],
    function: String(row.function),
    status: row.status as SeenTransaction["status"],
    payer: text(row.payer),
    fee: Number(row.fee),
    creditsIn: Number(row.credits_in),
    creditsOut: Number(row.credits_out),
    operations: Number(row.operations),
    edition: typeof row.edition === "number" ? row.edition : undefined,
    owner: text(row.owner),
  };
}
