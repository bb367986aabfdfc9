import type { ObservedBlock, ObservedTransaction } from "../chain/observe.ts";
import { DatabaseError } from "../errors.ts";
import { CallerStore } from "./caller-store.ts";
import type { Database } from "./database.ts";
import { DetailStore } from "./detail-store.ts";
import type { Span } from "./span.ts";
import { TallyStore } from "./tally-store.ts";

/** The last block that was read. */
export interface Cursor {
  readonly height: number;
  /** Empty where the monitor begins right behind this block and has not read it. */
  readonly hash: string;
  /** When the block was made, in ms; 0 where it was not read. */
  readonly time: number;
}

export interface CallCounts {
  readonly accepted: number;
  readonly rejected: number;
}

export interface Flows {
  /** Microcredits. */
  readonly creditsIn: number;
  readonly creditsOut: number;
}

/** Transactions that are alike, counted. */
export interface FunctionSummary {
  readonly program: string;
  readonly kind: string;
  readonly function: string;
  readonly status: string;
  readonly count: number;
  /** Microcredits. */
  readonly fees: number;
  readonly creditsIn: number;
  readonly creditsOut: number;
}

/** Blocks and transactions as they were read, and the place up to which they were. */
export class ChainStore {
  /** What single transactions did. */
  readonly details: DetailStore;
  readonly #database: Database;
  readonly #tallies: TallyStore;
  readonly #callers: CallerStore;

  constructor(database: Database) {
    this.#database = database;
    this.details = new DetailStore(database);
    this.#tallies = new TallyStore(database);
    this.#callers = new CallerStore(database);
  }

  cursor(): Cursor | undefined {
    const row = this.#database.get("SELECT height, hash, time FROM cursor");
    return row === undefined
      ? undefined
      : { height: Number(row.height), hash: String(row.hash), time: Number(row.time) };
  }

  /** Sets the place to begin at, in a database that has none. */
  begin(cursor: Cursor): void {
    this.#database.run("INSERT INTO cursor VALUES (1, :height, :hash, :time)", { ...cursor });
  }

