import type { FunctionSummary } from "../../monitor/store/chain-store.ts";
import type { Span } from "../../monitor/store/span.ts";
import type { Store } from "../../monitor/store/store.ts";
import { percentile } from "../look/transactions.ts";

export const dayMs = 86_400_000;

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

/** How long an endpoint took to answer, in ms. */
interface EndpointTimes {
  readonly endpoint: string;
  readonly looks: number;
  readonly failed: number;
  readonly median: number;
  readonly slowest5Percent: number;
}

/** @param span whole days */
export function weekOf({ chain, database }: Store, span: Span): Week {
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
    endpoints: endpointTimes(database, span),
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

function endpointTimes(database: Store["database"], span: Span): EndpointTimes[] {
  const rows = database.all(
    "SELECT endpoint, answered_ms FROM looks WHERE time > :from AND time <= :to",
    { ...span },
  );
  const byEndpoint = Map.groupBy(rows, ({ endpoint }) => String(endpoint));
  return [...byEndpoint].map(([endpoint, looks]) => {
    const times = looks.flatMap(({ answered_ms: ms }) => (typeof ms === "number" ? [ms] : []));
    return {
      endpoint,
      looks: looks.length,
      failed: looks.length - times.length,
      median: percentile(times, 0.5),
      slowest5Percent: percentile(times, 0.95),
    };
  });
}

/** What of the second is not in the first: the part of a longer time that is before a shorter one. */
export function without(
  longer: readonly FunctionSummary[],
  shorter: readonly FunctionSummary[],
): FunctionSummary[] {
  const keyOf = (one: FunctionSummary) =>
    [one.program, one.kind, one.function, one.status].join(" ");
  const known = new Map(shorter.map((one) => [keyOf(one), one]));
  return longer.map((one) => {
    const part = known.get(keyOf(one));
    return {
      ...one,
      count: one.count - (part?.count ?? 0),
      fees: one.fees - (part?.fees ?? 0),
      creditsIn: one.creditsIn - (part?.creditsIn ?? 0),
      creditsOut: one.creditsOut - (part?.creditsOut ?? 0),
    };
  });
}
