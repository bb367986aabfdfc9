import { performance } from "node:perf_hooks";
import type { ObservedTransaction } from "../monitor/chain/observe.ts";
import type { Store } from "../monitor/store/store.ts";
import { admin, alice, bob, stranger } from "../tests/contracts/accounts.ts";
import { fire, serve } from "../tests/monitor/dashboard/served.ts";
import { median } from "./measure.ts";

/**
 * How long each page of the dashboard takes with a day of mainnet in the store:
 * `node bench/dashboard.ts [blocks] [runs]`.
 */
const blocks = Number(process.argv[2] ?? 29_000);
const runs = Number(process.argv[3] ?? 20);
const transactionsPerBlock = 10_000 / 29_000;
const dayMs = 86_400_000;
const goalMs = 100;
/** At each endpoint once a minute, as a monitor of a public network does. */
const looks = 1_440;
const programs = [
  "agent_registry_v2.aleo",
  "trust_verifier_v2.aleo",
  "agent_registry_v3.aleo",
  "trust_verifier_v3.aleo",
];
const payers = [admin, alice, bob, stranger].map(({ address }) => address);

const served = await serve({ programs });
try {
  const transactions = fill(served.store);
  const incident = fire(served.store, { subject: programs[2] ?? "" });
  const site = await served.server.listen({ host: "127.0.0.1", port: 0 });
  console.log(`The dashboard over ${blocks} blocks, ${transactions} transactions, ${looks} looks`);
  for (const path of [
    "/",
    `/programs/${programs[2] ?? ""}`,
    "/incidents",
    `/incidents/${incident}`,
    "/backups",
    "/escalation",
  ]) {
    const first = await pageTime(site, path);
    const again: number[] = [];
    for (let run = 0; run < runs; run += 1) again.push(await pageTime(site, path));
    const slowest = Math.max(...again);
    console.log(
      `  ${path.padEnd(34)} median ${median(again).toFixed(1)} ms, most ${slowest.toFixed(1)} ms, ` +
        `first ${first.toFixed(1)} ms (goal at most ${goalMs} ms)`,
    );
  }
} finally {
  await served.close();
}

async function pageTime(site: string, path: string): Promise<number> {
  const begun = performance.now();
  const answer = await fetch(site + path);
  await answer.text();
  if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}`);
  return performance.now() - begun;
}

/** A day up to now, as the monitor would have read it. */
function fill(store: Store): number {
  const end = Date.now();
  let transactions = 0;
  store.database.atomically(() => {
    store.chain.begin({ height: 0, hash: "", time: 0 });
    for (const [number, program] of programs.entries()) {
      store.chain.details.nameMapping(`${number}field`, program, "agents");
    }
    for (let height = 1; height <= blocks; height += 1) {
      const time = end - dayMs + Math.floor((height * dayMs) / blocks / 1_000) * 1_000;
      const isBusy = Math.floor(height * transactionsPerBlock) > transactions;
      const watched = isBusy ? [transactionOf(transactions)] : [];
      transactions += watched.length;
      store.chain.add({
        ...{ height, time, watched, hash: `ab1${height}`, previousHash: `ab1${height - 1}` },
        ...{ transactions: 1, aborted: [] },
      });
    }
    for (let look = 0; look < looks; look += 1) {
      for (const endpoint of ["https://one.example", "https://two.example"]) {
        const time = end - dayMs + look * (dayMs / looks);
        store.looks.add({
          ...{ endpoint, time, answeredMs: 100 + (look % 97), height: look, hash: "ab1" },
          problem: undefined,
        });
      }
    }
  });
  return transactions;
}

function transactionOf(number: number): ObservedTransaction {
  const isAccepted = number % 20 !== 0;
  return {
    ...{ id: `at1${number}`, position: 0, kind: "execute", function: `function_${number % 12}` },
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
