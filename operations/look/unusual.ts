import { median, type SeenTransaction } from "./transactions.ts";

/** Why a transaction stands out. */
export type Mark = "new caller" | "burst" | "large amount" | "high fee" | "admin";

export interface MarkOptions {
  /** Whether what the payers did before is known, so that a new one can be told. */
  readonly knowsPayers: boolean;
  /** Calls by one account within an hour from which on they are a burst. */
  readonly burst: number;
}

/** As the rule `calls` counts on testnet and mainnet. */
export const usualBurst = 200;

const hourMs = 3_600_000;
/** As the rules `outflow` and `fees`: so many times what is usual. */
const amountFactor = 5;
const feeFactor = 3;
/** From so few transactions nothing is usual. */
const least = 10;

const adminFunctions = /^(offer_admin|accept_admin|collect_fees|(un)?pause|import_\w+)$/;

/** What is unusual about each of the transactions of one program, which are the oldest first. */
export function marksOf(
  transactions: readonly SeenTransaction[],
  { knowsPayers, burst }: MarkOptions,
): Mark[][] {
  const usual = usualOf(transactions);
  const bursts = burstsOf(transactions, burst);
  return transactions.map((transaction, place) => {
    const { amounts, fees, count } = usual.get(transaction.function) ?? nothing;
    const isKnown = count >= least;
    const marks: Mark[] = [];
    if (knowsPayers && transaction.isFirstOfPayer) marks.push("new caller");
    if (bursts.has(place)) marks.push("burst");
    if (isKnown && amounts > 0 && amountOf(transaction) > amountFactor * amounts) {
      marks.push("large amount");
    }
    if (isKnown && transaction.fee > feeFactor * fees) marks.push("high fee");
    if (adminFunctions.test(transaction.function)) marks.push("admin");
    return marks;
  });
}

/** Microcredits into and out of the program. */
export function amountOf({ creditsIn, creditsOut }: SeenTransaction): number {
  return creditsIn + creditsOut;
}

const nothing = { amounts: 0, fees: 0, count: 0 };

/** Median amount and fee of each function. */
function usualOf(transactions: readonly SeenTransaction[]): ReadonlyMap<string, typeof nothing> {
  const byFunction = Map.groupBy(transactions, (one) => one.function);
  return new Map(
    [...byFunction].map(([name, calls]) => [
      name,
      {
        amounts: median(calls.map(amountOf)),
        fees: median(calls.map(({ fee }) => fee)),
        count: calls.length,
      },
    ]),
  );
}

/** Places of the calls of accounts that made more than `burst` within an hour, up to that call. */
function burstsOf(transactions: readonly SeenTransaction[], burst: number): ReadonlySet<number> {
  const found = new Set<number>();
  const recent = new Map<string, number[]>();
  for (const [place, { payer, time, kind }] of transactions.entries()) {
    if (payer === null || kind !== "execute") continue;
    const times = recent.get(payer) ?? [];
    recent.set(payer, times);
    times.push(time);
    // Only the last `burst` matter: the one before them is older than an hour, or there is a burst.
    if (times.length > burst + 1) times.shift();
    if (times.length > burst && time - (times[0] ?? 0) < hourMs) found.add(place);
  }
  return found;
}
