import type { Span } from "../../monitor/store/span.ts";
import type { Database, Row } from "../../monitor/store/database.ts";

/** One transaction's part in a program, as the monitor keeps it. */
export interface SeenTransaction {
  /** As it stands in its block; for a rejected one that of its fee. */
  readonly id: string;
  readonly height: number;
  /** When its block was made, in ms since 1970. */
  readonly time: number;
  readonly program: string;
  readonly kind: string;
  /** Empty for a deployment. */
  readonly function: string;
  readonly status: string;
  /** Null for a fee out of a private record. */
  readonly payer: string | null;
  /** Microcredits. */
  readonly fee: number;
  readonly creditsIn: number;
  readonly creditsOut: number;
  /** Whether its payer never paid for a call of the program before. */
  readonly isFirstOfPayer: boolean;
}

/** The transactions of a program within a time, the oldest first. */
export function transactionsOf(
  database: Database,
  program: string,
  span: Span,
  status?: "rejected",
): SeenTransaction[] {
  return database
    .all(
      `SELECT t.id, t.height, t.time, t.program, t.kind, t.function, t.status, t.payer, t.fee,
         t.credits_in, t.credits_out, t.time = p.first_time AS is_first
       FROM transactions AS t
       LEFT JOIN payers AS p ON p.program = t.program AND p.payer = t.payer
       WHERE t.program = :program AND t.time > :from AND t.time <= :to
         ${status === undefined ? "" : "AND t.status = 'rejected'"}
       ORDER BY t.time, t.height, t.id`,
      { program, ...span },
    )
    .map(seen);
}

function seen(row: Row): SeenTransaction {
  return {
    id: String(row.id),
    height: Number(row.height),
    time: Number(row.time),
    program: String(row.program),
    kind: String(row.kind),
    function: String(row.function),
    status: String(row.status),
    payer: typeof row.payer === "string" ? row.payer : null,
    fee: Number(row.fee),
    creditsIn: Number(row.credits_in),
    creditsOut: Number(row.credits_out),
    isFirstOfPayer: row.is_first === 1,
  };
}

/** What it is called in a table: its function, or `deploy`. */
export function nameOfCall({ function: name, kind }: Pick<SeenTransaction, "function" | "kind">) {
  return name === "" ? kind : name;
}

/** The middle one of some numbers; 0 where there are none. */
export function median(numbers: readonly number[]): number {
  return percentile(numbers, 0.5);
}

/** The number that this share of them does not exceed; 0 where there are none. */
export function percentile(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}