  /**
   * Takes a block, which must be the next one; inside `atomically`.
   * @throws DatabaseError where another process moved the cursor
   */
  add(block: ObservedBlock): void {
    const { height, hash, time, transactions, aborted } = block;
    const moved = this.#database.run(
      "UPDATE cursor SET height = :height, hash = :hash, time = :time WHERE height = :before",
      { height, hash, time, before: height - 1 },
    );
    if (moved !== 1) {
      throw new DatabaseError(`Another monitor has written block ${height} to this database.`, {
        remedy: "One monitor has one database: end one of them, or set MONITOR_DATABASE.",
      });
    }
    this.#database.run(
      "INSERT INTO blocks VALUES (:height, :hash, :time, :transactions, :aborted)",
      { height, hash, time, transactions, aborted: aborted.length },
    );
    for (const transaction of block.watched) this.#addTransaction(transaction, block);
    for (const [program, transactions] of byProgram(block.watched)) {
      this.#tallies.add(program, block, transactions);
    }
    this.details.add(block);
  }

  #addTransaction(transaction: ObservedTransaction, { height, time }: ObservedBlock): void {
    const { id, position, program, kind, status, payer = null, fee, edition } = transaction;
    const { creditsIn, creditsOut, changes } = transaction;
    this.#database.run(
      `INSERT INTO transactions (id, position, program, height, time, kind, function, status, payer,
         fee, credits_in, credits_out, operations, edition, owner, is_amendment)
       VALUES (:id, :position, :program, :height, :time, :kind, :function, :status, :payer,
         :fee, :creditsIn, :creditsOut, :operations, :edition, :owner, :isAmendment)`,
      {
        ...{ id, position, program, height, time, kind, status, payer },
        ...{ fee, creditsIn, creditsOut, operations: changes.length },
        function: transaction.function,
        edition: edition?.edition ?? null,
        owner: edition?.owner ?? null,
        isAmendment: edition?.isAmendment === true ? 1 : 0,
      },
    );
    if (payer === null) return;
    this.#database.run("INSERT OR IGNORE INTO payers VALUES (:program, :payer, :time)", {
      program,
      payer,
      time,
    });
  }

  /** Keeps under which id a rejected transaction was sent, once a node has told. */
  nameOriginal(id: string, sentAs: string): void {
    this.#database.run("UPDATE transactions SET sent_as = :sentAs WHERE id = :id", { id, sentAs });
  }

  /** Ids of the latest rejected transactions of which it is not known yet as what they were sent. */
  unnamed(limit: number): string[] {
    return this.#database
      .all(
        `SELECT DISTINCT id, height FROM transactions WHERE status = 'rejected' AND sent_as IS NULL
         ORDER BY height DESC LIMIT :limit`,
        { limit },
      )
      .map(({ id }) => String(id));
  }

  hashAt(height: number): string | undefined {
    const row = this.#database.get("SELECT hash FROM blocks WHERE height = :height", { height });
    return row === undefined ? undefined : String(row.hash);
  }

  /** Calls of a program that were accepted and rejected. */
  calls(program: string, span: Span): CallCounts {
    const { accepted, rejected } = this.#tallies.within(program, span);
    return { accepted, rejected };
  }

  /** How often each of these functions of a program was called and accepted. */
  callsOf(program: string, functions: readonly string[], span: Span): Map<string, number> {
    return new Map(
      functions.flatMap((name) => {
        const row = this.#database.get(
          `SELECT count(*) AS count FROM transactions
           WHERE program = :program AND function = :name AND time > :from AND time <= :to
             AND kind = 'execute' AND status = 'accepted'`,
          { program, name, ...span },
        );
        const count = Number(row?.count);
        return count === 0 ? [] : [[name, count] as const];
      }),
    );
  }

  /** The account that called a program most often. */
  busiestPayer(program: string, span: Span): { payer: string; calls: number } | undefined {
    return this.#callers.busiest(program, span);
  }

  /** Accounts that called a program for the first time. */
  newPayers(program: string, { from, to }: Span): number {
    const row = this.#database.get(
      `SELECT count(*) AS count FROM payers
       WHERE program = :program AND first_time > :from AND first_time <= :to`,
      { program, from, to },
    );
    return Number(row?.count ?? 0);
  }

  flows(program: string, span: Span): Flows {
    const { creditsIn, creditsOut } = this.#tallies.within(program, span);
    return { creditsIn, creditsOut };
  }

  /** What a call cost, in microcredits. */
  fees(program: string, span: Span): { mean: number; calls: number } {
    const { fees, accepted, rejected } = this.#tallies.within(program, span);
    const calls = accepted + rejected;
    return { mean: calls === 0 ? 0 : fees / calls, calls };
  }

  /** When the first block that the monitor has read was made, in ms; the genesis block is older than its network. */
  firstTime(): number | undefined {
    const row = this.#database.get(
      "SELECT time FROM blocks WHERE height > 0 ORDER BY height LIMIT 1",
    );
    return row === undefined ? undefined : Number(row.time);
  }

  /** Transactions of each program by kind, function and status, the most frequent first; aborted ones as far as a node told what they were. */
  totals(span: Span): FunctionSummary[] {
    return this.#database
      .all(
        `SELECT program, kind, function, status, count(*) AS count, sum(fee) AS fees,
           sum(credits_in) AS credits_in, sum(credits_out) AS credits_out
         FROM (
           SELECT program, kind, function, status, fee, credits_in, credits_out
           FROM transactions WHERE time > :from AND time <= :to
           UNION ALL
           SELECT program, iif(function = '', 'deploy', 'execute'), function, 'aborted', 0, 0, 0
           FROM aborted JOIN aborted_parts USING (id) WHERE time > :from AND time <= :to
         )
         GROUP BY program, kind, function, status ORDER BY program, count DESC, function`,
        { ...span },
      )
      .map((row) => ({
        program: String(row.program),
        kind: String(row.kind),
        function: String(row.function),
        status: String(row.status),
        count: Number(row.count),
        fees: Number(row.fees),
        creditsIn: Number(row.credits_in),
        creditsOut: Number(row.credits_out),
      }));
  }

  /** Forgets what is older. Returns how many rows went. */
  forgetBefore(time: number): number {
    this.#callers.forget();
    return (
      this.details.forgetBefore(time) +
      this.#tallies.forgetBefore(time) +
      this.#database.run("DELETE FROM transactions WHERE time < :time", { time }) +
      this.#database.run("DELETE FROM blocks WHERE time < :time", { time })
    );
  }
}

function byProgram(watched: readonly ObservedTransaction[]): Map<string, ObservedTransaction[]> {
  return Map.groupBy(watched, ({ program }) => program);
}
