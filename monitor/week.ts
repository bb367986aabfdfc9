import type { FunctionSummary } from "./store/chain-store.ts";
import type { EndpointTimes } from "./store/look-store.ts";
import type { Span } from "./store/span.ts";
import type { Store } from "./store/store.ts";

const dayMs = 86_400_000;
export const weekMs = 7 * dayMs;

/** What a network did within a stretch of days. */
export interface Week {
  readonly functions: readonly FunctionSummary[];
  /** One a day, the oldest first. */
  readonly days: readonly Day[];
  /** Mean time between two blocks, in ms; undefined where too few were seen. */
  readonly betweenBlocksMs: number | undefined;
  readonly endpoints: readonly EndpointTimes[];
}

export interface Day {
  /** `11-25`, in UTC: the day on which these 24 hours end. */
  readonly label: string;
  readonly accepted: number;
  readonly rejected: number;
  /** Microcredits. */
  readonly fees: number;
  readonly betweenBlocksMs: number | undefined;
}

/** @param span whole days */
export function weekOf({ chain, database, looks }: Store, span: Span): Week {
  const rows = database.all(
    `SELECT CAST((time - :from - 1) / ${dayMs} AS INTEGER) AS day, status, count(*) AS count, sum(fee) AS fees
     FROM transactions WHERE time > :from AND time <= :to AND kind = 'execute'
     GROUP BY day, status`,
    { ...span },
  );
  const count = (day: number, status: string, what: "count" | "fees") =>
    Number(rows.find((row) => row.day === day && row.status === status)?.[what] ?? 0);
  const days = Array.from({ length: Math.round((span.to - span.from) / dayMs) }, (_, day) => {
    const from = span.from + day * dayMs;
    return {
      label: new Date(from + dayMs).toISOString().slice(5, 10),
      accepted: count(day, "accepted", "count"),
      rejected: count(day, "rejected", "count"),
      fees: count(day, "accepted", "fees") + count(day, "rejected", "fees"),
      betweenBlocksMs: betweenBlocks(database, { from, to: from + dayMs }),
    };
  });
  return {
    functions: chain.totals(span),
    days,
    betweenBlocksMs: betweenBlocks(database, span),
    endpoints: looks.times(span),
  };
}

function betweenBlocks(database: Store["database"], span: Span): number | undefined {
  const row = database.get(
    `SELECT count(*) AS count, min(time) AS first, max(time) AS last FROM blocks
     WHERE time > :from AND time <= :to AND height > 0`,
    { ...span },
  );
  const count = Number(row?.count ?? 0);
  return count < 2 ? undefined : (Number(row?.last) - Number(row?.first)) / (count - 1);
}
