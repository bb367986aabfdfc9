import type { ObservedTransaction } from "../chain/observe.ts";
import type { Span } from "./span.ts";
import type { Database } from "./database.ts";

/** What happened to a program within a stretch of time; amounts are microcredits. */
export interface Tally {
  /** Calls. */
  readonly accepted: number;
  readonly rejected: number;
  /** Of the calls. */
  readonly fees: number;
  readonly creditsIn: number;
  readonly creditsOut: number;
}

const newest = (until: string) =>
  `(SELECT * FROM tallies WHERE program = :program ${until}
    ORDER BY time DESC, height DESC LIMIT 1)`;

/** Sums from the beginning on, so that those of any stretch of time are a difference. */
export class TallyStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Adds a program's part in a block, which is the newest. */
  add(
    program: string,
    { height, time }: { readonly height: number; readonly time: number },
    transactions: readonly ObservedTransaction[],
  ): void {
    const calls = transactions.filter(({ kind }) => kind === "execute");
    const count = (wanted: string) => calls.filter(({ status }) => status === wanted).length;
    const sum = (
      of: readonly ObservedTransaction[],
      amount: (transaction: ObservedTransaction) => bigint,
    ) => of.reduce((total, transaction) => total + amount(transaction), 0n);
    this.#database.run(
      `INSERT INTO tallies
       SELECT :program, max(:time, coalesce(time, 0)), :height,
         coalesce(accepted, 0) + :accepted, coalesce(rejected, 0) + :rejected,
         coalesce(fees, 0) + :fees,
         coalesce(credits_in, 0) + :creditsIn, coalesce(credits_out, 0) + :creditsOut
       FROM (SELECT 1) LEFT JOIN ${newest("")} ON TRUE`,
      {
        ...{ program, height, time, accepted: count("accepted"), rejected: count("rejected") },
        fees: sum(calls, ({ fee }) => fee),
        creditsIn: sum(transactions, ({ creditsIn }) => creditsIn),
        creditsOut: sum(transactions, ({ creditsOut }) => creditsOut),
      },
    );
  }

  within(program: string, span: Span): Tally {
    const row = this.#database.get(
      `SELECT upTo.accepted - coalesce(before.accepted, 0) AS accepted,
         upTo.rejected - coalesce(before.rejected, 0) AS rejected,
         upTo.fees - coalesce(before.fees, 0) AS fees,
         upTo.credits_in - coalesce(before.credits_in, 0) AS credits_in,
         upTo.credits_out - coalesce(before.credits_out, 0) AS credits_out
       FROM ${newest("AND time <= :to")} AS upTo
       LEFT JOIN ${newest("AND time <= :from")} AS before ON TRUE`,
      { program, ...span },
    );
    return {
      accepted: Number(row?.accepted ?? 0),
      rejected: Number(row?.rejected ?? 0),
      fees: Number(row?.fees ?? 0),
      creditsIn: Number(row?.credits_in ?? 0),
      creditsOut: Number(row?.credits_out ?? 0),
    };
  }

  /** Forgets what is older, all but the last sum before it, from which later ones are counted. */
  forgetBefore(time: number): number {
    const forgotten = this.#database.run(
      `DELETE FROM tallies WHERE time < :time AND EXISTS (
         SELECT 1 FROM tallies AS later
         WHERE later.program = tallies.program AND later.time < :time
           AND (later.time, later.height) > (tallies.time, tallies.height))`,
      { time },
    );
    this.#database.run("UPDATE tallies SET time = 0 WHERE time < :time", { time });
    return forgotten;
  }
}
