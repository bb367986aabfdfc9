import type { ObservedTransaction } from "../monitor/chain/observe.ts";
import type { Store } from "../monitor/store/store.ts";
import { admin, alice, bob, stranger } from "../tests/contracts/accounts.ts";

const dayMs = 86_400_000;
/** At each endpoint once a minute, as a monitor of a public network does. */
const looksPerDay = 1_440;
/** As busy as 10,000 transactions in 29,000 blocks. */
const transactionsPerBlock = 10_000 / 29_000;
const payers = [admin, alice, bob, stranger].map(({ address }) => address);

/** How much is in a store. */
export interface Stored {
  readonly blocks: number;
  readonly transactions: number;
  readonly looks: number;
}

/** Fills a store with days up to now, as the monitor of a busy network would have read them. */
export function storeDays(
  store: Store,
  options: {
    readonly days: number;
    readonly blocksPerDay: number;
    /** Whose transactions they are, in turn. */
    readonly programs: readonly string[];
  },
): Stored {
  const { days, blocksPerDay, programs } = options;
  const blocks = days * blocksPerDay;
  const begin = Date.now() - days * dayMs;
  const looks = looksPerDay * days;
  let transactions = 0;
  store.database.atomically(() => {
    store.chain.begin({ height: 0, hash: "", time: 0 });
    for (const [number, program] of programs.entries()) {
      store.chain.details.nameMapping(`${number}field`, program, "agents");
    }
    for (let height = 1; height <= blocks; height += 1) {
      const time = begin + Math.floor((height * dayMs) / blocksPerDay / 1_000) * 1_000;
      const isBusy = Math.floor(height * transactionsPerBlock) > transactions;
      const watched = isBusy ? [transactionOf(transactions, programs)] : [];
      transactions += watched.length;
      store.chain.add({
        ...{ height, time, watched, hash: idOf("ab1", height) },
        ...{ previousHash: idOf("ab1", height - 1), transactions: 1, aborted: [] },
      });
    }
    for (let look = 0; look < looks; look += 1) {
      for (const endpoint of ["https://one.example", "https://two.example"]) {
        const time = begin + look * (dayMs / looksPerDay);
        store.looks.add({
          ...{ endpoint, time, answeredMs: 100 + (look % 97), height: look, hash: "ab1" },
          problem: undefined,
        });
      }
    }
  });
  return { blocks, transactions, looks };
}

function transactionOf(number: number, programs: readonly string[]): ObservedTransaction {
  const isAccepted = number % 20 !== 0;
  return {
    ...{ id: idOf("at1", number), position: 0, kind: "execute" },
    function: `function_${number % 12}`,
    program: programs[number % programs.length] ?? "",
    status: isAccepted ? "accepted" : "rejected",
    payer: payers[number % payers.length],
    ...{ fee: 52_000n, creditsIn: isAccepted ? 1_100_000n : 0n, creditsOut: 0n, movements: [] },
    changes: Array.from({ length: 5 }, (_, change) => ({
      mappingId: `${number % programs.length}field`,
      keyId: `${(number * 5 + change) % 3_000}field`,
      isRemoved: false,
    })),
    edition: undefined,
  };
}

/** As long as those of the chain. */
function idOf(prefix: string, number: number): string {
  return prefix + String(number).padStart(58, "q");
}
